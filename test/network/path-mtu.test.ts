/** Path MTU discovery (RFC 1191) through a router with a narrow link, and what fragmentation does without it. */
import { describe, expect, it } from 'vitest';
import { EMSGSIZE } from '../../src/network/errno.ts';
import type { PmtuDiscovery, Route } from '../../src/network/ports.ts';
import { Payload } from '../../src/packet/payload.ts';
import { SECOND } from '../../src/sim/time.ts';
import { ip, Nodes, PLAIN } from './nodes.ts';

const PROTOCOL = 200;

function path(believes: boolean) {
  const nodes = new Nodes();
  const a = nodes.add('a', ['10.0.0.1/24']);
  const router = nodes.add('r', ['10.0.0.2/24', '10.0.1.2/24 600'], true);
  const b = nodes.add('b', ['10.0.1.1/24 600']);
  nodes.link(a.devices[0]!, router.devices[0]!);
  nodes.link(router.devices[1]!, b.devices[0]!);
  nodes.route(a, '0.0.0.0/0', '10.0.0.2');
  nodes.route(b, '0.0.0.0/0', '10.0.1.2');
  const arrived: number[] = [];
  const onPacket = ({ payload }: { payload: { size: number } }): void => void arrived.push(payload.size);
  b.stack.register(PROTOCOL, { onPacket, onIcmpError: () => false });
  a.stack.register(PROTOCOL, { onPacket: () => {}, onIcmpError: () => believes });
  const send = (size: number, pmtuDiscovery: PmtuDiscovery): number => {
    const result = a.stack.send(ip('10.0.0.1'), ip('10.0.1.1'), PROTOCOL, Payload.zeros(size), {
      ...PLAIN,
      pmtuDiscovery,
    });
    nodes.simulator.run({ until: nodes.simulator.now + SECOND });
    return result;
  };
  const mtu = (): number => (a.stack.route(ip('10.0.1.1'), null, PLAIN) as Route).mtu;
  return { nodes, arrived, send, mtu };
}

describe('a packet larger than the path takes', () => {
  it('is lost once with DF, then fits', () => {
    const { arrived, send, mtu } = path(true);
    expect(send(1000, 'do')).toBe(0);
    expect(arrived).toEqual([]);
    expect(mtu()).toBe(600);
    expect(send(1000, 'do')).toBe(-EMSGSIZE);
    expect(send(1000, 'want')).toBe(0); // fragmented at home, without DF
    expect(send(580, 'do')).toBe(0);
    expect(arrived).toEqual([1000, 580]);
  });

  it('is lost again and again when nobody owns the flow that the router complains of', () => {
    const { arrived, send, mtu } = path(false);
    send(1000, 'want');
    send(1000, 'want');
    expect(mtu()).toBe(1500);
    expect(arrived).toEqual([]);
  });

  it('is fragmented by the router without DF', () => {
    const { arrived, send, mtu } = path(true);
    send(1400, 'dont');
    expect(arrived).toEqual([1400]);
    expect(mtu()).toBe(1500);
  });

  it('is tried again whole after ten minutes', () => {
    const { nodes, send, mtu } = path(true);
    send(1000, 'do');
    nodes.simulator.run({ until: nodes.simulator.now + 599 * SECOND });
    expect(mtu()).toBe(600);
    nodes.simulator.run({ until: nodes.simulator.now + 2 * SECOND });
    expect(mtu()).toBe(1500);
  });
});
