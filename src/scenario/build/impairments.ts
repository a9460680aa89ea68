/** Impairments as scenarios write them to rules as links obey them. */
import type { ImpairmentRule } from '../../link/impairments/impairment.ts';
import type { Selection } from '../../link/impairments/selection.ts';
import { assertNever } from '../../sim/errors.ts';
import type { ImpairmentSpec } from '../schema/scenario.ts';
import type { Directory } from './directory.ts';

export function impairmentRule(spec: ImpairmentSpec, directory: Directory): ImpairmentRule {
  const selection = selectionOf(spec, directory);
  switch (spec.do) {
    case 'drop':
      return { rule: 'loss', ...selection };
    case 'duplicate':
      return { rule: 'duplicate', ...selection, copies: spec.copies };
    case 'reorder':
      return { rule: 'reorder', ...selection, extraDelayNs: spec.by };
    case 'delay': {
      const jitter =
        spec.jitter === 0 ? {} : { jitterNs: { kind: 'uniform', min: 0, max: spec.jitter } as const };
      return { rule: 'delay', ...selection, extraDelayNs: spec.by, ...jitter };
    }
    case 'corrupt':
      return { rule: 'corrupt', ...selection, bits: spec.bits, fcs: spec.fcs };
    default:
      return assertNever(spec);
  }
}

/** People count packets from 1, links from 0. */
export function selectionOf(
  { match, packets, chance }: Pick<ImpairmentSpec, 'match' | 'packets' | 'chance'>,
  directory: Directory,
): Selection {
  return {
    ...(match === null ? {} : { match: directory.matcher(match) }),
    ...(packets === null ? {} : { indexes: packets.map((index) => index - 1) }),
    ...(chance === null ? {} : { probability: chance }),
  };
}
