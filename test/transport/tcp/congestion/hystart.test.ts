/** HyStart: slow start ends when a train of ACKs fills half the round trip, or when the round trip has grown. */
import { describe, expect, it } from 'vitest';
import { MICROSECOND, SECOND } from '../../../../src/sim/time.ts';
import {
  AckFacts,
  CongestionWindow,
  INFINITE_SSTHRESH,
} from '../../../../src/transport/tcp/congestion/controller.ts';
import {
  CubicParameters,
  DETECT_DELAY,
  DETECT_TRAIN,
  Hystart,
} from '../../../../src/transport/tcp/congestion/hystart.ts';

interface Round {
  readonly cwnd: number;
  /** Between two ACKs. */
  readonly gapUs: number;
  readonly rttUs: number;
  readonly minUs: number;
  readonly detect?: number;
  readonly enabled?: boolean;
  readonly acks?: number;
}

/** One round of slow start. @returns the ACK at which it was left, -1 when it was not */
function leftAt({ cwnd, gapUs, rttUs, minUs, detect, enabled, acks = cwnd }: Round): number {
  const parameters = new CubicParameters();
  parameters.detect = detect ?? DETECT_TRAIN | DETECT_DELAY;
  parameters.hystart = enabled ?? true;
  const hystart = new Hystart(parameters);
  const window = new CongestionWindow();
  window.cwnd = cwnd;
  const facts = new AckFacts();
  facts.now = SECOND;
  facts.sndNxt = 1 + cwnd;
  hystart.reset(facts.now, facts.sndNxt);
  for (let i = 1; i <= acks; i++) {
    facts.now += gapUs * MICROSECOND;
    facts.sndUna = 1 + i;
    facts.rttUs = rttUs;
    hystart.onSample(window, facts, minUs);
    if (hystart.found) {
      expect(window.ssthresh).toBe(cwnd);
      return i;
    }
  }
  expect(window.ssthresh).toBe(INFINITE_SSTHRESH);
  return -1;
}

describe('HyStart', () => {
  it('leaves when a train of ACKs is longer than half the least round trip', () => {
    // 1000 us apart, 40 ms: the 21st ACK comes after more than 20 ms.
    expect(leftAt({ cwnd: 40, gapUs: 1000, rttUs: 40_000, minUs: 40_000, detect: DETECT_TRAIN })).toBe(21);
  });

  it('counts no train over gaps of more than two milliseconds', () => {
    expect(leftAt({ cwnd: 40, gapUs: 2001, rttUs: 40_000, minUs: 40_000, detect: DETECT_TRAIN })).toBe(-1);
    expect(leftAt({ cwnd: 40, gapUs: 2000, rttUs: 40_000, minUs: 40_000, detect: DETECT_TRAIN })).toBe(11);
  });

  it('leaves when nine samples say that the round trip has grown by an eighth', () => {
    const round = { cwnd: 40, gapUs: 10, minUs: 80_000, detect: DETECT_DELAY };
    expect(leftAt({ ...round, rttUs: 90_000 })).toBe(-1);
    expect(leftAt({ ...round, rttUs: 90_001 })).toBe(9);
    expect(leftAt({ ...round, rttUs: 90_001, acks: 8 })).toBe(-1);
  });

  it('takes no growth below 4 ms as a sign, and any above 16 ms', () => {
    const round = { cwnd: 40, gapUs: 10, detect: DETECT_DELAY };
    expect(leftAt({ ...round, minUs: 8000, rttUs: 12_000 })).toBe(-1);
    expect(leftAt({ ...round, minUs: 8000, rttUs: 12_001 })).toBe(9);
    expect(leftAt({ ...round, minUs: 400_000, rttUs: 416_000 })).toBe(-1);
    expect(leftAt({ ...round, minUs: 400_000, rttUs: 416_001 })).toBe(9);
  });

  it('keeps quiet below a window of sixteen segments, and when it is switched off', () => {
    const round = { gapUs: 10, rttUs: 500_000, minUs: 8000 };
    expect(leftAt({ ...round, cwnd: 15 })).toBe(-1);
    expect(leftAt({ ...round, cwnd: 16 })).toBe(9);
    expect(leftAt({ ...round, cwnd: 16, enabled: false })).toBe(-1);
    expect(leftAt({ ...round, cwnd: 16, detect: DETECT_TRAIN, acks: 16 })).toBe(-1);
  });

  it('begins its samples anew with each round', () => {
    const hystart = new Hystart(new CubicParameters());
    const window = new CongestionWindow();
    window.cwnd = 40;
    const facts = new AckFacts();
    for (let round = 0; round < 5; round++) {
      // Seven late samples a round are never nine.
      for (let i = 0; i < 7; i++) {
        facts.now += 3000 * MICROSECOND;
        facts.rttUs = 100_000;
        facts.sndUna = 1 + round * 40 + i + 1;
        facts.sndNxt = facts.sndUna + 40;
        hystart.onSample(window, facts, 20_000);
      }
      facts.sndUna += 40;
    }
    expect(hystart.found).toBe(false);
  });
});
