/**
 * The pending-event set: what the simulator needs of a priority queue, and nothing more.
 * Entries are slots (small integers); the time of a slot does not change while it is queued.
 */
import type { Nanos } from './time.ts';

/** A stable priority queue: earliest time first, equal times in the order of insertion. */
export interface EventQueue {
  /** Number of queued slots. */
  readonly size: number;
  /**
   * Queues `slot` for `time`, which is never before the time of the last popped slot, nor before a `limit` up to
   * which {@link popUntil} found nothing.
   */
  push(time: Nanos, slot: number): void;
  /** Removes and returns the earliest slot if its time is at most `limit`, else returns -1 and removes nothing. */
  popUntil(limit: Nanos): number;
  /** The time for which `slot` was queued last; remembered until it is queued again. */
  timeOf(slot: number): Nanos;
  /** Time of the earliest slot, or `NEVER`. May cost more than a pop: not for the hot path. */
  peekTime(): Nanos;
}
