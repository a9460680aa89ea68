/**
 * When a kernel timer really fires: Linux's timer wheel never fires early, and the longer the delay the coarser its
 * slots, so that a timer is up to an eighth late (1 s up to 32 ms, 5 s up to 256 ms). Captures show it.
 */
import type { Nanos } from '../sim/time.ts';
import { JIFFY } from './ipv4-config.ts';

/** Slots of one level; each level is eight times as coarse as the one below. */
const SLOTS = 64;
const LEVELS = 9;

/** @returns the instant at which a timer set now for `delay` fires */
export function kernelExpiry(now: Nanos, delay: Nanos): Nanos {
  const jiffies = Math.floor(now / JIFFY);
  const expires = jiffies + Math.ceil(delay / JIFFY);
  let grain = 1;
  for (let level = 1; level < LEVELS && expires - jiffies >= (SLOTS - 1) * grain; level++) grain *= 8;
  return (Math.floor(expires / grain) + 1) * grain * JIFFY;
}
