/** Addresses, routes and interfaces as `ip address`, `ip route` and `ip link` change them. */
import { describe, expect, it } from 'vitest';
import { EEXIST, EHOSTUNREACH, EINVAL, ENETUNREACH } from '../../src/network/errno.ts';
import type { Route } from '../../src/network/ports.ts';
import { formatPrefix, parsePrefix } from '../../src/packet/prefix.ts';
import { ip, type Node, Nodes, PLAIN } from './nodes.ts';

function host(): Node {
  const nodes = new Nodes();
  const node = nodes.add('host', ['10.0.0.1/24', '10.0.1.1/24']);
  const peer = nodes.add('peer', ['10.0.0.9/24', '10.0.1.9/24']);
  for (const [i, device] of node.devices.entries()) nodes.link(device, peer.devices[i]!);
  return node;
}

function rows(node: Node): string[] {
  return node.stack
    .routes()
    .map(({ prefix, via, device }) => `${formatPrefix(prefix)} ${via ?? '-'} ${device ?? '-'}`);
}

function routeOf(node: Node, dst: string, source: string | null = null): Route {
  const route = node.stack.route(ip(dst), source === null ? null : ip(source), PLAIN);
  expect(typeof route).toBe('object');
  return route as Route;
}

describe('an address', () => {
  it('brings its network and makes itself local', () => {
    const node = host();
    expect(rows(node)).toEqual(['10.0.0.0/24 - eth0', '10.0.1.0/24 - eth1']);
    expect(node.stack.isLocal(ip('10.0.1.1'))).toBe(true);
    expect(node.stack.isBroadcast(ip('10.0.1.255'))).toBe(true);
    expect(node.stack.isBroadcast(ip('10.0.1.0'))).toBe(false);
  });

  it('that is second in its subnet is never chosen as a source, and goes with the first', () => {
    const node = host();
    const [eth0] = node.devices;
    expect(node.stack.addAddress(eth0!, parsePrefix('10.0.0.2/24'))).toBe(0);
    expect(node.stack.addAddress(eth0!, parsePrefix('10.0.0.2/24'))).toBe(-EEXIST);
    expect(String(routeOf(node, '10.0.0.9').source)).toBe('10.0.0.1');
    node.stack.removeAddress(eth0!, ip('10.0.0.1'));
    expect(node.stack.addresses(eth0!)).toEqual([]);
    expect(rows(node)).toEqual(['10.0.1.0/24 - eth1']);
  });

  it('that is second stays when promote_secondaries says so', () => {
    const node = host();
    const [eth0] = node.devices;
    node.sysctls.set('net.ipv4.conf.all.promote_secondaries', 1);
    node.stack.addAddress(eth0!, parsePrefix('10.0.0.2/24'));
    node.stack.removeAddress(eth0!, ip('10.0.0.1'));
    expect(String(routeOf(node, '10.0.0.9').source)).toBe('10.0.0.2');
  });
});

describe('a route', () => {
  it('needs a gateway on a link, and is there once', () => {
    const node = host();
    const prefix = parsePrefix('10.9.0.0/16');
    expect(node.stack.addRoute({ prefix, via: ip('10.5.0.1') })).toBe(-ENETUNREACH);
    expect(node.stack.addRoute({ prefix, via: ip('10.0.0.1') })).toBe(-EINVAL);
    expect(node.stack.addRoute({ prefix, via: ip('10.0.0.9') })).toBe(0);
    expect(node.stack.addRoute({ prefix, via: ip('10.0.1.9') })).toBe(-EEXIST);
    expect(node.stack.addRoute({ prefix, via: ip('10.0.1.9'), metric: 5 })).toBe(0);
    expect(routeOf(node, '10.9.1.1').device.name).toBe('eth0');
    expect(node.stack.removeRoute({ prefix, metric: 0 })).toBe(0);
    expect(routeOf(node, '10.9.1.1').device.name).toBe('eth1');
  });

  it('that refuses gives its errno to who sends', () => {
    const node = host();
    node.stack.addRoute({ prefix: parsePrefix('10.8.0.0/16'), type: 'unreachable' });
    expect(node.stack.route(ip('10.8.1.1'), null, PLAIN)).toBe(-EHOSTUNREACH);
    expect(node.stack.route(ip('10.7.1.1'), null, PLAIN)).toBe(-ENETUNREACH);
    expect(node.stack.route(ip('10.0.0.9'), ip('10.0.0.77'), PLAIN)).toBe(-ENETUNREACH);
  });

  it('to an own address leads over the loopback device, whichever interface has it', () => {
    const node = host();
    expect(routeOf(node, '10.0.1.1').device.name).toBe('lo');
    expect(routeOf(node, '127.9.9.9').kind).toBe('local');
  });
});

describe('an interface', () => {
  it('switched off loses its routes, and gets back those of its addresses alone', () => {
    const node = host();
    const [eth0] = node.devices;
    node.stack.addRoute({ prefix: parsePrefix('0.0.0.0/0'), via: ip('10.0.0.9') });
    eth0!.setEnabled(false);
    expect(rows(node)).toEqual(['10.0.1.0/24 - eth1']);
    eth0!.setEnabled(true);
    expect(rows(node)).toEqual(['10.0.0.0/24 - eth0', '10.0.1.0/24 - eth1']);
  });

  it('without carrier keeps its routes and forgets what it had learned', () => {
    const node = host();
    const [eth0] = node.devices;
    node.stack.addRoute({ prefix: parsePrefix('0.0.0.0/0'), via: ip('10.0.0.9') });
    node.stack.setNeighbour(eth0!, ip('10.0.0.9'), eth0!.mac, 'REACHABLE');
    eth0!.detach();
    expect(rows(node)[0]).toBe('0.0.0.0/0 10.0.0.9 eth0');
    expect(node.stack.neighbours()).toEqual([]);
  });
});
