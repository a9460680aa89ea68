/** RFC 5681 3.1 in segments: the window doubles in a round of slow start, grows by one in a round of avoidance, halves on loss. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Reno } from '../../../../src/transport/tcp/congestion/reno.ts';
import { runs } from '../../../support/property.ts';
import { Rounds } from './window.ts';

const RTT = 50_000;
const perAck = fc.integer({ min: 1, max: 4 });

describe('Reno', () => {
  it('doubles the window in a round of slow start, and stops at ssthresh', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 500 }),
        fc.integer({ min: 2, max: 2000 }),
        perAck,
        (cwnd, ssthresh, per) => {
          fc.pre(2 * cwnd <= ssthresh);
          const rounds = new Rounds(new Reno(), per);
          rounds.window.cwnd = cwnd;
          rounds.window.ssthresh = ssthresh;
          expect(rounds.round(RTT)).toBe(2 * cwnd);
        },
      ),
      runs(100),
    );
  });

  it('grows by one segment in a round of congestion avoidance, however ACKs are aggregated', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 1000 }), perAck, (cwnd, per) => {
        const rounds = new Rounds(new Reno(), per);
        rounds.window.cwnd = cwnd;
        rounds.window.ssthresh = cwnd;
        // An ACK of several segments may carry what it is over into the next round.
        for (let i = 1; i <= 10; i++) expect(Math.abs(rounds.round(RTT) - (cwnd + i))).toBeLessThanOrEqual(1);
      }),
      runs(100),
    );
  });

  it('does not grow a window that the sender does not fill', () => {
    const rounds = new Rounds(new Reno());
    rounds.window.ssthresh = 5;
    rounds.window.isLimited = false;
    expect(rounds.round(RTT)).toBe(10);
  });

  it('halves on loss, but never below two segments', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10_000 }), (cwnd) => {
        const rounds = new Rounds(new Reno());
        rounds.window.cwnd = cwnd;
        expect(rounds.lose()).toBe(Math.max(2, Math.floor(cwnd / 2)));
        expect(rounds.controller.undoCwnd(rounds.window)).toBe(Math.max(cwnd, rounds.window.cwnd));
      }),
      runs(100),
    );
  });
});
