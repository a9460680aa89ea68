/** IPv6 from end to end: neighbours, echo, errors, fragments, path MTU, what a router passes on and what it does not. */
import { describe, expect, it } from 'vitest';
import {
  ICMPV6_ECHO,
  ICMPV6_ECHO_REPLY,
  ICMPV6_TIME_EXCEEDED,
  ICMPV6_TOO_BIG,
  ICMPV6_UNREACHABLE,
  Icmpv6Message,
} from '../../src/network/icmpv6.ts';
import { type IpPacket, PROTOCOL_ICMPV6, PROTOCOL_UDP } from '../../src/network/ip-packet.ts';
import { Ipv6Packet } from '../../src/network/ipv6.ts';
import type { IcmpErrorReport } from '../../src/network/ports.ts';
import { ANY_V6, LOOPBACK_V6 } from '../../src/packet/ip-address.ts';
import { Payload } from '../../src/packet/payload.ts';
import { SECOND } from '../../src/sim/time.ts';
import { UdpDatagram } from '../../src/transport/udp.ts';
import { ip, type Node, Nodes, PLAIN, watch } from './nodes.ts';

/** Notes what comes up to a protocol at a node. */
function listen(node: Node, protocol: number): { packets: IpPacket[]; errors: IcmpErrorReport[] } {
  const heard = { packets: [] as IpPacket[], errors: [] as IcmpErrorReport[] };
  node.stack.register(protocol, {
    onPacket: (packet) => heard.packets.push(packet),
    onIcmpError: (error) => {
      heard.errors.push(error);
      return true;
    },
  });
  return heard;
}

function datagram(size: number): UdpDatagram {
  return new UdpDatagram(1000, 2000, Payload.zeros(size));
}

/** a - r - b; the second link may be narrower. */
function line(mtu: number = 1500): { nodes: Nodes; a: Node; r: Node; b: Node } {
  const nodes = new Nodes();
  const a = nodes.add('a', ['fd00::1/64']);
  const r = nodes.add('r', ['fd00::2/64', `fd01::2/64 ${mtu}`], true);
  const b = nodes.add('b', [`fd01::1/64 ${mtu}`]);
  nodes.link(a.devices[0]!, r.devices[0]!);
  nodes.link(r.devices[1]!, b.devices[0]!);
  nodes.route(a, '::/0', 'fd00::2');
  nodes.route(b, '::/0', 'fd01::2');
  return { nodes, a, r, b };
}

describe('IPv6', () => {
  it('resolves a neighbour by its solicited-node group and delivers', () => {
    const nodes = new Nodes();
    const a = nodes.add('a', ['fd00::1/64']);
    const b = nodes.add('b', ['fd00::ab:cdef/64']);
    nodes.link(a.devices[0]!, b.devices[0]!);
    const frames = watch(a.devices[0]!);
    const heard = listen(b, PROTOCOL_UDP);
    expect(a.stack.send(ANY_V6, ip('fd00::ab:cdef'), PROTOCOL_UDP, datagram(100), PLAIN)).toBe(0);
    nodes.simulator.run({ until: SECOND });
    const asked = frames.find(({ payload }) => payload.format().includes('who has fd00::ab:cdef'))!;
    expect(asked.dst.toString()).toBe('33:33:ff:ab:cd:ef');
    expect(heard.packets.map(({ src, dst, ttl }) => `${src} ${dst} ${ttl}`)).toEqual([
      'fd00::1 fd00::ab:cdef 64',
    ]);
    const rows = a.stack.neighbours().map(({ address, state }) => `${address} ${state}`);
    expect(rows).toContain('fd00::ab:cdef REACHABLE');
  });

  it('answers echo requests and speaks to itself on ::1', () => {
    const { nodes, a, b } = line();
    const heard = listen(a, PROTOCOL_ICMPV6);
    const echo = new Icmpv6Message(ICMPV6_ECHO, 0, 0x10002, Payload.zeros(56));
    a.stack.send(ANY_V6, ip('fd01::1'), PROTOCOL_ICMPV6, echo, PLAIN);
    a.stack.send(ANY_V6, LOOPBACK_V6, PROTOCOL_ICMPV6, echo, PLAIN);
    nodes.simulator.run({ until: SECOND });
    const replies = heard.packets.map(({ src, payload }) => `${src} ${(payload as Icmpv6Message).type}`);
    expect(replies).toEqual([`::1 ${ICMPV6_ECHO_REPLY}`, `fd01::1 ${ICMPV6_ECHO_REPLY}`]);
    expect(b.drops.total).toBe(0);
  });

  it('fragments at the source only, and puts together', () => {
    const { nodes, a, r, b } = line();
    const heard = listen(b, PROTOCOL_UDP);
    a.stack.send(ANY_V6, ip('fd01::1'), PROTOCOL_UDP, datagram(5000), PLAIN);
    nodes.simulator.run({ until: SECOND });
    expect(heard.packets.map(({ payload }) => payload.size)).toEqual([5008]);
    expect(UdpDatagram.parse(heard.packets[0]!.payload as Payload, heard.packets[0]!).srcPort).toBe(1000);
    expect(r.drops.total).toBe(0);
  });

  it('learns the path MTU from Packet Too Big and then fits', () => {
    const { nodes, a, b } = line(1300);
    const sent = listen(a, PROTOCOL_UDP);
    const heard = listen(b, PROTOCOL_UDP);
    a.stack.send(ANY_V6, ip('fd01::1'), PROTOCOL_UDP, datagram(1400), PLAIN);
    nodes.simulator.run({ until: SECOND });
    expect(sent.errors.map(({ type, info, from }) => `${type} ${info} ${from}`)).toEqual([
      `${ICMPV6_TOO_BIG} 1300 fd00::2`,
    ]);
    expect(heard.packets).toEqual([]);
    expect(a.stack.route(ip('fd01::1'), null, PLAIN)).toMatchObject({ mtu: 1300 });
    a.stack.send(ANY_V6, ip('fd01::1'), PROTOCOL_UDP, datagram(1400), PLAIN);
    nodes.simulator.run({ until: 2 * SECOND });
    expect(heard.packets.map(({ payload }) => payload.size)).toEqual([1408]);
  });

  it('tells of hop limits, missing routes and neighbours that are not there', () => {
    const { nodes, a } = line();
    const sent = listen(a, PROTOCOL_UDP);
    a.stack.send(ANY_V6, ip('fd01::1'), PROTOCOL_UDP, datagram(10), { ...PLAIN, ttl: 1 });
    a.stack.send(ANY_V6, ip('fd09::1'), PROTOCOL_UDP, datagram(10), PLAIN);
    a.stack.send(ANY_V6, ip('fd01::77'), PROTOCOL_UDP, datagram(10), PLAIN);
    nodes.simulator.run({ until: 10 * SECOND });
    expect(sent.errors.map(({ type, code }) => [type, code])).toEqual([
      [ICMPV6_TIME_EXCEEDED, 0],
      [ICMPV6_UNREACHABLE, 0],
      [ICMPV6_UNREACHABLE, 3],
    ]);
  });

  it('survives its own bytes', () => {
    const packet = new Ipv6Packet(ip('fd00::1'), ip('fd00::2'), 17, 64, 0xb8, 0x12345, null, datagram(9));
    expect(packet.format()).toBe(
      'fd00::1 > fd00::2: UDP, hlim 64, class 0xb8, flowlabel 0x12345, length 17: 1000 > 2000: UDP, length 9',
    );
  });
});
