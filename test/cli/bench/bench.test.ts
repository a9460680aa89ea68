/** Benchmarks, small: they do the work that they say they measure. */
import { describe, expect, it } from 'vitest';
import { ethernetLan } from '../../../src/cli/bench/ethernet-lan.ts';
import { hold } from '../../../src/cli/bench/hold.ts';
import { manyConnections } from '../../../src/cli/bench/many-connections.ts';
import { tcpDumbbell } from '../../../src/cli/bench/tcp-dumbbell.ts';
import { udpChain } from '../../../src/cli/bench/udp-chain.ts';

describe('hold', () => {
  it('measures every mode at every size', () => {
    const { rows } = hold({ pending: [10, 500], firings: 2000, passes: 1 });
    expect(rows.map(({ mode, queue, pending }) => `${mode} ${queue} ${pending}`)).toEqual([
      'hold wheel 10',
      'simulator wheel 10',
      'cancel wheel 10',
      'hold wheel 500',
      'simulator wheel 500',
      'cancel wheel 500',
      'hold heap 10',
      'hold heap 500',
    ]);
    for (const row of rows) expect(row.firingsPerSecond).toBeGreaterThan(0);
  });
});

describe('udp-chain', () => {
  it('sends a frame over every link for every datagram, and an event for each of them', () => {
    const { packetHops, delivered, events } = udpChain({ routers: 3, chains: 2, seconds: 0.016 });
    expect(delivered).toBe(2000); // two chains, one datagram every 16 us
    expect(packetHops).toBe(4 * 2000);
    expect(events).toBe(5 * 2000); // one per hop, one per datagram sent
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

describe('many-connections', () => {
  it('answers every request after a round trip of 4 ms and a pause of 100 ms', () => {
    const { transactions } = manyConnections({ connections: 40, seconds: 2.5, warmUp: false });
    // Connection j asks from j / C + 4 ms on, every 104 ms: 19.6 times on average.
    expect(transactions / 40).toBeGreaterThan(19);
    expect(transactions / 40).toBeLessThan(20.5);
  });
});
