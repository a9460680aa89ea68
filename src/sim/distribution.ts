/**
 * Probability distributions as data, and samplers that draw from a stream of their own. What d3-random computes with
 * `Math.pow` is done here by logarithms: powers differ between Node versions.
 */
import { randomExponential, randomNormal, randomUniform } from 'd3-random';
import { ConfigError } from './errors.ts';
import type { RandomStream } from './random.ts';

export type Distribution =
  | { readonly kind: 'constant'; readonly value: number }
  /** Between `min` (included) and `max`. */
  | { readonly kind: 'uniform'; readonly min: number; readonly max: number }
  | { readonly kind: 'normal'; readonly mean: number; readonly deviation: number }
  | { readonly kind: 'exponential'; readonly mean: number }
  /** Heavy-tailed from `minimum` on; the mean is finite for a `shape` above 1. */
  | { readonly kind: 'pareto'; readonly minimum: number; readonly shape: number };

/**
 * A function that draws from `distribution`, taking its randomness from `stream`.
 * @throws ConfigError when a parameter is not finite, or a scale is not positive
 */
export function sampler(distribution: Distribution, stream: RandomStream): () => number {
  const source = (): number => stream.float();
  switch (distribution.kind) {
    case 'constant': {
      const value = finite(distribution.value, 'value');
      return () => value;
    }
    case 'uniform': {
      const { min, max } = distribution;
      if (finite(max, 'max') < finite(min, 'min'))
        throw new ConfigError(`a range from ${min} to ${max} is empty`, ['max'], 'at least the minimum');
      return randomUniform.source(source)(min, max);
    }
    case 'normal':
      return randomNormal.source(source)(
        finite(distribution.mean, 'mean'),
        positive(distribution.deviation, 'deviation'),
      );
    case 'exponential':
      return randomExponential.source(source)(1 / positive(distribution.mean, 'mean'));
    case 'pareto': {
      const minimum = positive(distribution.minimum, 'minimum');
      const shape = positive(distribution.shape, 'shape');
      return () => minimum * Math.exp(-Math.log1p(-source()) / shape);
    }
  }
}

function finite(value: number, key: string): number {
  if (!Number.isFinite(value)) throw new ConfigError(`${value} is not a finite number`, [key]);
  return value;
}

function positive(value: number, key: string): number {
  if (!(finite(value, key) > 0)) throw new ConfigError(`${value} is not positive`, [key], 'more than 0');
  return value;
}
