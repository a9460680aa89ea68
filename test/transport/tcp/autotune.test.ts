/** The receive window follows the reader: dynamic right-sizing, up to the third number of tcp_rmem. */
import { describe, expect, it } from 'vitest';
import { MILLISECOND } from '../../../src/sim/time.ts';
import { Pair, type PairOptions, pattern } from './pair.ts';

const BLOCK = pattern(65_536);

interface Transfer {
  readonly bytesPerSecond: number;
  readonly widestOffer: number;
}

/** Ten seconds of a sender that never pauses. @param readable may the reader read now? */
function transfer(options: PairOptions, readable: (pair: Pair) => boolean = () => true): Transfer {
  const pair = new Pair({
    delay: 50 * MILLISECOND,
    client: { settings: { sndbuf: 8_000_000, congestionControl: 'reno' } },
    ...options,
  }).establish();
  const { client, server } = pair;
  const fill = () => {
    for (;;) {
      const taken = client.connection.write(BLOCK);
      if (taken <= 0) return;
    }
  };
  client.whenWritable = fill;
  let read = 0;
  const drain = () => {
    while (readable(pair)) {
      const data = server.connection.read(65_536);
      if (typeof data === 'number' || data.size === 0) return;
      read += data.size;
    }
  };
  server.whenReadable = drain;
  for (let ms = 0; ms < 10_000; ms += 100) pair.at(pair.simulator.now + ms * MILLISECOND, drain);
  const began = pair.simulator.now;
  pair.do(fill);
  pair.run(10_000);
  const shift = server.connection.tcb.rcv.wscale;
  const offers = pair.sent.filter((entry) => entry.from === 'server' && entry.at > began);
  return {
    bytesPerSecond: read / 10,
    widestOffer: Math.max(...offers.map((entry) => entry.segment.wnd << shift)),
  };
}

const LARGE = '4096 131072 2097152';

describe('receive-buffer auto-tuning', () => {
  it('opens the window until the path, not the receiver, is the limit', () => {
    const tuned = transfer({ server: { sysctls: { rmem: LARGE } } });
    const fixed = transfer({ server: { sysctls: { rmem: LARGE, moderate_rcvbuf: 0 } } });
    expect(fixed.widestOffer).toBeLessThanOrEqual(131_072);
    expect(tuned.widestOffer).toBeGreaterThan(700_000);
    // A window per round trip of 100 ms is all that the fixed buffer allows.
    expect(fixed.bytesPerSecond).toBeLessThan(10 * 131_072);
    expect(tuned.bytesPerSecond).toBeGreaterThan(5 * fixed.bytesPerSecond);
  });

  it('stops at the maximum of tcp_rmem', () => {
    const { widestOffer } = transfer({ server: { sysctls: { rmem: '4096 131072 400000' } } });
    expect(widestOffer).toBeGreaterThan(150_000);
    expect(widestOffer).toBeLessThanOrEqual(400_000);
  });

  it('leaves a buffer alone that the program has set', () => {
    const { widestOffer } = transfer({
      server: { sysctls: { rmem: LARGE }, settings: { rcvbuf: 60_000 } },
    });
    expect(widestOffer).toBeLessThanOrEqual(60_000);
  });

  it('does not grow for a reader that does not read', () => {
    const { widestOffer, bytesPerSecond } = transfer({ server: { sysctls: { rmem: LARGE } } }, () => false);
    expect(bytesPerSecond).toBe(0);
    expect(widestOffer).toBeLessThanOrEqual(131_072);
  });
});
