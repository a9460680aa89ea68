/**
 * The numbers of CSMA/CD (IEEE 802.3 4.2.3.2 and 4.4.2, for 10 and 100 Mb/s), and the wait after a collision.
 */
import type { RandomStream } from '../../sim/random.ts';
import { type Nanos, SECOND } from '../../sim/time.ts';

const SLOT_BITS = 512;
const JAM_BITS = 32;
const GAP_BITS = 96;
/** A carrier in the first two thirds of the gap starts it anew; in the last third it is not looked at. */
const GAP_PART_1_BITS = 64;
const BACKOFF_LIMIT = 10;
/** A frame that collides this often is given up. */
export const ATTEMPT_LIMIT = 16;

/** The parameters in ns at some rate. */
export interface CsmaCdTimes {
  readonly slot: Nanos;
  readonly jam: Nanos;
  readonly gap: Nanos;
  readonly gapPart1: Nanos;
}

export function csmaCdTimes(rateBps: number): CsmaCdTimes {
  const bits = (count: number): Nanos => Math.round((count * SECOND) / rateBps);
  return { slot: bits(SLOT_BITS), jam: bits(JAM_BITS), gap: bits(GAP_BITS), gapPart1: bits(GAP_PART_1_BITS) };
}

/**
 * Truncated binary exponential backoff (4.2.3.2.5).
 * @param attempts how often the frame has collided, 1-15
 * @returns the wait in slot times: uniform from 0 to 2^min(attempts, 10) - 1
 */
export function backoffSlots(attempts: number, random: RandomStream): number {
  return random.int(0, (1 << Math.min(attempts, BACKOFF_LIMIT)) - 1);
}
