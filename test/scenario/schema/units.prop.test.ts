/** What a quantity is written as reads back as the same quantity. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  formatRate,
  formatSize,
  parseIndexes,
  parsePercentage,
  parseQueueLimit,
  parseRate,
  parseSize,
} from '../../../src/scenario/schema/units.ts';
import { ConfigError } from '../../../src/sim/errors.ts';
import { runs } from '../../support/property.ts';

describe('units', () => {
  it('round trip', () => {
    const quantity = fc.oneof(
      fc.nat(),
      fc.nat({ max: 1000 }).map((n) => n * 1_000_000),
      fc.maxSafeNat(),
    );
    fc.assert(
      fc.property(quantity, (value) => {
        expect(parseSize(formatSize(value))).toBe(value);
        if (value > 0) expect(parseRate(formatRate(value))).toBe(value);
      }),
      runs(500),
    );
    expect(parseRate(formatRate(Number.POSITIVE_INFINITY))).toBe(Number.POSITIVE_INFINITY);
  });

  it('read what people write', () => {
    expect(parseRate('1.5Mbps')).toBe(1_500_000);
    expect(parseRate('1 Gbps')).toBe(1e9);
    expect(parseSize('64KiB')).toBe(65536);
    expect(parseSize('1.5kB')).toBe(1500);
    expect(parseQueueLimit('1 packet')).toEqual({ packets: 1 });
    expect(parseQueueLimit('64KiB')).toEqual({ bytes: 65536 });
    expect(parsePercentage('1.5%')).toBe(0.015);
    expect(parseIndexes('3, 1, 5-7, 6')).toEqual([1, 3, 5, 6, 7]);
  });

  it("refuse everything else as the user's mistake", () => {
    const readers = [parseRate, parseSize, parseQueueLimit, parsePercentage, parseIndexes];
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[0-9.,% a-zA-Z-]{0,12}$/)), (text) => {
        for (const read of readers) expectConfigErrorOrValue(() => read(text));
      }),
      runs(500),
    );
    for (const text of ['', '10', '0bps', '1mbps', '-1B', '101%', '0', '5-3', '1-9999999'])
      for (const read of readers)
        if (!(read === parseIndexes && text === '10')) expect(() => read(text)).toThrow(ConfigError);
  });
});

function expectConfigErrorOrValue(read: () => unknown): void {
  try {
    expect(read()).toBeDefined();
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
  }
}
