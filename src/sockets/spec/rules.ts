/**
 * The rules by number, each with who says so and what it says. R: standards; L: Linux 6.18, read in its sources;
 * K: Linux 6.18, seen in recorded behaviour; F: FreeBSD, read in its sources; N: the netsem specification; W: Windows, Microsoft's documentation.
 */

export interface RuleText {
  readonly source: string;
  readonly says: string;
}

const rfc9293 = (section: string) => `RFC 9293 ${section}`;
const linux = (where: string) => `Linux 6.18, ${where}`;
const observed = 'Linux 6.18, recorded behaviour';
const freebsd = (where: string) => `FreeBSD, ${where}`;
const microsoft = 'Microsoft, Using SO_REUSEADDR and SO_EXCLUSIVEADDRUSE';

export const RULES = {
  R1: { source: rfc9293('3.4.1'), says: 'a connection is named by its two ends: two addresses, two ports' },
  R2: {
    source: rfc9293('3.9.1.1'),
    says: 'a passive OPEN adds a LISTEN record and never alters an older one',
  },
  R3: {
    source: rfc9293('3.9.1.1'),
    says: 'a passive OPEN with a local address takes that address only, one without takes any',
  },
  R4: {
    source: rfc9293('3.9.2.3'),
    says: 'TCP has no broadcast or multicast: such a SYN is dropped, such an active OPEN refused',
  },
  R5: {
    source: rfc9293('3.10.1'),
    says: 'an active OPEN on an open connection fails: connection already exists',
  },
  R6: {
    source: rfc9293('3.10.7.1'),
    says: 'a segment for no connection is answered by a RST, unless it is one',
  },
  R7: {
    source: rfc9293('3.10.7.2'),
    says: 'LISTEN answers a SYN with SYN-ACK, an ACK with RST, and ignores a RST',
  },
  R8: {
    source: rfc9293('3.10.7.3'),
    says: 'a SYN in SYN-SENT is a simultaneous open and makes one connection',
  },
  R10: {
    source: rfc9293('3.10.7.4'),
    says: 'a SYN on a synchronized connection is answered by an ACK and changes nothing',
  },
  R11: { source: rfc9293('3.6.1'), says: 'TIME-WAIT may accept a SYN with a newer sequence number' },
  R15: {
    source: 'RFC 1122 4.1.3.1',
    says: 'a datagram without a receiver is answered by port unreachable, unless it was a broadcast',
  },
  R12: {
    source: 'RFC 6191 2',
    says: 'TIME-WAIT makes way for a SYN with a later timestamp or, without one, a newer sequence number',
  },
  R14: {
    source: 'RFC 6056 3.2, 3.3.1',
    says: 'ephemeral ports are 1024 to 65535: from a random start the first that is free',
  },
  R18: { source: 'POSIX.1-2017 bind, connect, listen', says: 'the errors that the calls may give' },

  L2: {
    source: linux('__inet_lookup_established'),
    says: 'connections, half-open ones and TIME-WAIT are found by their exact four-tuple first',
  },
  L4: {
    source: linux('__inet_lookup_listener'),
    says: 'listeners bound to the very address are asked before those bound to any',
  },
  L5: {
    source: linux('inet_hashtables.c compute_score'),
    says: 'among listeners the higher score wins (device 1 more), the newest listen() among equals',
  },
  L6: {
    source: linux('inet_lhash2_lookup'),
    says: 'the first better listener with SO_REUSEPORT ends the search: its group takes the packet',
  },
  L7: {
    source: linux('inet_hashtables.c and udp.c compute_score'),
    says: 'for IPv4 packets AF_INET scores one more than AF_INET6; for IPv6 packets there is AF_INET6 only',
  },
  L8: {
    source: linux('reuseport_select_sock'),
    says: 'a SO_REUSEPORT group spreads flows by a keyed hash of the four-tuple',
  },
  L10: { source: linux('tcp_v4_rcv'), says: 'nothing found: RST' },
  L11: {
    source: linux('tcp_timewait_state_process'),
    says: 'a closed socket in FIN-WAIT-2 refuses a new SYN of the same four-tuple and is gone',
  },
  L12: {
    source: linux('tcp_timewait_state_process'),
    says: 'TIME-WAIT: a SYN with a newer sequence number goes to the listener, other segments get an ACK',
  },
  L13: {
    source: linux('tcp_twsk_unique'),
    says: 'a four-tuple in TIME-WAIT can be taken over only if it had timestamps',
  },
  L14: {
    source: linux('__inet_bind'),
    says: 'bind() checks length, family, address, privilege, whether already bound, and conflicts, in this order',
  },
  L15: {
    source: linux('inet_bind_conflict'),
    says: 'two TCP sockets share a port if both have SO_REUSEADDR and the holder does not listen, or both have SO_REUSEPORT and one owner',
  },
  L16: {
    source: linux('inet_csk_bind_conflict'),
    says: 'bound, listening, connected, accepted and TIME-WAIT sockets all hold their port',
  },
  L17: {
    source: linux('inet_csk_listen_start'),
    says: 'listen() repeats the conflict check with the socket counted as listening',
  },
  L18: {
    source: linux('inet_csk_find_open_port'),
    says: 'bind(0) tries odd offsets of the range first, then even ones; with SO_REUSEADDR the lower half before the upper',
  },
  L19: {
    source: linux('IP_BIND_ADDRESS_NO_PORT'),
    says: 'with IP_BIND_ADDRESS_NO_PORT bind(0) fixes the address and leaves the port to connect()',
  },
  L20: {
    source: linux('__inet_hash_connect'),
    says: 'connect() without a port tries even offsets of the range first, then odd ones',
  },
  L21: {
    source: linux('__inet_hash_connect'),
    says: 'connect() may share a port whose holders all got it by connect(), if the four-tuple is free',
  },
  L22: {
    source: linux('__inet_check_established'),
    says: 'connect() from a bound port needs only a free four-tuple',
  },
  L23: {
    source: linux('tcp_v4_connect'),
    says: 'connect() to 0.0.0.0 means this host; TCP to a broadcast or group is unreachable',
  },
  L24: {
    source: linux('inet_shutdown, tcp_disconnect'),
    says: 'shutdown(RD) of a listener and connect(AF_UNSPEC) end it; a port named by bind() stays',
  },
  L25: {
    source: linux('udp_lib_lport_inuse'),
    says: 'two UDP sockets share a port if both have SO_REUSEADDR, or both SO_REUSEPORT and one owner',
  },
  L26: {
    source: linux('udp_lib_get_port'),
    says: 'UDP takes any port of the range on which nobody stands in the way',
  },
  L27: {
    source: linux('__udp4_lib_lookup'),
    says: 'connected sockets by four-tuple, then sockets on the very address, then those on any address',
  },
  L28: {
    source: linux('udp.c compute_score'),
    says: 'remote address, remote port and device count 4 each; the last bound among equals',
  },
  L29: {
    source: linux('__ip4_datagram_connect'),
    says: 'connect() moves a socket from any address to the one it sends from',
  },
  L30: {
    source: linux('udp4_lib_lookup2'),
    says: 'a group one of whose members was connected is decided by scores',
  },
  L31: {
    source: linux('__udp4_lib_mcast_deliver'),
    says: 'a broadcast or multicast goes to every socket that matches',
  },
  L32: {
    source: linux('udp_v4_early_demux, inet_steal_sock'),
    says: 'the sole receiver of a multicast is found early, and its SO_REUSEPORT group chooses by hash all the same',
  },
  L33: { source: linux('__udp4_lib_rcv'), says: 'no socket: ICMP port unreachable' },
  L34: { source: linux('__ip4_datagram_connect'), says: 'a connected UDP socket may connect again' },
  L35: {
    source: linux('__udp_disconnect'),
    says: 'disconnect clears peer and device, and what bind() did not name',
  },
  L37: {
    source: linux('ipv6_rcv_saddr_equal'),
    says: 'the wildcard of IPv6 overlaps every IPv4 name unless IPV6_V6ONLY; a mapped address is an IPv4 one',
  },
  L38: {
    source: linux('__inet6_bind, tcp_v6_connect, IPV6_V6ONLY'),
    says: 'an IPv6-only socket has no mapped addresses: bind() EINVAL, connect() ENETUNREACH, no IPv4 packets',
  },
  L42: {
    source: linux('tcp_reset'),
    says: 'a RST means ECONNREFUSED in SYN-SENT, EPIPE in CLOSE-WAIT, ECONNRESET elsewhere',
  },

  K5: {
    source: observed,
    says: 'a connection from an any-bound socket holds the port only at its own address',
  },
  K6: {
    source: linux('sk_reuseport_match; recorded behaviour'),
    says: 'TCP remembers with the port that its last user had SO_REUSEPORT',
  },
  K8: {
    source: linux('udp_lib_lport_inuse; recorded behaviour'),
    says: 'the scan runs from the newest socket back and ends, well, at the first that shares by SO_REUSEPORT',
  },
  K13: { source: observed, says: 'a TCP socket whose autobound connection is over may be bound again' },
  K17: { source: observed, says: 'a port that is given back still shows in getsockname()' },
  K18: { source: observed, says: 'a connect() or send() that fails leaves a UDP socket autobound' },
  K25: { source: observed, says: 'SO_BINDTODEVICE makes every destination on-link' },
  K28: { source: observed, says: 'backlog n admits n + 1 connections, then SYNs are dropped' },
  K29: {
    source: linux('tcp_v4_rcv; recorded behaviour'),
    says: 'a half-open handshake outlives its listener until a segment touches it',
  },
  K33: { source: observed, says: 'a non-blocking connect() says EINPROGRESS, then 0 once, then EISCONN' },
  K34: { source: observed, says: 'disconnecting a connection sends a RST and leaves ECONNRESET pending' },

  K43: {
    source: linux('tcp_conn_request, tcp_syncookies'),
    says: 'with more half-open handshakes than the backlog a SYN is answered by a cookie and forgotten',
  },
  K46: {
    source: 'RFC 1122 3.2.1.3, RFC 4291 2.5.3',
    says: 'a packet to a loopback address comes by the loopback interface only, any other is dropped',
  },
  K47: {
    source: linux('tcp_recvmsg'),
    says: 'recv() gives bytes, then the end of the stream, then a pending error, then ENOTCONN',
  },
  K48: {
    source: linux('tcp_sendmsg'),
    says: 'send() gives a pending error first; EAGAIN before the connection stands, EPIPE after its end',
  },
  K49: {
    source: linux('__ip4_datagram_connect; recorded behaviour'),
    says: 'a connect() that fails on a connected UDP socket leads its datagrams astray, all but the first',
  },
  K45: {
    source: linux('inet6_sk_rx_dst_set, ipv6_mapped; recorded behaviour'),
    says: 'an AF_INET6 TCP socket that was connected over IPv4 once sends there ever after',
  },
  K44: {
    source: linux('sock_graft'),
    says: 'an accepted connection belongs to the user who accepts it, not to the owner of its listener',
  },

  F1: {
    source: freebsd('in_pcblookup_hash_smr'),
    says: 'exact four-tuple, then SO_REUSEPORT_LB groups, then unconnected sockets of the port',
  },
  F2: {
    source: freebsd('in_pcblookup_lbgroup'),
    says: 'a load-balancing group is chosen by exact address, then any; its member by hash of the flow',
  },
  F3: {
    source: freebsd('in_pcblookup_hash_wild_smr'),
    says: 'a specific address before any, the newest first: the first match wins',
  },
  F4: { source: freebsd('in_pcblookup_hash'), says: 'a connected socket takes only its own four-tuple' },
  F5: {
    source: freebsd('udp_multi_input'),
    says: 'a broadcast or multicast goes to every match, up to the first that shares nothing',
  },
  F6: {
    source: freebsd('udp_input'),
    says: 'no socket: ICMP port unreachable, unless it was a link broadcast',
  },
  F7: {
    source: freebsd('tcp_twcheck'),
    says: 'TIME-WAIT: a SYN with a newer sequence number goes to the listener',
  },
  F8: {
    source: freebsd('in_pcbbind_setup'),
    says: 'bind() checks whether already bound, address, privilege, then conflicts',
  },
  F9: {
    source: freebsd('in_pcbbind_setup, owner check'),
    says: 'another user may not take a port that overlaps an unconnected holder',
  },
  F10: {
    source: freebsd('in_pcbbind_setup, in_pcblookup_local'),
    says: 'without an option any overlapping holder is in the way; with one only an unconnected holder of the very address, unless both share alike',
  },
  F11: {
    source: freebsd('tcp_usr_listen'),
    says: 'listen() does not repeat the check; unbound it takes a free port',
  },
  F12: {
    source: freebsd('in_pcb_lport_dest'),
    says: 'a free port is looked for from a random start upwards',
  },
  F13: {
    source: freebsd('soconnectat, udp_disconnect'),
    says: 'a connected UDP socket is disconnected first: that takes its address and the place in the table',
  },
  F14: {
    source: freebsd('tcp_usr_connect, tcp_usr_accept, tcp_usr_listen'),
    says: 'connect() on a listener is not supported; a socket whose connection is over takes no call any more',
  },
  F15: { source: freebsd('udp_send'), says: 'sendto() on a connected socket: EISCONN' },

  N5: {
    source: 'netsem TCP1 specification, tcp_socket_best_match',
    says: 'a segment goes to the socket that matches best: its own connection first',
  },
  N7: { source: 'netsem TCP1 specification, bind_7', says: 'ports below 1024 need privilege' },
  N3: {
    source: 'netsem TCP1 specification, match_score and lookup_udp (WinXP)',
    says: 'a full four-tuple beats a local address, which beats the port alone',
  },

  W0: { source: microsoft, says: 'the table of first and second bind by options, address and owner' },
  W2: {
    source: 'Microsoft, connect, listen, accept, send and sendto',
    says: 'the answers of the calls: listener EINVAL, listening when connected EISCONN, a failed attempt may be repeated',
  },
  W1: {
    source: microsoft,
    says: 'after a forced share it is not determined which socket receives, except for multicast: all',
  },
} as const satisfies Record<string, RuleText>;

export type RuleId = keyof typeof RULES;
