/**
 * A hierarchical timing wheel: seven levels of 256 buckets, one level for each byte of a 56-bit time
 * (Varghese and Lauck, "Hashed and hierarchical timing wheels", 1987).
 *
 * An entry lies on the level of the highest byte in which its time differs from the wheel's base, in the bucket of
 * that byte's value. So a bucket of level 0 holds one exact nanosecond, the first bucket of the lowest level in
 * use holds the earliest entry, and equal times share a bucket in which they were appended in order: first in,
 * first out without a sequence number or a comparison. Buckets are lists linked through a column by slot.
 */
import type { EventQueue } from './event-queue.ts';
import { type Nanos, NEVER } from './time.ts';

const LEVELS = 7;
const BUCKETS = 256;
const WORDS = BUCKETS / 32;
const TWO_32 = 4294967296;
/** Exact, and a multiplication is cheaper than a division. */
const PER_TWO_32 = 1 / TWO_32;

export class WheelQueue implements EventQueue {
  size = 0;

  // The base: every queued time is at or after it, and lies where the base says. Two unsigned halves.
  #baseLow = 0;
  #baseHigh = 0;

  readonly #head = new Int32Array(LEVELS * BUCKETS);
  readonly #tail = new Int32Array(LEVELS * BUCKETS);
  /** One bit per bucket: it is not empty. */
  readonly #occupied = new Int32Array(LEVELS * WORDS);
  /** One bit per word of `#occupied`, and one word per level. */
  readonly #summary = new Int32Array(LEVELS);

  #next = new Int32Array(64);
  #times = new Float64Array(64);

  push(time: Nanos, slot: number): void {
    if (slot >= this.#next.length) this.#grow(slot);
    this.#times[slot] = time;
    this.size++;
    this.#append(time, slot);
  }

  timeOf(slot: number): Nanos {
    return this.#times[slot]!;
  }

  popUntil(limit: Nanos): number {
    const words = this.#summary[0]!;
    if (words === 0) return this.#popFromUpper(limit);
    const word = trailingZeros(words);
    const bits = this.#occupied[word]!;
    const bucket = (word << 5) | trailingZeros(bits);
    const slot = this.#head[bucket]!;
    if (this.#times[slot]! > limit) return -1;
    if (slot === this.#tail[bucket]!) {
      const left = bits & (bits - 1);
      this.#occupied[word] = left;
      if (left === 0) this.#summary[0] = words & (words - 1);
    } else {
      this.#head[bucket] = this.#next[slot]!;
    }
    this.#baseLow = (this.#baseLow & ~0xff) | bucket;
    this.size--;
    return slot;
  }

  peekTime(): Nanos {
    const bucket = this.#firstBucket();
    return bucket < 0 ? NEVER : this.#times[this.#earliestIn(bucket)]!;
  }

  /** Level 0 is empty: the earliest entry is the least of the first bucket further up. */
  #popFromUpper(limit: Nanos): number {
    const bucket = this.#firstBucket();
    if (bucket < 0) return -1;
    const earliest = this.#earliestIn(bucket);
    const time = this.#times[earliest]!;
    if (time > limit) {
      // Later pushes may lie between the limit and this bucket: the base must not pass the limit.
      if (this.#startOf(bucket) <= limit) this.#rebase(limit, bucket, -1);
      return -1;
    }
    this.#rebase(time, bucket, earliest);
    this.size--;
    return earliest;
  }

  /**
   * Moves the base to a time inside `bucket`, the first one in use, whose entries therefore sink to lower levels.
   * Entries elsewhere differ from the old and the new base in the same highest byte and stay.
   * @param taken a slot of the bucket that leaves the queue, or -1
   */
  #rebase(time: Nanos, bucket: number, taken: number): void {
    this.#baseLow = time | 0; // ToInt32: time modulo 2^32
    this.#baseHigh = (time * PER_TWO_32) | 0;
    const last = this.#tail[bucket]!;
    let slot = this.#head[bucket]!;
    this.#clear(bucket);
    for (;;) {
      const next = this.#next[slot]!;
      if (slot !== taken) this.#append(this.#times[slot]!, slot);
      if (slot === last) return;
      slot = next;
    }
  }

  #append(time: Nanos, slot: number): void {
    const low = time | 0;
    const high = (time * PER_TWO_32) | 0;
    let bucket: number;
    if (high === this.#baseHigh) {
      const shift = (31 - Math.clz32((low ^ this.#baseLow) | 1)) & 0x18;
      bucket = (shift << 5) | ((low >>> shift) & 0xff);
    } else {
      const shift = (31 - Math.clz32(high ^ this.#baseHigh)) & 0x18;
      bucket = ((shift + 32) << 5) | ((high >>> shift) & 0xff);
    }
    const word = bucket >> 5;
    const bits = this.#occupied[word]!;
    const bit = 1 << bucket; // the shift counts modulo 32
    if ((bits & bit) === 0) {
      this.#occupied[word] = bits | bit;
      this.#summary[bucket >> 8]! |= 1 << (word & 7);
      this.#head[bucket] = slot;
    } else {
      this.#next[this.#tail[bucket]!] = slot;
    }
    this.#tail[bucket] = slot;
  }

  #clear(bucket: number): void {
    const word = bucket >> 5;
    const left = this.#occupied[word]! & ~(1 << bucket);
    this.#occupied[word] = left;
    if (left === 0) this.#summary[bucket >> 8]! &= ~(1 << (word & 7));
  }

  /** The first bucket in use on the lowest level in use, or -1. */
  #firstBucket(): number {
    for (let level = 0; level < LEVELS; level++) {
      const words = this.#summary[level]!;
      if (words === 0) continue;
      const word = level * WORDS + trailingZeros(words);
      return (word << 5) | trailingZeros(this.#occupied[word]!);
    }
    return -1;
  }

  /** The first of the entries of least time in a bucket. */
  #earliestIn(bucket: number): number {
    const last = this.#tail[bucket]!;
    let slot = this.#head[bucket]!;
    let earliest = slot;
    let least = this.#times[slot]!;
    while (slot !== last) {
      slot = this.#next[slot]!;
      const time = this.#times[slot]!;
      if (time < least) {
        least = time;
        earliest = slot;
      }
    }
    return earliest;
  }

  /** The first instant that belongs to a bucket, as the base stands. */
  #startOf(bucket: number): Nanos {
    const shift = (bucket >> 8) * 8;
    const value = bucket & 0xff;
    if (shift >= 32) {
      const above = (this.#baseHigh >>> (shift - 24)) << (shift - 24);
      return (above | (value << (shift - 32))) * TWO_32;
    }
    const above = shift === 24 ? 0 : (this.#baseLow >>> (shift + 8)) << (shift + 8);
    return this.#baseHigh * TWO_32 + ((above | (value << shift)) >>> 0);
  }

  #grow(slot: number): void {
    let capacity = this.#next.length * 2;
    while (capacity <= slot) capacity *= 2;
    const next = new Int32Array(capacity);
    next.set(this.#next);
    this.#next = next;
    const times = new Float64Array(capacity);
    times.set(this.#times);
    this.#times = times;
  }
}

function trailingZeros(word: number): number {
  return 31 - Math.clz32(word & -word);
}
