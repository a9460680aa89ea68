/**
 * Faults of one line each, as somebody might really make them: in the demultiplexer, TCP, UDP, ARP, IP, the switch.
 * Each is a patch: `from` stands once in `file`, and `to` takes its place. test/tools/mutants.test.ts holds them to that.
 */
export interface Fault {
  /** `L5`, `T1`: by which the command line chooses it. */
  readonly id: string;
  readonly breaks: string;
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

export const FAULTS: readonly Fault[] = [
  // --- who gets a packet, who may have a port ---
  {
    id: 'L5',
    breaks: 'among equal listeners the oldest wins instead of the newest',
    file: 'src/sockets/demux/listeners.ts',
    from: 'if (score <= bestScore) continue;',
    to: 'if (score < bestScore || score === 0) continue;',
  },
  {
    id: 'L4',
    breaks: 'the wildcard listeners are asked first',
    file: 'src/sockets/demux/listeners.ts',
    from: 'const exact = this.bucket(local, localPort);',
    to: 'const exact = this.bucket(ANY_V4, localPort);',
  },
  {
    id: 'L6',
    breaks: 'a SO_REUSEPORT group does not end the search',
    file: 'src/sockets/demux/listeners.ts',
    from: 'if (socket.reusePort && socket.group !== null) {',
    to: 'if (socket.reusePort && socket.group !== null && socket.group.members.length > 1) {',
  },
  {
    id: 'L2',
    breaks: 'a connection is found whatever the device',
    file: 'src/sockets/tcp/flow.ts',
    from: 'if (flow.device === null || flow.device === device) return flow;',
    to: 'return flow;',
  },
  {
    id: 'L28',
    breaks: 'a device binding is worth nothing',
    file: 'src/sockets/demux/udp-lookup.ts',
    from: 'if (socket.device !== device) return -1;\n    score += 4;',
    to: 'if (socket.device !== device) return -1;',
  },
  {
    id: 'L30',
    breaks: 'a group that was connected from takes every datagram',
    file: 'src/sockets/demux/udp-lookup.ts',
    from: 'if (!group.hasConnections) return chosen;',
    to: 'return chosen;',
  },
  {
    id: 'L29',
    breaks: 'connect() leaves a UDP socket on the wildcard list',
    file: 'src/sockets/demux/udp-table.ts',
    from: 'if (seat.address !== address) {',
    to: 'if (false as boolean) {',
  },
  {
    id: 'L8',
    breaks: 'the hash always chooses the first member',
    file: 'src/sockets/demux/reuseport-group.ts',
    from: 'const start = Math.floor((hash * count) / 4294967296);',
    to: 'const start = hash * 0;',
  },
  {
    id: 'L15',
    breaks: 'SO_REUSEADDR helps against a listener',
    file: 'src/sockets/ports/bind-conflict.ts',
    from: 'newcomer.reuseAddr && holder.reuseAddr && !holder.isListening',
    to: 'newcomer.reuseAddr && holder.reuseAddr',
  },
  {
    id: 'L25',
    breaks: 'SO_REUSEPORT is for everybody, not for one owner',
    file: 'src/sockets/ports/udp-ports.ts',
    from: 'return holder.reusePort && newcomer.reusePort && holder.uid === newcomer.uid;',
    to: 'return holder.reusePort && newcomer.reusePort;',
  },
  {
    id: 'K6',
    breaks: 'the port forgets that its last user had SO_REUSEPORT',
    file: 'src/sockets/ports/bind-conflict.ts',
    from: "return strictness !== 'bind' || !bothReusePort;",
    to: 'return true || !bothReusePort;',
  },
  {
    id: 'L31',
    breaks: 'a broadcast goes to sockets bound to another address, too',
    file: 'src/sockets/demux/multicast-delivery.ts',
    from: 'if (!socket.localAddress.isUnspecified && socket.localAddress !== group) return false;',
    to: '',
  },
  // --- the same with IPv6 ---
  {
    id: 'V1',
    breaks: 'IPV6_V6ONLY sockets take IPv4 packets',
    file: 'src/sockets/demux/dual-stack.ts',
    from: 'if (local.family === 4) return !v6only;',
    to: 'if (local.family === 4) return true;',
  },
  {
    id: 'V2',
    breaks: 'a dual-stack wildcard takes no IPv4 packets',
    file: 'src/sockets/demux/dual-stack.ts',
    from: 'if (local.family === 4) return !v6only;',
    to: 'if (local.family === 4) return domain === 4;',
  },
  {
    id: 'V3',
    breaks: 'a mapped address is not IPv4 to bind()',
    file: 'src/sockets/inet-socket.ts',
    from: 'const address = local.address.unmapped();',
    to: 'const { address } = local;',
  },
  {
    id: 'V4',
    breaks: 'bind() to an IPv6 address does not make the socket IPv6-only',
    file: 'src/sockets/inet-socket.ts',
    from: 'if (isIpv6 && !address.isUnspecified) this.v6only = true;',
    to: '',
  },
  {
    id: 'V5',
    breaks: 'an IPv6-only socket connects to mapped addresses',
    file: 'src/sockets/inet6.ts',
    from: 'return socket.v6only ? -ENETUNREACH : { address: address.unmapped(), port };',
    to: 'return { address: address.unmapped(), port };',
  },
  {
    id: 'V6',
    breaks: 'a new IPv6-only wildcard conflicts with IPv4 names',
    file: 'src/sockets/demux/dual-stack.ts',
    from: 'if (a.family === 6) return a.isUnspecified && !newcomer.v6only;',
    to: 'if (a.family === 6) return a.isUnspecified;',
  },
  {
    id: 'V7',
    breaks: 'an IPv6-only wildcard that holds the port conflicts with IPv4 names',
    file: 'src/sockets/demux/dual-stack.ts',
    from: '  return !holder.v6only;\n}',
    to: '  return true;\n}',
  },
  {
    id: 'V8',
    breaks: 'for IPv4 a dual-stack listener is as good as an IPv4 one (L7)',
    file: 'src/sockets/demux/listeners.ts',
    from: 'const base = local.family === 4 && socket.domain === 4 ? 2 : 1;',
    to: 'const base = 1;',
  },
  {
    id: 'V9',
    breaks: 'for IPv4 a dual-stack UDP socket is as good as an IPv4 one (L28)',
    file: 'src/sockets/demux/udp-lookup.ts',
    from: 'let score = socket.domain === 4 ? 2 : 1;',
    to: 'let score = 1;',
  },
  {
    id: 'V10',
    breaks: 'the device is not looked at for IPv6 datagrams',
    file: 'src/sockets/demux/udp-lookup.ts',
    from: 'if (socket.device !== device) return -1;\n    score += 4;',
    to: 'if (socket.device !== device && remote.family === 4) return -1;\n    score += 4;',
  },
  {
    id: 'V11',
    breaks: 'a disconnected IPv6 socket forgets its last peer',
    file: 'src/sockets/demux/udp-lookup.ts',
    from: 'const peer = remote.family === 6 ? socket.lastPeer : socket.remoteAddress;',
    to: 'const peer = socket.remoteAddress;',
  },
  {
    id: 'V12',
    breaks: 'an AF_INET6 listener with SO_REUSEPORT goes to the front of its list',
    file: 'src/sockets/demux/listeners.ts',
    from: 'if (socket.reusePort && socket.domain === 6) bucket.addLast(node);\n    else bucket.addFirst(node);',
    to: 'bucket.addFirst(node);',
  },
  {
    id: 'V13',
    breaks: 'IPv6-only and dual-stack listeners are in one group',
    file: 'src/sockets/demux/listeners.ts',
    from: 'if (other.v6only !== socket.v6only) continue;',
    to: '',
  },
  // --- TCP ---
  {
    id: 'T1',
    breaks: 'bytes behind a hole are delivered at once',
    file: 'src/transport/tcp/reassembly.ts',
    from: 'if (seqGt(piece.seq, next)) break;',
    to: '',
  },
  {
    id: 'T2',
    breaks: 'the retransmission timer sends nothing again',
    file: 'src/transport/tcp/retransmission-timeout.ts',
    from: 'retransmit(tcb, 0, 1);\n  backOff(tcb);',
    to: 'backOff(tcb);',
  },
  {
    id: 'T3',
    breaks: 'an unanswered SYN is sent again after a millisecond',
    file: 'src/transport/tcp/handshake.ts',
    from: "tcb.timers.setTransmit('retransmit', now + TIMEOUT_INIT);",
    to: "tcb.timers.setTransmit('retransmit', now + TIMEOUT_INIT / 1000);",
  },
  {
    id: 'T4',
    breaks: 'sequence numbers do not wrap at 2^32',
    file: 'src/transport/tcp/seq.ts',
    from: 'return (a + n) >>> 0;',
    to: 'return a + n;',
  },
  {
    id: 'T5',
    breaks: 'sequence numbers are compared as numbers, not on the circle',
    file: 'src/transport/tcp/seq.ts',
    from: 'return ((a - b) | 0) > 0;',
    to: 'return a > b;',
  },
  {
    id: 'T6',
    breaks: 'a FIN takes no sequence number',
    file: 'src/transport/tcp/header.ts',
    from: 'return this.payload.size + ((this.flags >>> 1) & 1) + (this.flags & 1);',
    to: 'return this.payload.size + ((this.flags >>> 1) & 1);',
  },
  {
    id: 'T7',
    breaks: 'an ACK in SYN-SENT is not sent: the handshake stays half open until there is data',
    file: 'src/transport/tcp/segment-arrives.ts',
    from: 'delack.isScheduled = false;\n  sendAck(tcb);',
    to: 'delack.isScheduled = false;',
  },
  // --- UDP ---
  {
    id: 'U1',
    breaks: 'a datagram for a closed port is dropped in silence',
    file: 'src/sockets/udp/udp-layer.ts',
    from: 'this.#layer.ip.sendPortUnreachable(packet, arrival, datagram.size);',
    to: '',
  },
  // --- IP ---
  {
    id: 'I1',
    breaks: 'a router does not count the TTL down',
    file: 'src/network/ipv4-forward.ts',
    from: 'ETHERTYPE_IPV4, packet.withTtl(packet.ttl - 1)',
    to: 'ETHERTYPE_IPV4, packet.withTtl(packet.ttl)',
  },
  {
    id: 'I2',
    breaks: 'a router forwards a packet whose TTL has come to an end',
    file: 'src/network/ipv4-forward.ts',
    from: 'if (packet.ttl <= 1) {',
    to: 'if (packet.ttl <= 0) {',
  },
  {
    id: 'I3',
    breaks: 'every fragment says that it is the first',
    file: 'src/network/fragment.ts',
    from: 'packet.offset + from',
    to: 'packet.offset',
  },
  {
    id: 'I4',
    breaks: 'fragments are not cut at multiples of eight bytes',
    file: 'src/network/fragment.ts',
    from: 'left <= room ? left : room & ~7',
    to: 'left <= room ? left : room - 1',
  },
  // --- ARP ---
  {
    id: 'A1',
    breaks: 'whoever is asked answers without learning who asked',
    file: 'src/network/arp-protocol.ts',
    from: 'this.#hear(iface, arp, neighbours);\n        reply(iface, arp);',
    to: 'reply(iface, arp);',
  },
  {
    id: 'A2',
    breaks: 'an answer tells the MAC address of the one who asked',
    file: 'src/network/arp-protocol.ts',
    from: 'new ArpPacket(ARP_REPLY, iface.device.mac, targetIp,',
    to: 'new ArpPacket(ARP_REPLY, senderMac, targetIp,',
  },
  {
    id: 'A3',
    breaks: 'a reply teaches the MAC address of the one who asked',
    file: 'src/network/arp-protocol.ts',
    from: 'neighbours.update(neighbour, senderMac, state, { override });',
    to: 'neighbours.update(neighbour, arp.targetMac, state, { override });',
  },
  // --- the switch ---
  {
    id: 'S1',
    breaks: 'the switch learns every address at its first port',
    file: 'src/link/switch/learning-switch.ts',
    from: 'this.table.learn(frame.src, vid, port.number, this.#simulator.now);',
    to: 'this.table.learn(frame.src, vid, 0, this.#simulator.now);',
  },
  {
    id: 'S2',
    breaks: 'a flooded frame comes back to where it came from',
    file: 'src/link/switch/learning-switch.ts',
    from: 'if (port === from || !port.forwards(vid)) continue;',
    to: 'if (!port.forwards(vid)) continue;',
  },
  {
    id: 'S3',
    breaks: 'the switch floods what it has learned',
    file: 'src/link/switch/learning-switch.ts',
    from: 'const known = frame.dst.isGroup ? -1 : this.table.lookup(frame.dst, vid, this.#simulator.now);',
    to: 'const known = frame.dst.isGroup ? -1 : this.table.lookup(frame.dst, vid, this.#simulator.now) * 0 - 1;',
  },
];
