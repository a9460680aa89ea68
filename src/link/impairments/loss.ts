/** Frames that get lost: some of them, or all of them while the network is partitioned. */
import type { Impairment, ImpairmentContext } from './impairment.ts';
import { type Selection, selector } from './selection.ts';

export interface LossRule extends Selection {
  readonly rule: 'loss';
}

/** Nothing gets through in this direction, and the devices don't notice: their carrier stays. */
export interface PartitionRule {
  readonly rule: 'partition';
}

export function loss(rule: LossRule, context: ImpairmentContext): Impairment {
  const selects = selector(rule, context.random);
  return (transit, pass) => {
    if (selects(transit.frame)) context.drop('link.lost', transit.frame);
    else pass(transit);
  };
}

export function partition(_rule: PartitionRule, context: ImpairmentContext): Impairment {
  return ({ frame }) => context.drop('link.partitioned', frame);
}
