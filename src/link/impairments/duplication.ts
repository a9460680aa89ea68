/** Frames that arrive more than once: the copies directly behind the original, unless later rules part them. */
import { ConfigError } from '../../sim/errors.ts';
import type { Impairment, ImpairmentContext } from './impairment.ts';
import { type Selection, selector } from './selection.ts';

export interface DuplicationRule extends Selection {
  readonly rule: 'duplicate';
  /** How many copies besides the original; default 1. */
  readonly copies?: number;
}

/** @throws ConfigError when the number of copies is not an integer of at least 1 */
export function duplication(rule: DuplicationRule, context: ImpairmentContext): Impairment {
  const selects = selector(rule, context.random);
  const copies = rule.copies ?? 1;
  if (!Number.isSafeInteger(copies) || copies < 1)
    throw new ConfigError(`${copies} copies are not possible`, ['copies'], 'an integer from 1 on');
  return (transit, pass) => {
    const selected = selects(transit.frame);
    pass(transit);
    if (!selected) return;
    for (let i = 0; i < copies; i++) {
      context.duplicated(transit.frame);
      pass(transit);
    }
  };
}
