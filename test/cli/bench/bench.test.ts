/** Benchmarks, small: they do the work that they say they measure. */
import { describe, expect, it } from 'vitest';
import { benchDemux } from '../../../src/cli/bench/demux.ts';
import { ethernetLan } from '../../../src/cli/bench/ethernet-lan.ts';
import { hold } from '../../../src/cli/bench/hold.ts';
import { idleHosts } from '../../../src/cli/bench/idle-hosts.ts';
import { lpm } from '../../../src/cli/bench/lpm.ts';
import { manyConnections } from '../../../src/cli/bench/many-connections.ts';
import { pcap } from '../../../src/cli/bench/pcap.ts';
import { tcpDumbbell } from '../../../src/cli/bench/tcp-dumbbell.ts';
import { udpChain } from '../../../src/cli/bench/udp-chain.ts';

describe('hold', () => {
  it.each(['hold', 'heap', 'simulator', 'cancel'] as const)('%s fires as often as it was told to', (mode) => {
    const result = hold({ mode, pending: 10, firings: 2000, passes: 1 });
    expect(result).toMatchObject({ workload: mode, pending: 10, events: 2000 });
    expect(result.eventsPerSecond).toBeGreaterThan(0);
  });
});

describe.each([4, 6] as const)('udp-chain over IPv%i', (family) => {
  it('sends a frame over every link for every datagram, and an event for each of them', () => {
    const { packetHops, delivered, events } = udpChain({ family, routers: 3, chains: 2, seconds: 0.016 });
    expect(delivered).toBe(2000); // two chains, one datagram every 16 us
    expect(packetHops).toBe(4 * 2000);
    expect(events).toBe(5 * 2000); // one per hop, one per datagram sent
  });
});

describe('lpm', () => {
  it.each([4, 6] as const)('finds a route for every destination: IPv%i', (family) => {
    expect(lpm({ family, routes: 500, lookups: 2000 })).toMatchObject({ family, lookups: 2000 });
  });
});

describe('tcp-dumbbell', () => {
  it('fills the bottleneck, and sends again what its queue dropped and nothing else', () => {
    const result = tcpDumbbell({ flows: 10, seconds: 5, warmUp: false });
    const best = (1448 / 1502) * 100;
    expect(result.goodputSecondHalf).toBeGreaterThan(0.97 * best);
    expect(result.goodputSecondHalf).toBeLessThan(1.03 * best); // data that waited for a hole counts when it is read
    expect(result.drops).toBeGreaterThan(100);
    expect(Math.abs(result.retransmissions - result.drops) / result.drops).toBeLessThan(0.1);
    expect(result.jain).toBeGreaterThan(0.8);
  });
});

describe('ethernet-lan', () => {
  it('takes two hops for every datagram', () => {
    const { packetHops, delivered } = ethernetLan({ hosts: 16, seconds: 0.016 });
    expect(delivered).toBe(16 * 200);
    expect(packetHops).toBe(2 * 16 * 200);
  });
});

describe('lan-large', () => {
  it('crosses one to three switches, and every datagram arrives', () => {
    const { packetHops, delivered } = ethernetLan({ hosts: 100, switches: 4, seconds: 0.016 });
    expect(delivered).toBe(100 * 200);
    expect(packetHops / delivered).toBeGreaterThan(2.5);
    expect(packetHops / delivered).toBeLessThan(4);
  });
});

describe('pcap', () => {
  it('writes every frame where it leaves a node and where it enters one', () => {
    const { packetHops, packetsWritten, bytesWritten } = pcap({ routers: 2, seconds: 0.016 });
    expect(packetsWritten).toBeGreaterThan(2 * packetHops - 10); // what is on the way has not arrived
    expect(packetsWritten).toBeLessThanOrEqual(2 * packetHops);
    expect(bytesWritten / packetsWritten).toBeGreaterThan(1042);
  });
});

describe('demux', () => {
  it('finds every connection that it looks for', () => {
    expect(benchDemux(1000, 5000)).toMatchObject({ connections: 1000, lookups: 5000 });
  });
});

describe('idle-hosts', () => {
  it('builds the hosts', () => {
    // What they weigh is only known in a process that does nothing else.
    expect(idleHosts(20)).toMatchObject({ workload: 'idle-hosts', hosts: 20 });
  });
});

describe('many-connections', () => {
  it('answers every request after a round trip of 4 ms and a pause of 100 ms', () => {
    const { transactions } = manyConnections({ connections: 40, seconds: 2.5, warmUp: false });
    // Connection j asks from j / C + 4 ms on, every 104 ms: 19.6 times on average.
    expect(transactions / 40).toBeGreaterThan(19);
    expect(transactions / 40).toBeLessThan(20.5);
  });

  it('adds up several runs', () => {
    const once = manyConnections({ connections: 8, seconds: 0.5, warmUp: false });
    const thrice = manyConnections({ connections: 8, seconds: 0.5, repeats: 3, warmUp: false });
    expect(thrice.packetHops).toBe(3 * once.packetHops);
  });
});
