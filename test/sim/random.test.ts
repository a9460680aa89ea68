/** Random streams and distributions: repeatable, independent of each other, of the shape they claim. */
import { describe, expect, it } from 'vitest';
import { type Distribution, sampler } from '../../src/sim/distribution.ts';
import { ConfigError } from '../../src/sim/errors.ts';
import { RandomStreams } from '../../src/sim/random.ts';

function draws(seed: number, run: number, name: string, count = 5): number[] {
  const stream = new RandomStreams(seed, run).stream(name);
  return Array.from({ length: count }, () => stream.u32());
}

describe('random streams', () => {
  it('draw the same numbers for the same seed, run and name, on every machine and version', () => {
    expect(draws(1, 0, 'a')).toEqual(draws(1, 0, 'a'));
    expect(draws(1, 0, 'a', 3)).toEqual([1635515114, 2451099453, 2891133840]);
  });

  it('differ with the seed, the run and the name', () => {
    const first = [draws(1, 0, 'a'), draws(2, 0, 'a'), draws(1, 1, 'a'), draws(1, 0, 'b'), draws(1, 0, '')];
    expect(new Set(first.map(String)).size).toBe(first.length);
  });

  it('do not disturb each other', () => {
    const streams = new RandomStreams(1);
    const a = streams.stream('a');
    streams.stream('b').u32();
    expect([a.u32(), streams.stream('a').u32()]).toEqual([draws(1, 0, 'a')[0], draws(1, 0, 'a')[0]]);
  });

  it('are uniform', () => {
    const stream = new RandomStreams(5).stream('uniform');
    const counts = new Array<number>(10).fill(0);
    for (let i = 0; i < 100_000; i++) counts[Math.floor(stream.float() * 10)]!++;
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(500);
    const dice = new Set(Array.from({ length: 1000 }, () => stream.int(1, 6)));
    expect([...dice].sort()).toEqual([1, 2, 3, 4, 5, 6]);
    const hits = Array.from({ length: 10_000 }, () => stream.chance(0.2)).filter(Boolean).length;
    expect(Math.abs(hits - 2000)).toBeLessThan(200);
  });
});

describe('distributions', () => {
  const sample = (distribution: Distribution, count = 50_000): number[] => {
    const draw = sampler(distribution, new RandomStreams(9).stream('sample'));
    return Array.from({ length: count }, draw);
  };
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value) / values.length;

  it.each<[Distribution, number]>([
    [{ kind: 'constant', value: 7 }, 7],
    [{ kind: 'uniform', min: 10, max: 30 }, 20],
    [{ kind: 'normal', mean: 100, deviation: 20 }, 100],
    [{ kind: 'exponential', mean: 50 }, 50],
    [{ kind: 'pareto', minimum: 10, shape: 3 }, 15],
  ])('%j has the mean %d', (distribution, expected) => {
    expect(Math.abs(mean(sample(distribution)) / expected - 1)).toBeLessThan(0.02);
  });

  it('keep within their bounds and have their spread', () => {
    const uniform = sample({ kind: 'uniform', min: 10, max: 30 });
    expect(Math.min(...uniform.slice(0, 5000))).toBeGreaterThanOrEqual(10);
    expect(Math.max(...uniform.slice(0, 5000))).toBeLessThan(30);
    expect(Math.min(...sample({ kind: 'pareto', minimum: 10, shape: 3 }, 5000))).toBeGreaterThanOrEqual(10);
    const normal = sample({ kind: 'normal', mean: 0, deviation: 20 });
    expect(Math.sqrt(mean(normal.map((value) => value * value)))).toBeCloseTo(20, 0);
  });

  it.each<Distribution>([
    { kind: 'constant', value: Number.NaN },
    { kind: 'uniform', min: 2, max: 1 },
    { kind: 'normal', mean: 0, deviation: 0 },
    { kind: 'exponential', mean: -1 },
    { kind: 'pareto', minimum: 1, shape: Number.POSITIVE_INFINITY },
  ])('refuse %j', (distribution) => {
    expect(() => sampler(distribution, new RandomStreams(1).stream('x'))).toThrow(ConfigError);
  });
});
