/** A network as it is declared: names, addresses, cables, and what is wrong about them. */
import { describe, expect, it } from 'vitest';
import { ETHERTYPE_IPV4, EthernetFrame } from '../../src/link/frame.ts';
import { Network } from '../../src/node/network.ts';
import { dropCounters, formatInterfaceCounters, interfaceCounters } from '../../src/observe/counters.ts';
import { drawTopology } from '../../src/observe/topology.ts';
import { BROADCAST_MAC } from '../../src/packet/mac-address.ts';
import { Payload } from '../../src/packet/payload.ts';
import { parsePrefix } from '../../src/packet/prefix.ts';
import { MILLISECOND } from '../../src/sim/time.ts';

function interfaces(...addresses: string[]) {
  return addresses.map((address) => ({ addresses: [parsePrefix(address)] }));
}

/** Two hosts at a switch, a third behind a router. */
function small(): Network {
  const network = new Network({ seed: 7 });
  network.addHost('a', { interfaces: interfaces('10.0.0.1/24') });
  network.addHost('b', { interfaces: interfaces('10.0.0.2/24') });
  network.addSwitch('sw', { ports: [{}, {}, {}] });
  network.addRouter('r', { interfaces: interfaces('10.0.0.254/24', '10.1.0.254/24') });
  network.addHost('c', { interfaces: interfaces('10.1.0.1/24') });
  const join = (a: string, b: string) => {
    const [from, to] = [a, b].map((end) => end.split('.') as [string, string]);
    const ends = [from, to].map((end) => ({ node: end![0], device: end![1] }));
    network.connect({ ends: [ends[0]!, ends[1]!], rate: 100_000_000, delay: MILLISECOND });
  };
  join('a.eth0', 'sw.port1');
  join('b.eth0', 'sw.port2');
  join('r.eth0', 'sw.port3');
  join('r.eth1', 'c.eth0');
  return network;
}

describe('a network', () => {
  it('gives out addresses by the order of declaration', () => {
    const macs = small().nodes.flatMap((node) =>
      node.ports.map((port) => `${node.name}.${port.name} ${port.mac}`),
    );
    expect(macs).toEqual([
      'a.eth0 02:00:00:00:00:01',
      'b.eth0 02:00:00:00:00:02',
      'sw.port1 02:01:00:00:00:01',
      'sw.port2 02:01:00:00:00:02',
      'sw.port3 02:01:00:00:00:03',
      'r.eth0 02:00:00:00:00:03',
      'r.eth1 02:00:00:00:00:04',
      'c.eth0 02:00:00:00:00:05',
    ]);
  });

  it('is drawn as a tree', () => {
    expect(drawTopology(small())).toEqual([
      'a 10.0.0.1/24',
      '└─ eth0 ── 100Mbps 1ms ── port1 sw (switch)',
      '   ├─ port2 ── 100Mbps 1ms ── eth0 b 10.0.0.2/24',
      '   └─ port3 ── 100Mbps 1ms ── eth0 r (router) 10.0.0.254/24, 10.1.0.254/24',
      '      └─ eth1 ── 100Mbps 1ms ── eth0 c 10.1.0.1/24',
    ]);
  });

  it('says what is wrong with a declaration, and what was meant', () => {
    const network = small();
    const ends = (node: string, device: string) =>
      ({
        ends: [
          { node, device },
          { node: 'c', device: 'eth0' },
        ],
      }) as const;
    expect(() => network.addHost('a', { interfaces: [] })).toThrow("two nodes are called 'a'");
    expect(() => network.addHost('d', { interfaces: [{ name: 'eth1' }, {}] })).toThrow(
      "d has two interfaces called 'eth1'",
    );
    expect(() => network.addSwitch('t', { ports: [{ name: 'port2' }, {}] })).toThrow('two interfaces');
    expect(() =>
      network.addHost('e', { interfaces: interfaces('10.0.0.9/24'), sysctls: { 'net.ipv4.ip_forwad': 1 } }),
    ).toThrow("unknown sysctl 'net.ipv4.ip_forwad'");
    const via = parsePrefix('10.9.0.1/32').address;
    const routes = [{ to: parsePrefix('0.0.0.0/0'), via }];
    expect(() => network.addHost('f', { interfaces: interfaces('10.0.0.9/24'), routes })).toThrow(
      'f: route to 0.0.0.0/0 via 10.9.0.1 is not possible (ENETUNREACH)',
    );
    const twice = [{ addresses: ['10.0.0.9/24', '10.0.0.9/24'].map(parsePrefix) }];
    expect(() => network.addHost('g', { interfaces: twice })).toThrow(
      '10.0.0.9/24 at g.eth0 is not possible',
    );
    expect(() => network.connect(ends('sv', 'port1'))).toThrow("there is no node 'sv'");
    expect(() => network.connect(ends('sw', 'prot1'))).toThrow("there is no interface of sw called 'prot1'");
    expect(() => network.connect(ends('sw', 'port1'))).toThrow('plugged in twice');
    expect(() => network.host('sw')).toThrow("'sw' is a switch, not a host");
    network.addHub('h1');
    network.addHub('h2');
    const hubs = {
      ends: [
        { node: 'h1', device: null },
        { node: 'h2', device: null },
      ],
    } as const;
    expect(() => network.connect(hubs)).toThrow('joins two hubs');
  });

  it('conserves frames: in flight, lost with a reason, or arrived', () => {
    const network = small();
    const [port] = network.host('a').ports;
    const frame = new EthernetFrame(BROADCAST_MAC, port!.mac, ETHERTYPE_IPV4, Payload.zeros(46));
    port!.send(frame);
    expect(network.conservation()).toMatchObject({ sent: 1, received: 0, lost: 0, inFlight: 1 });
    network.cable('b.eth0--sw.port2').impair([{ rule: 'loss' }], 1);
    network.run();
    const { sent, received, lost, inFlight, dropped } = network.conservation();
    expect({ sent, received, lost, inFlight }).toEqual({ sent: 3, received: 2, lost: 1, inFlight: 0 });
    expect(dropped).toContainEqual(['link.lost', 1]);
    expect(dropCounters(network)).toContainEqual({ node: 'sw', reason: 'link.lost', count: 1 });
    expect(formatInterfaceCounters(interfaceCounters(network)).slice(0, 2)).toEqual([
      'interface  rx frames  rx bytes  tx frames  tx bytes',
      'a.eth0             0         0          1        60',
    ]);
  });
});
