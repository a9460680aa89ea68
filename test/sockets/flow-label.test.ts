/** Flow labels of sent packets, as Linux 6.18 was seen to set them: which packets share one, and when it changes. */
import { describe, expect, it } from 'vitest';
import { Machine } from '../../src/conformance/sockets/machine.ts';
import { ICMPV6_ECHO, Icmpv6Message } from '../../src/network/icmpv6.ts';
import { PROTOCOL_ICMPV6, PROTOCOL_TCP, PROTOCOL_UDP } from '../../src/network/ip-packet.ts';
import { Ipv6Packet } from '../../src/network/ipv6.ts';
import { IpAddress } from '../../src/packet/ip-address.ts';
import { Payload } from '../../src/packet/payload.ts';
import { SECOND } from '../../src/sim/time.ts';
import type { SocketKind } from '../../src/sockets/api.ts';
import type { InetSocket } from '../../src/sockets/inet-socket.ts';
import { ACK, RST, SYN, TcpSegment } from '../../src/transport/tcp/header.ts';
import { UdpDatagram } from '../../src/transport/udp.ts';

const OURS = IpAddress.parse('fd00::1');
const PEER = IpAddress.parse('fd00::10');
const ONE = Payload.zeros(1);

function open(machine: Machine, kind: SocketKind, port: number): InetSocket {
  const socket = machine.process.socket(kind) as InetSocket;
  expect(socket.bind({ address: OURS, port })).toBe(0);
  return socket;
}

function labels(machine: Machine): number[] {
  return machine.settle().map(({ packet }) => (packet as Ipv6Packet).flowLabel);
}

function inject(machine: Machine, protocol: number, payload: TcpSegment | UdpDatagram | Icmpv6Message): void {
  machine.inject('eth0', new Ipv6Packet(PEER, OURS, protocol, 64, 0, 0, null, payload));
}

function segment(srcPort: number, dstPort: number, seq: number, ack: number, flags: number): TcpSegment {
  return new TcpSegment(srcPort, dstPort, seq, ack, flags, 65535);
}

describe('the flow label', () => {
  it('of a datagram is that of its four-tuple, whichever socket sends it', () => {
    const machine = new Machine({});
    const first = open(machine, 'udp6', 5000);
    for (const port of [7, 7, 9]) first.send(ONE, 0, { address: PEER, port });
    first.close();
    open(machine, 'udp6', 5000).send(ONE, 0, { address: PEER, port: 7 });
    const [a, b, c, d] = labels(machine);
    expect(a).toBeGreaterThan(0);
    expect(a).toBeLessThan(1 << 20);
    expect([b, d]).toEqual([a, a]);
    expect(c).not.toBe(a);
  });

  it('changes with every connect() of a UDP socket, and is then the socket’s for all it sends', () => {
    const machine = new Machine({});
    const socket = open(machine, 'udp6', 5000);
    socket.send(ONE, 0, { address: PEER, port: 7 });
    for (let i = 0; i < 2; i++) {
      socket.connect({ address: PEER, port: 7 });
      socket.send(ONE);
      socket.send(ONE, 0, { address: PEER, port: 9 });
    }
    const [before, ...after] = labels(machine);
    expect([after[1], after[3]]).toEqual([after[0], after[2]]);
    expect(new Set([before, ...after]).size).toBe(3);
  });

  it('is the same for all fragments of a packet', () => {
    const machine = new Machine({});
    open(machine, 'udp6', 5000).send(Payload.zeros(4000), 0, { address: PEER, port: 7 });
    const found = labels(machine);
    expect(found).toHaveLength(3);
    expect(new Set(found).size).toBe(1);
  });

  it('of a connection changes with each retransmission timeout, and with nothing else', () => {
    const machine = new Machine({});
    const socket = open(machine, 'tcp6', 5000);
    socket.connect({ address: PEER, port: 80 });
    const [syn] = machine.settle();
    machine.simulator.run({ until: 1.5 * SECOND });
    const [again] = labels(machine);
    expect(again).not.toBe((syn!.packet as Ipv6Packet).flowLabel);
    const { seq } = syn!.packet.payload as TcpSegment;
    inject(machine, PROTOCOL_TCP, segment(80, 5000, 1000, seq + 1, SYN | ACK));
    socket.send(ONE);
    expect(labels(machine)).toEqual([again, again]);
    machine.simulator.run({ until: 60 * SECOND });
    const later = labels(machine);
    expect(later.length).toBeGreaterThan(3);
    expect(new Set(later.slice(-3)).size).toBe(3);
  });

  it('of what no socket sends is that of its flow: refusals, errors and echo replies', () => {
    const machine = new Machine({});
    for (const port of [4000, 4000, 4001]) inject(machine, PROTOCOL_TCP, segment(port, 81, 1, 0, SYN));
    const resets = machine.settle();
    expect(resets.every(({ packet }) => (packet.payload as TcpSegment).has(RST))).toBe(true);
    const [a, b, c] = resets.map(({ packet }) => (packet as Ipv6Packet).flowLabel);
    expect(b).toBe(a);
    expect(c).not.toBe(a);
    inject(machine, PROTOCOL_UDP, new UdpDatagram(4000, 81, ONE, true));
    inject(machine, PROTOCOL_UDP, new UdpDatagram(4001, 82, ONE, true));
    inject(machine, PROTOCOL_ICMPV6, new Icmpv6Message(ICMPV6_ECHO, 0, 1, ONE));
    const icmp = labels(machine);
    expect(icmp).toHaveLength(3);
    expect(icmp[0]).toBeGreaterThan(0);
    expect(new Set(icmp).size).toBe(1);
  });

  it('is 0 with net.ipv6.auto_flowlabels 0 and 2', () => {
    for (const value of ['0', '2']) {
      const machine = new Machine({ 'net.ipv6.auto_flowlabels': value });
      open(machine, 'udp6', 5000).send(ONE, 0, { address: PEER, port: 7 });
      expect(labels(machine)).toEqual([0]);
    }
  });
});
