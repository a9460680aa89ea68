/** Which neighbour entries may go when the table grows (arp(7), gc_thresh1 to 3). */
import { type Nanos, SECOND } from '../sim/time.ts';
import { type Neighbour, NUD_FAILED, NUD_IN_TIMER, NUD_NOARP, NUD_PERMANENT } from './neighbour.ts';

/** Nothing waits for it and no timer runs. */
export function isIdle(neighbour: Neighbour): boolean {
  return neighbour.queue.length === 0 && (neighbour.state & (NUD_IN_TIMER | NUD_PERMANENT)) === 0;
}

/** Nobody has used it for `gc_stale_time`, or it failed. */
export function expired(neighbour: Neighbour, now: Nanos): boolean {
  const used = Math.max(neighbour.used, neighbour.confirmed);
  return neighbour.state === NUD_FAILED || now >= used + neighbour.config.gcStaleTime;
}

/** Up to `count` of the oldest entries that can be spared at once: failed, fixed, or unchanged for 5 s. */
export function surplus(neighbours: readonly Neighbour[], count: number, now: Nanos): Neighbour[] {
  const spare = neighbours.filter(
    (neighbour) =>
      isIdle(neighbour) &&
      ((neighbour.state & (NUD_FAILED | NUD_NOARP)) !== 0 || now - neighbour.updated > 5 * SECOND),
  );
  return spare.slice(0, Math.max(0, count));
}
