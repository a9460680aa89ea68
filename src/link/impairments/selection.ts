/**
 * Which frames a rule concerns. In tests prefer indexes to a probability: a list of indexes says which frames were
 * hit, and shrinks.
 */
import { ConfigError } from '../../sim/errors.ts';
import type { RandomStream } from '../../sim/random.ts';
import type { EthernetFrame } from '../frame.ts';

/** All conditions that are given must hold; none at all means every frame. */
export interface Selection {
  /** Only these; the others are not counted. */
  readonly match?: (frame: EthernetFrame) => boolean;
  /** Positions, from 0, among the matching frames that reach the rule. */
  readonly indexes?: readonly number[];
  /** Each with this probability, 0-1. */
  readonly probability?: number;
}

/** Decides frame by frame; keeps count. */
export type Selector = (frame: EthernetFrame) => boolean;

/** @throws ConfigError when the probability is not in 0-1 or an index is not an integer from 0 on */
export function selector(selection: Selection, random: RandomStream): Selector {
  const { match, probability } = selection;
  if (probability !== undefined && !(probability >= 0 && probability <= 1))
    throw new ConfigError(`${probability} is not a probability`, ['probability'], 'a number from 0 to 1');
  const wrong = selection.indexes?.find((index) => !Number.isSafeInteger(index) || index < 0);
  if (wrong !== undefined)
    throw new ConfigError(`${wrong} is not an index`, ['indexes'], 'integers, 0 for the first frame');
  const indexes = selection.indexes === undefined ? null : new Set(selection.indexes);
  let seen = 0;
  return (frame) => {
    if (match !== undefined && !match(frame)) return false;
    const index = seen++;
    if (indexes !== null && !indexes.has(index)) return false;
    return probability === undefined || random.chance(probability);
  };
}
