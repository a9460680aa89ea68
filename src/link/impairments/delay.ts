/** Extra delay, constant or drawn for every frame. Frames stay in order unless the rule says otherwise. */
import { type Distribution, sampler } from '../../sim/distribution.ts';
import { ConfigError } from '../../sim/errors.ts';
import type { Nanos } from '../../sim/time.ts';
import type { Impairment, ImpairmentContext } from './impairment.ts';
import { type Selection, selector } from './selection.ts';

export interface DelayRule extends Selection {
  readonly rule: 'delay';
  /** Added to every selected frame; default 0. */
  readonly extraDelayNs?: Nanos;
  /** Added besides, drawn for every selected frame, in ns; rounded, and never less than 0 in sum. */
  readonly jitterNs?: Distribution;
  /** Default true: a frame waits for those before it. False: it may overtake them. */
  readonly keepOrder?: boolean;
}

/** @throws ConfigError when the delay is not an integer of at least 0 or the distribution is impossible */
export function delay(rule: DelayRule, context: ImpairmentContext): Impairment {
  const selects = selector(rule, context.random);
  const constant = checkExtraDelay(rule.extraDelayNs ?? 0);
  const draw = rule.jitterNs === undefined ? null : sampler(rule.jitterNs, context.random);
  const mayOvertake = rule.keepOrder === false;
  return (transit, pass) => {
    if (!selects(transit.frame)) {
      pass(transit);
      return;
    }
    const added = draw === null ? constant : Math.max(0, constant + Math.round(draw()));
    pass({
      frame: transit.frame,
      extraDelay: transit.extraDelay + added,
      mayBeOvertaken: transit.mayBeOvertaken || mayOvertake,
    });
  };
}

export function checkExtraDelay(delayNs: Nanos): Nanos {
  if (!Number.isSafeInteger(delayNs) || delayNs < 0)
    throw new ConfigError(
      `an extra delay of ${delayNs} ns is not possible`,
      ['extraDelayNs'],
      'an integer from 0 on',
    );
  return delayNs;
}
