/** The life of a neighbour entry: asked for, believed, doubted, probed, given up; and the packets that wait. */
import { describe, expect, it } from 'vitest';
import { ARP_REQUEST, ArpPacket } from '../../src/network/arp.ts';
import { Ipv4Packet } from '../../src/network/ipv4.ts';
import { BROADCAST_MAC } from '../../src/packet/mac-address.ts';
import { Payload } from '../../src/packet/payload.ts';
import { SECOND } from '../../src/sim/time.ts';
import { ip, Nodes, PLAIN, watch } from './nodes.ts';

const PROTOCOL = 200;

function pair() {
  const nodes = new Nodes();
  const a = nodes.add('a', ['10.0.0.1/24']);
  const b = nodes.add('b', ['10.0.0.2/24']);
  nodes.link(a.devices[0]!, b.devices[0]!);
  const sent = watch(a.devices[0]!);
  const arrived: number[] = [];
  b.stack.register(PROTOCOL, {
    onPacket: (packet) => void arrived.push(packet.payload.size),
    onIcmpError: () => false,
  });
  const state = (): string | undefined => a.stack.neighbours()[0]?.state;
  const send = (size: number, to: string = '10.0.0.2'): number =>
    a.stack.send(ip('10.0.0.1'), ip(to), PROTOCOL, Payload.zeros(size), PLAIN);
  const pass = (seconds: number): void => {
    nodes.simulator.run({ until: nodes.simulator.now + seconds * SECOND });
  };
  return { nodes, a, b, sent, arrived, state, send, pass };
}

describe('a neighbour', () => {
  it('keeps as many waiting packets as its bytes allow: the newest ones', () => {
    const { a, arrived, send, pass } = pair();
    a.sysctls.set('net.ipv4.neigh.eth0.unres_qlen_bytes', 3 * 832);
    for (const size of [1, 2, 3, 4, 5]) send(size);
    pass(0.1);
    expect(arrived).toEqual([3, 4, 5]);
  });

  it('is asked for once, and what waited arrives in order', () => {
    const { sent, arrived, send, pass, state } = pair();
    for (const size of [10, 20, 30]) send(size);
    expect(state()).toBe('INCOMPLETE');
    pass(0.1);
    expect(state()).toBe('REACHABLE');
    expect(arrived).toEqual([10, 20, 30]);
    expect(sent.filter(({ payload }) => payload instanceof ArpPacket)).toHaveLength(1);
  });

  it('is believed for half to one and a half of 30 s, then doubted when it is used, then asked alone', () => {
    const { sent, send, pass, state } = pair();
    send(10);
    pass(14);
    expect(state()).toBe('REACHABLE');
    pass(40);
    expect(state()).toBe('STALE');
    sent.length = 0;
    send(10);
    expect(state()).toBe('DELAY');
    pass(5.3);
    expect(state()).toBe('REACHABLE');
    const requests = sent.filter(({ payload }) => payload instanceof ArpPacket);
    expect(requests.map(({ dst }) => dst === BROADCAST_MAC)).toEqual([false]);
  });

  it('that does not answer is given up after three requests to all, and its packets with it', () => {
    const { a, sent, send, pass, state } = pair();
    const reports: number[] = [];
    const onIcmpError = ({ type, code }: { type: number; code: number }): boolean =>
      reports.push(type * 10 + code) > 0;
    a.stack.addRaw(PROTOCOL, { onPacket: () => false, onIcmpError });
    send(10, '10.0.0.77');
    send(10, '10.0.0.77');
    pass(3.5);
    expect(state()).toBe('FAILED');
    expect(sent.filter(({ payload }) => payload instanceof ArpPacket)).toHaveLength(3);
    expect(sent.filter(({ payload }) => payload instanceof Ipv4Packet)).toHaveLength(0);
    expect(a.drops.count('neighbour.failed')).toBe(2);
    expect(reports).toEqual([31, 31]); // host unreachable, from ourselves to ourselves
  });

  it('that is announced with another MAC is believed at once, a mere reply only after a second', () => {
    const { a, b, send, pass } = pair();
    send(10);
    pass(0.1);
    const mac = (): string => String(a.stack.neighbours()[0]!.mac);
    const own = String(b.devices[0]!.mac);
    expect(mac()).toBe(own);
    b.stack.announce(b.devices[0]!, ip('10.0.0.2'));
    pass(0.1);
    expect(mac()).toBe(own);
    a.stack.setNeighbour(a.devices[0]!, ip('10.0.0.2'), BROADCAST_MAC, 'STALE');
    b.stack.announce(b.devices[0]!, ip('10.0.0.2'));
    pass(0.1);
    expect(mac()).toBe(own);
  });

  it('that is permanent is never asked for', () => {
    const { a, b, sent, send, pass, arrived } = pair();
    a.stack.setNeighbour(a.devices[0]!, ip('10.0.0.2'), b.devices[0]!.mac);
    send(10);
    pass(100);
    expect(arrived).toEqual([10]);
    expect(
      sent.some(({ payload }) => payload instanceof ArpPacket && payload.operation === ARP_REQUEST),
    ).toBe(false);
  });
});
