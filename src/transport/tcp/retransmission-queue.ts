/**
 * What was sent and is not acknowledged: one entry per segment, in the order of sequence numbers, in a ring, so that
 * an ACK costs the same for a window of ten and of ten thousand. The entries are also chained in the order in which they
 * were last sent, which RACK (RFC 8985) walks. This is the scoreboard of RFC 6675.
 *
 * An entry is a row of numbers; an empty queue has no rows, but borrows them when the first segment leaves.
 */
import { invariant } from '../../sim/errors.ts';
import type { Nanos } from '../../sim/time.ts';
import { RingStore } from './ring-store.ts';
import { seqDiff, seqGt, seqLe } from './seq.ts';

/** Marks of an entry. The first two are header flags that belong to the sequence space. */
export const Q_FIN = 0x01;
export const Q_SYN = 0x02;
/** The header carries PSH. */
export const Q_PSH = 0x04;
/** Selectively acknowledged. */
export const Q_SACKED = 0x08;
/** Deemed lost, and waiting for retransmission unless Q_RETRANS is set too. */
export const Q_LOST = 0x10;
/** Retransmitted, and that copy is deemed in flight. */
export const Q_RETRANS = 0x20;
/** Was retransmitted at least once: no RTT sample without timestamps (Karn). */
export const Q_EVER_RETRANS = 0x40;
/** Left in one burst with the entry behind it, as one TSO packet: what happens to one happens to both. */
export const Q_JOINED = 0x80;
/** The user ended a record here (MSG_EOR): never merged with what follows. */
export const Q_EOR = 0x100;
/** Part of the time-ordered chain. */
const Q_CHAINED = 0x200;

const NONE = -1;

// The columns of a row.
const SEQ = 0;
const END = 1;
const MARKS = 2;
const SENT_AT = 3;
/** Delivery-rate samples (tcp_rate.c): what had been delivered, and when, as the entry was sent. */
const DELIVERED = 4;
const DELIVERED_AT = 5;
const FIRST_SENT_AT = 6;
/** Rows of the neighbours in the time-ordered chain. */
const LATER = 7;
const EARLIER = 8;
const COLUMNS = 9;

const LEAST_ROWS = 4;
const STORE = new RingStore(COLUMNS);
const NO_ROWS = new Float64Array(0);

export class RetransmissionQueue {
  /** Number of entries: packets_out. */
  size = 0;
  /** Entries that are SACKed, lost, retransmitted: sacked_out (real SACKs), lost_out, retrans_out. */
  sacked = 0;
  lost = 0;
  retransmitted = 0;
  /** Entries that form one chunk with the next. */
  joined = 0;

  #rows: Float64Array = NO_ROWS;
  #head = 0;
  /** Number of rows, less 1. */
  #mask = -1;
  #oldest = NONE;
  #newest = NONE;

  // --- entries by position: 0 is the first unacknowledged one ---

  /** Where the row of the entry at a position begins. */
  #row(at: number): number {
    return ((this.#head + at) & this.#mask) * COLUMNS;
  }

  seq(at: number): number {
    return this.#rows[this.#row(at) + SEQ]!;
  }

  end(at: number): number {
    return this.#rows[this.#row(at) + END]!;
  }

  /** Sequence space that the entry takes. */
  len(at: number): number {
    const row = this.#row(at);
    return seqDiff(this.#rows[row + END]!, this.#rows[row + SEQ]!);
  }

  marks(at: number): number {
    return this.#rows[this.#row(at) + MARKS]!;
  }

  has(at: number, mark: number): boolean {
    return (this.#rows[this.#row(at) + MARKS]! & mark) !== 0;
  }

  sentAt(at: number): Nanos {
    return this.#rows[this.#row(at) + SENT_AT]!;
  }

  delivered(at: number): number {
    return this.#rows[this.#row(at) + DELIVERED]!;
  }

  deliveredAt(at: number): Nanos {
    return this.#rows[this.#row(at) + DELIVERED_AT]!;
  }

  firstSentAt(at: number): Nanos {
    return this.#rows[this.#row(at) + FIRST_SENT_AT]!;
  }

  // --- changes ---

  /** Adds an entry at the end, sent at `now`. */
  push(seq: number, end: number, marks: number, now: Nanos): void {
    if (this.size > this.#mask) this.#grow();
    const slot = (this.#head + this.size++) & this.#mask;
    const rows = this.#rows;
    const row = slot * COLUMNS;
    rows[row + SEQ] = seq;
    rows[row + END] = end;
    rows[row + MARKS] = marks;
    rows[row + SENT_AT] = now;
    rows[row + DELIVERED] = 0;
    rows[row + DELIVERED_AT] = 0;
    rows[row + FIRST_SENT_AT] = 0;
    this.#count(marks, 1);
    this.#chain(slot);
  }

  /** Sets marks and keeps the counts. */
  mark(at: number, marks: number): void {
    const slot = (this.#head + at) & this.#mask;
    const before = this.#marks(slot);
    this.#setMarks(slot, before | marks);
    this.#count(marks & ~before, 1);
    if ((marks & (Q_SACKED | Q_LOST)) !== 0) this.#unchain(slot);
  }

  /** Clears marks and keeps the counts. */
  unmark(at: number, marks: number): void {
    const slot = (this.#head + at) & this.#mask;
    const before = this.#marks(slot);
    this.#setMarks(slot, before & ~marks);
    this.#count(marks & before, -1);
  }

  /** The entry was sent again at `now`: it is the newest of the time-ordered chain. */
  resent(at: number, now: Nanos): void {
    const slot = (this.#head + at) & this.#mask;
    this.#rows[slot * COLUMNS + SENT_AT] = now;
    this.#unchain(slot);
    this.#chain(slot);
  }

  /** No entry is deemed lost any more: an undo. Rebuilds the time-ordered chain. */
  unmarkAllLost(): void {
    const order: number[] = [];
    for (let at = 0; at < this.size; at++) {
      this.unmark(at, Q_LOST);
      const slot = (this.#head + at) & this.#mask;
      this.#unchain(slot);
      if ((this.#marks(slot) & Q_SACKED) === 0) order.push(slot);
    }
    const sentAt = (slot: number): Nanos => this.#rows[slot * COLUMNS + SENT_AT]!;
    order.sort((a, b) => sentAt(a) - sentAt(b));
    for (const slot of order) this.#chain(slot);
  }

  /** Notes the state of delivery as the entry leaves. */
  stampDelivery(at: number, delivered: number, deliveredAt: Nanos, firstSentAt: Nanos): void {
    const row = this.#row(at);
    this.#rows[row + DELIVERED] = delivered;
    this.#rows[row + DELIVERED_AT] = deliveredAt;
    this.#rows[row + FIRST_SENT_AT] = firstSentAt;
  }

  /** Removes the first entry. */
  shift(): void {
    const slot = this.#head;
    this.#unchain(slot);
    this.#count(this.#marks(slot), -1);
    this.#head = (this.#head + 1) & this.#mask;
    this.size--;
    if (this.size === 0) this.#giveBack();
  }

  /** Moves the left edge of the first entry up to `seq`, which lies within it. */
  trimHead(seq: number): void {
    this.#rows[this.#head * COLUMNS + SEQ] = seq;
    this.#setMarks(this.#head, this.#marks(this.#head) & ~Q_SYN);
  }

  /** Cuts the entry in two at `seq`, which lies within it; both halves keep marks and times. */
  split(at: number, seq: number): void {
    invariant(seqGt(seq, this.seq(at)) && seqGt(this.end(at), seq), 'a segment is split within itself');
    if (this.size > this.#mask) this.#grow();
    for (let i = this.size; i > at + 1; i--) this.#move(i - 1, i);
    this.size++;
    const first = (this.#head + at) & this.#mask;
    const second = (this.#head + at + 1) & this.#mask;
    this.#copy(first, second);
    this.#rows[second * COLUMNS + SEQ] = seq;
    this.#rows[first * COLUMNS + END] = seq;
    const marks = this.#marks(first);
    this.#setMarks(first, marks & ~(Q_FIN | Q_PSH | Q_JOINED | Q_EOR));
    this.#setMarks(second, marks & ~(Q_SYN | Q_CHAINED));
    this.#count(marks & ~Q_JOINED, 1); // the mark moved from the first to the second
    if ((marks & Q_CHAINED) !== 0) this.#chainBehind(second, first);
  }

  /** Merges the entry with the one behind it. */
  merge(at: number): void {
    const first = (this.#head + at) & this.#mask;
    const second = (this.#head + at + 1) & this.#mask;
    const marks = this.#marks(second);
    const kept = this.#marks(first);
    if ((kept & Q_JOINED) !== 0) this.joined--;
    this.#rows[first * COLUMNS + END] = this.#rows[second * COLUMNS + END]!;
    const inherited = marks & (Q_FIN | Q_PSH | Q_JOINED | Q_EOR | Q_EVER_RETRANS);
    this.#setMarks(first, (kept & ~Q_JOINED) | inherited);
    this.#unchain(second);
    this.#count(marks & ~Q_JOINED, -1); // that mark went over to the first
    for (let i = at + 1; i < this.size - 1; i++) this.#move(i + 1, i);
    this.size--;
  }

  /** Forgets everything. */
  clear(): void {
    while (this.size > 0) this.shift();
  }

  // --- looking things up ---

  /** Position of the entry that holds `seq`, or `size` when all end at or before it; 0 when all begin behind it. */
  find(seq: number): number {
    let low = 0;
    let high = this.size;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (seqLe(this.end(middle), seq)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Position of the entry that was sent longest ago and is neither SACKed nor waiting as lost, or -1. */
  get oldest(): number {
    return this.#positionOf(this.#oldest);
  }

  /** Position of the next in the order of sending, or -1. */
  laterThan(at: number): number {
    return this.#positionOf(this.#rows[this.#row(at) + LATER]!);
  }

  #positionOf(slot: number): number {
    return slot === NONE ? NONE : (slot - this.#head) & this.#mask;
  }

  #marks(slot: number): number {
    return this.#rows[slot * COLUMNS + MARKS]!;
  }

  #setMarks(slot: number, marks: number): void {
    this.#rows[slot * COLUMNS + MARKS] = marks;
  }

  #count(marks: number, by: number): void {
    if ((marks & (Q_SACKED | Q_LOST | Q_RETRANS | Q_JOINED)) === 0) return;
    if ((marks & Q_JOINED) !== 0) this.joined += by;
    if ((marks & Q_SACKED) !== 0) this.sacked += by;
    if ((marks & Q_LOST) !== 0) this.lost += by;
    if ((marks & Q_RETRANS) !== 0) this.retransmitted += by;
  }

  // --- the chain in the order of sending ---

  #chain(slot: number): void {
    this.#chainBehind(slot, this.#newest);
  }

  #chainBehind(slot: number, before: number): void {
    const rows = this.#rows;
    const after = before === NONE ? this.#oldest : rows[before * COLUMNS + LATER]!;
    this.#link(before, slot);
    this.#link(slot, after);
    this.#setMarks(slot, this.#marks(slot) | Q_CHAINED);
  }

  #unchain(slot: number): void {
    const marks = this.#marks(slot);
    if ((marks & Q_CHAINED) === 0) return;
    const row = slot * COLUMNS;
    this.#link(this.#rows[row + EARLIER]!, this.#rows[row + LATER]!);
    this.#setMarks(slot, marks & ~Q_CHAINED);
  }

  /** `later` follows `earlier` in the chain; either may be the end of it. */
  #link(earlier: number, later: number): void {
    if (earlier === NONE) this.#oldest = later;
    else this.#rows[earlier * COLUMNS + LATER] = later;
    if (later === NONE) this.#newest = earlier;
    else this.#rows[later * COLUMNS + EARLIER] = earlier;
  }

  // --- moving entries ---

  #move(from: number, to: number): void {
    const source = (this.#head + from) & this.#mask;
    const target = (this.#head + to) & this.#mask;
    this.#copy(source, target);
    const marks = this.#marks(source);
    this.#setMarks(target, marks);
    if ((marks & Q_CHAINED) === 0) return;
    const earlier = this.#rows[source * COLUMNS + EARLIER]!;
    const later = this.#rows[source * COLUMNS + LATER]!;
    this.#link(earlier, target);
    this.#link(target, later);
    this.#setMarks(source, marks & ~Q_CHAINED);
  }

  /** All but marks and neighbours. */
  #copy(from: number, to: number): void {
    const rows = this.#rows;
    const source = from * COLUMNS;
    const target = to * COLUMNS;
    rows[target + SEQ] = rows[source + SEQ]!;
    rows[target + END] = rows[source + END]!;
    for (let column = SENT_AT; column <= FIRST_SENT_AT; column++) {
      rows[target + column] = rows[source + column]!;
    }
  }

  /** Twice as many rows; the first entry comes to lie in the first of them. */
  #grow(): void {
    const old = this.#rows;
    const capacity = this.#mask + 1;
    const larger = Math.max(LEAST_ROWS, capacity * 2);
    this.#rows = STORE.take(larger);
    if (capacity > 0) {
      this.#unroll(old, this.#rows);
      STORE.give(old, capacity);
    }
    this.#head = 0;
    this.#mask = larger - 1;
  }

  /** Copies all rows, the first one to the front; slots in the chain change with that. */
  #unroll(from: Float64Array, to: Float64Array): void {
    const head = this.#head;
    const mask = this.#mask;
    const moved = (slot: number): number => (slot === NONE ? NONE : (slot - head) & mask);
    to.set(from.subarray(head * COLUMNS), 0);
    to.set(from.subarray(0, head * COLUMNS), (mask + 1 - head) * COLUMNS);
    for (let row = 0; row < from.length; row += COLUMNS) {
      to[row + LATER] = moved(to[row + LATER]!);
      to[row + EARLIER] = moved(to[row + EARLIER]!);
    }
    this.#oldest = moved(this.#oldest);
    this.#newest = moved(this.#newest);
  }

  /** Nothing is in flight: no row is needed. */
  #giveBack(): void {
    STORE.give(this.#rows, this.#mask + 1);
    this.#rows = NO_ROWS;
    this.#head = 0;
    this.#mask = -1;
  }
}
