/** Segments that wait for the owner to fetch them, in the order of sending, with the ECN field of their packets. */
import type { TcpSegment } from './header.ts';

const NO_SEGMENTS: (TcpSegment | null)[] = [];
const NO_ECN: number[] = [];
const FIRST_CAPACITY = 2;

export class Outbox {
  #segments: (TcpSegment | null)[] = NO_SEGMENTS;
  #ecn: number[] = NO_ECN;
  #head = 0;
  #count = 0;

  put(segment: TcpSegment, ecn: number): void {
    if (this.#count === this.#segments.length) this.#grow();
    const slot = (this.#head + this.#count++) & (this.#segments.length - 1);
    this.#segments[slot] = segment;
    this.#ecn[slot] = ecn;
  }

  get isEmpty(): boolean {
    return this.#count === 0;
  }

  /** ECN field of the segment that {@link take} will return next. */
  get nextEcn(): number {
    return this.#ecn[this.#head]!;
  }

  take(): TcpSegment | null {
    if (this.#count === 0) return null;
    const segment = this.#segments[this.#head]!;
    this.#segments[this.#head] = null;
    this.#head = (this.#head + 1) & (this.#segments.length - 1);
    this.#count--;
    return segment;
  }

  #grow(): void {
    const capacity = this.#segments.length;
    const larger = Math.max(FIRST_CAPACITY, capacity * 2);
    const segments: (TcpSegment | null)[] = new Array(larger).fill(null);
    const ecn: number[] = new Array(larger).fill(0);
    for (let i = 0; i < capacity; i++) {
      const slot = (this.#head + i) & (capacity - 1);
      segments[i] = this.#segments[slot]!;
      ecn[i] = this.#ecn[slot]!;
    }
    this.#segments = segments;
    this.#ecn = ecn;
    this.#head = 0;
  }
}
