/**
 * Segments that wait for the owner to fetch them, in the order of sending, with the ECN field of their packets. Mostly
 * it is one at a time; only more of them need a ring.
 */
import type { TcpSegment } from './header.ts';

export class Outbox {
  #first: TcpSegment | null = null;
  #firstEcn = 0;
  #others: SegmentRing | null = null;

  put(segment: TcpSegment, ecn: number): void {
    if (this.#first === null) {
      this.#first = segment;
      this.#firstEcn = ecn;
    } else {
      this.#others ??= new SegmentRing();
      this.#others.put(segment, ecn);
    }
  }

  get isEmpty(): boolean {
    return this.#first === null;
  }

  /** ECN field of the segment that {@link take} will return next. */
  get nextEcn(): number {
    return this.#firstEcn;
  }

  take(): TcpSegment | null {
    const segment = this.#first;
    if (segment === null || this.#others === null) {
      this.#first = null;
      return segment;
    }
    this.#firstEcn = this.#others.nextEcn;
    this.#first = this.#others.take();
    return segment;
  }
}

class SegmentRing {
  #segments: (TcpSegment | null)[] = new Array(8).fill(null);
  #ecn = new Uint8Array(8);
  #head = 0;
  #count = 0;

  put(segment: TcpSegment, ecn: number): void {
    if (this.#count === this.#segments.length) this.#grow();
    const slot = (this.#head + this.#count++) & (this.#segments.length - 1);
    this.#segments[slot] = segment;
    this.#ecn[slot] = ecn;
  }

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
    const segments: (TcpSegment | null)[] = new Array(capacity * 2).fill(null);
    const ecn = new Uint8Array(capacity * 2);
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
