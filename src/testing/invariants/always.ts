/** What must hold of every network, whatever runs on it: switched on with `invariants: ALWAYS`. */
import type { Invariant } from '../invariant.ts';
import { CONSERVATION } from './conservation.ts';
import { DELIVERED_PREFIX } from './delivered-prefix.ts';
import { DEMUX_UNIQUENESS } from './demux-uniqueness.ts';
import { NO_DESCRIPTOR_LEAK } from './descriptors.ts';
import { SEQUENCE_ORDER } from './sequence-order.ts';
import { NO_STRAY_TIMER } from './timers.ts';

/** All invariants of the kit. Those of one's own go beside them: `invariants: [...ALWAYS, mine]`. */
export const ALWAYS: readonly Invariant[] = [
  CONSERVATION,
  SEQUENCE_ORDER,
  DELIVERED_PREFIX,
  DEMUX_UNIQUENESS,
  NO_DESCRIPTOR_LEAK,
  NO_STRAY_TIMER,
];
