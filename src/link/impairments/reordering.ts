/** Frames that are held back, so that those sent after them overtake. */
import type { Nanos } from '../../sim/time.ts';
import { checkExtraDelay } from './delay.ts';
import type { Impairment, ImpairmentContext } from './impairment.ts';
import { type Selection, selector } from './selection.ts';

export interface ReorderingRule extends Selection {
  readonly rule: 'reorder';
  /** How long a selected frame is held back. */
  readonly extraDelayNs: Nanos;
}

/** @throws ConfigError when the delay is not an integer of at least 0 */
export function reordering(rule: ReorderingRule, context: ImpairmentContext): Impairment {
  const selects = selector(rule, context.random);
  const held = checkExtraDelay(rule.extraDelayNs);
  return (transit, pass) => {
    if (!selects(transit.frame)) pass(transit);
    else pass({ frame: transit.frame, extraDelay: transit.extraDelay + held, mayBeOvertaken: true });
  };
}
