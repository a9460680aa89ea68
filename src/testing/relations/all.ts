/** The relations of the kit, for `checkRelations(scenario, RELATIONS)`. */
import { IDLE_HOST } from './idle-host.ts';
import { RE_ADDRESSING } from './re-addressing.ts';
import type { Relation } from './relation.ts';
import { RENAMING } from './renaming.ts';
import { REORDERING } from './reordering.ts';
import { OTHER_SEED, OTHER_SEQUENCE_NUMBERS, TAPS_OFF, TWO_HALVES, WIRE_MODE } from './same-run.ts';
import { SPLIT_LINK } from './split-link.ts';
import { TIME_SHIFT } from './time-shift.ts';
import { WRITE_SIZES } from './write-sizes.ts';

export const RELATIONS: readonly Relation[] = [
  TAPS_OFF,
  WIRE_MODE,
  TWO_HALVES,
  OTHER_SEED,
  ...OTHER_SEQUENCE_NUMBERS,
  RENAMING,
  RE_ADDRESSING,
  REORDERING,
  IDLE_HOST,
  TIME_SHIFT,
  ...WRITE_SIZES,
  SPLIT_LINK,
];
