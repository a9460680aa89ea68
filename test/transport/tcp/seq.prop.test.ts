import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seqAdd, seqBetween, seqDiff, seqGe, seqGt, seqLe, seqLt } from '../../../src/transport/tcp/seq.ts';
import { runs } from '../../support/property.ts';

const number = fc.nat(0xffffffff);
const near = fc.integer({ min: -0x7fffffff, max: 0x7fffffff });

describe('sequence numbers', () => {
  it('stay unsigned and know their distance, across the wrap', () => {
    fc.assert(
      fc.property(number, near, (a, n) => {
        const b = seqAdd(a, n);
        expect(b).toBeGreaterThanOrEqual(0);
        expect(b).toBeLessThanOrEqual(0xffffffff);
        expect(seqDiff(b, a)).toBe(n);
      }),
      runs(500),
    );
  });

  it('are ordered by the shorter way around', () => {
    fc.assert(
      fc.property(number, near, (a, n) => {
        const b = seqAdd(a, n);
        expect(seqLt(a, b)).toBe(n > 0);
        expect(seqLe(a, b)).toBe(n >= 0);
        expect(seqGt(a, b)).toBe(n < 0);
        expect(seqGe(a, b)).toBe(n <= 0);
      }),
      runs(500),
    );
  });

  it('lie between two others as on a circle', () => {
    fc.assert(
      fc.property(number, fc.nat(0xffffffff), fc.nat(0xffffffff), (low, width, offset) => {
        expect(seqBetween(seqAdd(low, offset), low, seqAdd(low, width))).toBe(offset <= width);
      }),
      runs(500),
    );
  });
});
