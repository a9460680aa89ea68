/** Spans and instants as text. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ConfigError } from '../../src/sim/errors.ts';
import { formatDuration, formatTime, NEVER, parseDuration } from '../../src/sim/time.ts';
import { runs } from '../support/property.ts';

describe('parseDuration', () => {
  it.each([
    ['0s', 0],
    ['1ns', 1],
    ['1.5us', 1500],
    ['2µs', 2000],
    ['10ms', 10_000_000],
    [' 1.5 s ', 1_500_000_000],
    ['2min', 120_000_000_000],
    ['1h', 3_600_000_000_000],
    ['.5ms', 500_000],
    ['0.1ns', 0],
  ])('reads %s', (text, ns) => {
    expect(parseDuration(text)).toBe(ns);
  });

  it.each(['', '10', 'ms', '10 parsecs', '-1s', '1e3s', '10000000s', '1.s'])('refuses "%s"', (text) => {
    expect(() => parseDuration(text)).toThrow(ConfigError);
  });

  it('reads what formatDuration writes', () => {
    fc.assert(
      fc.property(fc.nat({ max: 1_000_000_000_000 }), (ns) => {
        expect(parseDuration(formatDuration(ns))).toBe(ns);
      }),
      runs(500),
    );
  });
});

describe('formatDuration', () => {
  it.each([
    [0, '0s'],
    [250, '250ns'],
    [1500, '1.5us'],
    [1_500_000, '1.5ms'],
    [3_000_000_000, '3s'],
    [-5, '-5ns'],
    [NEVER, 'never'],
  ])('writes %d as %s', (ns, text) => {
    expect(formatDuration(ns)).toBe(text);
  });
});

describe('formatTime', () => {
  it.each([
    [0, '0.000000000'],
    [1_000_000_123, '1.000000123'],
    [9_007_199_254_740_991, '9007199.254740991'],
  ])('writes %d as %s', (ns, text) => {
    expect(formatTime(ns)).toBe(text);
  });
});
