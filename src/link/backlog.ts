/**
 * The drop-tail queue of a transmitter whose departure times are known when frames are queued: no frames are held
 * here, only when each waiting frame's transmission will begin. A frame on the wire does not count.
 */
import { ConfigError } from '../sim/errors.ts';
import type { Nanos } from '../sim/time.ts';

/** How many frames, or how many of their bytes (header and payload), may wait. Either, or both. */
export interface QueueLimit {
  readonly packets?: number;
  readonly bytes?: number;
}

/** Linux's txqueuelen of an Ethernet device. */
export const DEFAULT_QUEUE_LIMIT: QueueLimit = { packets: 1000 };

/** @throws ConfigError when a limit is not an integer of at least 0 */
export function checkQueueLimit(limit: QueueLimit): void {
  for (const [unit, value] of Object.entries(limit)) {
    if (value !== Number.POSITIVE_INFINITY && !(Number.isSafeInteger(value) && value >= 0))
      throw new ConfigError(
        `a queue of ${value} ${unit} is not possible`,
        ['queue', unit],
        'an integer from 0 on',
      );
  }
}

export class Backlog {
  readonly #maxPackets: number;
  readonly #maxBytes: number;
  // A ring of the waiting frames: when their transmission begins, and their sizes.
  #starts = new Float64Array(8);
  #sizes = new Int32Array(8);
  #head = 0;
  #packets = 0;
  #bytes = 0;

  constructor(limit: QueueLimit) {
    checkQueueLimit(limit);
    this.#maxPackets = limit.packets ?? Number.POSITIVE_INFINITY;
    this.#maxBytes = limit.bytes ?? Number.POSITIVE_INFINITY;
  }

  /**
   * Queues a frame that has to wait until `start`.
   * @param start not before the start of any frame queued earlier, and after `now`
   * @returns false when the queue is full: the frame is to be dropped
   */
  admit(now: Nanos, start: Nanos, size: number): boolean {
    this.#advance(now);
    if (this.#packets >= this.#maxPackets || this.#bytes + size > this.#maxBytes) return false;
    if (this.#packets === this.#starts.length) this.#grow();
    const at = (this.#head + this.#packets) & (this.#starts.length - 1);
    this.#starts[at] = start;
    this.#sizes[at] = size;
    this.#packets++;
    this.#bytes += size;
    return true;
  }

  /** Frames that wait at the instant `now`. */
  packetsAt(now: Nanos): number {
    this.#advance(now);
    return this.#packets;
  }

  /** Bytes that wait at the instant `now`. */
  bytesAt(now: Nanos): number {
    this.#advance(now);
    return this.#bytes;
  }

  clear(): void {
    this.#packets = 0;
    this.#bytes = 0;
  }

  /** Lets the frames go whose transmission has begun. */
  #advance(now: Nanos): void {
    while (this.#packets > 0 && this.#starts[this.#head]! <= now) {
      this.#bytes -= this.#sizes[this.#head]!;
      this.#head = (this.#head + 1) & (this.#starts.length - 1);
      this.#packets--;
    }
  }

  #grow(): void {
    const capacity = this.#starts.length;
    const starts = new Float64Array(capacity * 2);
    const sizes = new Int32Array(capacity * 2);
    for (let i = 0; i < capacity; i++) {
      const from = (this.#head + i) & (capacity - 1);
      starts[i] = this.#starts[from]!;
      sizes[i] = this.#sizes[from]!;
    }
    this.#starts = starts;
    this.#sizes = sizes;
    this.#head = 0;
  }
}
