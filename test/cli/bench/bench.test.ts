/** Benchmarks, small: they do the work that they say they measure. */
import { describe, expect, it } from 'vitest';
import { hold } from '../../../src/cli/bench/hold.ts';
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
