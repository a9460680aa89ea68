/**
 * CUBIC against the closed form of RFC 9438: W(t) = C (t - K)^3 + W_max, C = 0.4, beta = 0.7, and never slower than
 * Reno with the same beta (4.3). The code works in integers and once an ACK, so the curves may differ by a little.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SECOND } from '../../../../src/sim/time.ts';
import { Cubic } from '../../../../src/transport/tcp/congestion/cubic.ts';
import { runs } from '../../../support/property.ts';
import { Rounds } from './window.ts';

const C = 0.4;
const BETA = 717 / 1024;

/** A flow whose window was `max` when it lost; slow start is over. */
function afterLoss(max: number, perAck: number = 1): Rounds {
  const rounds = new Rounds(new Cubic(), perAck);
  rounds.window.cwnd = max;
  rounds.window.ssthresh = max;
  rounds.lose();
  return rounds;
}

/** W_cubic of RFC 9438 4.2, segments; t in seconds since the reduction. */
function curve(max: number, start: number, t: number): number {
  const k = Math.cbrt((max - start) / C);
  const d = t - k;
  return max + C * d * d * d;
}

/** W_est of RFC 9438 4.3: what Reno with this beta would have. */
function reno(start: number, t: number, rtt: number): number {
  const alpha = (3 * (1 - BETA)) / (1 + BETA);
  return start + (alpha * t) / rtt;
}

describe('CUBIC', () => {
  it('follows the curve of RFC 9438, or Reno where Reno is faster', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 40, max: 3000 }),
        fc.integer({ min: 5, max: 200 }),
        fc.integer({ min: 1, max: 3 }),
        (max, rttMs, perAck) => {
          const rounds = afterLoss(max, perAck);
          const start = rounds.window.cwnd;
          expect(start).toBe(Math.floor(max * BETA));
          const began = rounds.now;
          const until = began + Math.min(20, 2 * Math.cbrt((max - start) / C)) * SECOND;
          while (rounds.now < until) {
            const cwnd = rounds.round(rttMs * 1000);
            const t = (rounds.now - began) / SECOND;
            const rtt = rttMs / 1000;
            // The window of a round is aimed at the curve one RTT ahead (4.2), and reaches it within the next.
            const lowest = Math.max(curve(max, start, t - rtt), reno(start, t - 2 * rtt, rtt));
            const highest = Math.max(curve(max, start, t + 2 * rtt), reno(start, t + 2 * rtt, rtt));
            expect(cwnd).toBeGreaterThanOrEqual(0.97 * lowest - 2);
            expect(cwnd).toBeLessThanOrEqual(1.03 * highest + 2);
          }
        },
      ),
      runs(60),
    );
  });

  it('stays flat around the window of the last loss', () => {
    const rounds = afterLoss(1000);
    const k = Math.cbrt(300 / C);
    while (rounds.now < SECOND + (k - 1) * SECOND) rounds.round(50_000);
    const before = rounds.window.cwnd;
    while (rounds.now < SECOND + (k + 1) * SECOND) rounds.round(50_000);
    expect(rounds.window.cwnd - before).toBeLessThanOrEqual(5);
    expect(Math.abs(before - 1000)).toBeLessThanOrEqual(5);
  });

  it('aims lower after a second loss below the first: fast convergence', () => {
    const rounds = afterLoss(1000);
    for (let i = 0; i < 5; i++) rounds.round(50_000);
    const second = rounds.window.cwnd;
    expect(second).toBeLessThan(1000);
    rounds.lose();
    const plateau = (second * (1 + BETA)) / 2;
    const k = Math.cbrt((plateau - rounds.window.cwnd) / C);
    const until = rounds.now + k * SECOND;
    while (rounds.now < until) rounds.round(50_000);
    expect(Math.abs(rounds.window.cwnd - plateau)).toBeLessThanOrEqual(8);
  });

  it('grows by a twentieth or more in each round while it knows of no loss', () => {
    const rounds = new Rounds(new Cubic());
    rounds.window.cwnd = 100;
    rounds.window.ssthresh = 100;
    let last = 100;
    for (let i = 0; i < 10; i++) {
      const cwnd = rounds.round(20_000);
      expect(cwnd).toBeGreaterThanOrEqual(Math.floor(last * 1.045));
      last = cwnd;
    }
  });

  it('does not count silence as time of growth', () => {
    const silent = afterLoss(1000);
    const steady = afterLoss(1000);
    for (const flow of [silent, steady]) for (let i = 0; i < 10; i++) flow.round(50_000);
    const last = silent.now;
    silent.now += 30 * SECOND;
    silent.controller.onRestart(silent.window, silent.now, last);
    for (const flow of [silent, steady]) for (let i = 0; i < 10; i++) flow.round(50_000);
    expect(Math.abs(silent.window.cwnd - steady.window.cwnd)).toBeLessThanOrEqual(2);
  });

  it('forgets the path after a timeout', () => {
    const rounds = afterLoss(3000);
    rounds.controller.onTimeout(rounds.now, 1);
    rounds.window.cwnd = 50;
    rounds.window.ssthresh = 50;
    for (let i = 0; i < 20; i++) rounds.round(20_000);
    expect(rounds.window.cwnd).toBeGreaterThan(100); // a twentieth a round: as at the start, not towards 3000
    expect(rounds.window.cwnd).toBeLessThan(160);
  });
});
