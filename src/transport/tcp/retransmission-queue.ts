/**
 * What was sent and is not acknowledged: one entry per segment, in the order of sequence numbers in a ring, so
 * that an ACK costs the same for a window of ten and of ten thousand. The entries are also chained in the order in
 * which they were last sent, which RACK (RFC 8985) walks. This is the scoreboard of RFC 6675.
 */
import { invariant } from '../../sim/errors.ts';
import type { Nanos } from '../../sim/time.ts';
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

/** Most connections never have more in flight; V8 keeps arrays as small as these inside its own heap. */
const FIRST_CAPACITY = 2;
/** A row of integers, and what lies where in it; the last three are for alignment. */
const ROW = 8;
const SEQ = 0;
const END = 1;
const MARKS = 2;
/** Slots of the neighbours in the time-ordered chain. */
const LATER = 3;
const EARLIER = 4;
/** A row of times and counts. */
const TIMES = 4;
const SENT_AT = 0;
const DELIVERED = 1;
const DELIVERED_AT = 2;
const FIRST_SENT_AT = 3;

export class RetransmissionQueue {
  /** Number of entries: packets_out. */
  size = 0;
  /** Entries that are SACKed, lost, retransmitted: sacked_out (real SACKs), lost_out, retrans_out. */
  sacked = 0;
  lost = 0;
  retransmitted = 0;
  /** Entries that form one chunk with the next. */
  joined = 0;

  #head = 0;
  #mask = FIRST_CAPACITY - 1;
  /** Rows of SEQ, END, MARKS, LATER, EARLIER, one per slot; what a segment's fate touches lies together. */
  #rows = new Int32Array(FIRST_CAPACITY * ROW);
  /** Rows of SENT_AT, and of the delivery-rate sample (tcp_rate.c): what had been delivered, and when, as the entry was sent. */
  #times = new Float64Array(FIRST_CAPACITY * TIMES);
  #oldest = NONE;
  #newest = NONE;

  // --- entries by position: 0 is the first unacknowledged one ---

  seq(at: number): number {
    return this.#rows[this.#row(at) + SEQ]! >>> 0;
  }

  end(at: number): number {
    return this.#rows[this.#row(at) + END]! >>> 0;
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
    return this.#times[this.#slot(at) * TIMES + SENT_AT]!;
  }

  delivered(at: number): number {
    return this.#times[this.#slot(at) * TIMES + DELIVERED]!;
  }

  deliveredAt(at: number): Nanos {
    return this.#times[this.#slot(at) * TIMES + DELIVERED_AT]!;
  }

  firstSentAt(at: number): Nanos {
    return this.#times[this.#slot(at) * TIMES + FIRST_SENT_AT]!;
  }

  // --- changes ---

  /** Adds an entry at the end, sent at `now`. */
  push(seq: number, end: number, marks: number, now: Nanos): void {
    if (this.size > this.#mask) this.#grow();
    const slot = this.#slot(this.size++);
    this.#rows[slot * ROW + SEQ] = seq;
    this.#rows[slot * ROW + END] = end;
    this.#rows[slot * ROW + MARKS] = marks;
    this.#count(marks, 1);
    this.#times[slot * TIMES + SENT_AT] = now;
    this.#chain(slot);
  }

  /** Sets marks and keeps the counts. */
  mark(at: number, marks: number): void {
    const slot = this.#slot(at);
    const added = marks & ~this.#rows[slot * ROW + MARKS]!;
    this.#rows[slot * ROW + MARKS]! |= marks;
    this.#count(added, 1);
    if ((marks & (Q_SACKED | Q_LOST)) !== 0) this.#unchain(slot);
  }

  /** Clears marks and keeps the counts. */
  unmark(at: number, marks: number): void {
    const slot = this.#slot(at);
    const removed = marks & this.#rows[slot * ROW + MARKS]!;
    this.#rows[slot * ROW + MARKS]! &= ~marks;
    this.#count(removed, -1);
  }

  /** The entry was sent again at `now`: it is the newest of the time-ordered chain. */
  resent(at: number, now: Nanos): void {
    const slot = this.#slot(at);
    this.#times[slot * TIMES + SENT_AT] = now;
    this.#unchain(slot);
    this.#chain(slot);
  }

  /** No entry is deemed lost any more: an undo. Rebuilds the time-ordered chain. */
  unmarkAllLost(): void {
    const order: number[] = [];
    for (let at = 0; at < this.size; at++) {
      this.unmark(at, Q_LOST);
      const slot = this.#slot(at);
      this.#unchain(slot);
      if ((this.#rows[slot * ROW + MARKS]! & Q_SACKED) === 0) order.push(slot);
    }
    order.sort((a, b) => this.#times[a * TIMES + SENT_AT]! - this.#times[b * TIMES + SENT_AT]!);
    for (const slot of order) this.#chain(slot);
  }

  /** Notes the state of delivery as the entry leaves. */
  stampDelivery(at: number, delivered: number, deliveredAt: Nanos, firstSentAt: Nanos): void {
    const slot = this.#slot(at);
    this.#times[slot * TIMES + DELIVERED] = delivered;
    this.#times[slot * TIMES + DELIVERED_AT] = deliveredAt;
    this.#times[slot * TIMES + FIRST_SENT_AT] = firstSentAt;
  }

  /** Removes the first entry. */
  shift(): void {
    const slot = this.#head;
    this.#unchain(slot);
    this.#count(this.#rows[slot * ROW + MARKS]!, -1);
    this.#head = (this.#head + 1) & this.#mask;
    this.size--;
  }

  /** Moves the left edge of the first entry up to `seq`, which lies within it. */
  trimHead(seq: number): void {
    this.#rows[this.#head * ROW + SEQ] = seq;
    this.#rows[this.#head * ROW + MARKS]! &= ~Q_SYN;
  }

  /** Cuts the entry in two at `seq`, which lies within it; both halves keep marks and times. */
  split(at: number, seq: number): void {
    invariant(seqGt(seq, this.seq(at)) && seqGt(this.end(at), seq), 'a segment is split within itself');
    if (this.size > this.#mask) this.#grow();
    for (let i = this.size; i > at + 1; i--) this.#move(i - 1, i);
    this.size++;
    const first = this.#slot(at);
    const second = this.#slot(at + 1);
    this.#copy(first, second);
    this.#rows[second * ROW + SEQ] = seq;
    this.#rows[first * ROW + END] = seq;
    const marks = this.#rows[first * ROW + MARKS]!;
    this.#rows[first * ROW + MARKS] = marks & ~(Q_FIN | Q_PSH | Q_JOINED | Q_EOR);
    this.#rows[second * ROW + MARKS] = marks & ~(Q_SYN | Q_CHAINED);
    this.#count(marks & ~Q_JOINED, 1); // the mark moved from the first to the second
    if ((marks & Q_CHAINED) !== 0) this.#chainBehind(second, first);
  }

  /** Merges the entry with the one behind it. */
  merge(at: number): void {
    const first = this.#slot(at);
    const second = this.#slot(at + 1);
    const marks = this.#rows[second * ROW + MARKS]!;
    if ((this.#rows[first * ROW + MARKS]! & Q_JOINED) !== 0) this.joined--;
    this.#rows[first * ROW + END] = this.#rows[second * ROW + END]!;
    this.#rows[first * ROW + MARKS]! =
      (this.#rows[first * ROW + MARKS]! & ~Q_JOINED) |
      (marks & (Q_FIN | Q_PSH | Q_JOINED | Q_EOR | Q_EVER_RETRANS));
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
    return this.#positionOf(this.#rows[this.#slot(at) * ROW + LATER]!);
  }

  #positionOf(slot: number): number {
    return slot === NONE ? NONE : (slot - this.#head) & this.#mask;
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
    const after = before === NONE ? this.#oldest : this.#rows[before * ROW + LATER]!;
    this.#rows[slot * ROW + EARLIER] = before;
    this.#rows[slot * ROW + LATER] = after;
    if (before === NONE) this.#oldest = slot;
    else this.#rows[before * ROW + LATER] = slot;
    if (after === NONE) this.#newest = slot;
    else this.#rows[after * ROW + EARLIER] = slot;
    this.#rows[slot * ROW + MARKS]! |= Q_CHAINED;
  }

  #unchain(slot: number): void {
    if ((this.#rows[slot * ROW + MARKS]! & Q_CHAINED) === 0) return;
    const earlier = this.#rows[slot * ROW + EARLIER]!;
    const later = this.#rows[slot * ROW + LATER]!;
    if (earlier === NONE) this.#oldest = later;
    else this.#rows[earlier * ROW + LATER] = later;
    if (later === NONE) this.#newest = earlier;
    else this.#rows[later * ROW + EARLIER] = earlier;
    this.#rows[slot * ROW + MARKS]! &= ~Q_CHAINED;
  }

  // --- moving entries ---

  #move(from: number, to: number): void {
    const source = this.#slot(from);
    const target = this.#slot(to);
    this.#copy(source, target);
    this.#rows[target * ROW + MARKS] = this.#rows[source * ROW + MARKS]!;
    if ((this.#rows[source * ROW + MARKS]! & Q_CHAINED) === 0) return;
    const earlier = this.#rows[source * ROW + EARLIER]!;
    const later = this.#rows[source * ROW + LATER]!;
    this.#rows[target * ROW + EARLIER] = earlier;
    this.#rows[target * ROW + LATER] = later;
    if (earlier === NONE) this.#oldest = target;
    else this.#rows[earlier * ROW + LATER] = target;
    if (later === NONE) this.#newest = target;
    else this.#rows[later * ROW + EARLIER] = target;
    this.#rows[source * ROW + MARKS]! &= ~Q_CHAINED;
  }

  /** All but the marks and the chain. */
  #copy(from: number, to: number): void {
    this.#rows[to * ROW + SEQ] = this.#rows[from * ROW + SEQ]!;
    this.#rows[to * ROW + END] = this.#rows[from * ROW + END]!;
    this.#times.copyWithin(to * TIMES, from * TIMES, (from + 1) * TIMES);
  }

  #grow(): void {
    const capacity = this.#mask + 1;
    const rows = new Int32Array(capacity * 2 * ROW);
    const times = new Float64Array(capacity * 2 * TIMES);
    const slots = new Int32Array(capacity);
    for (let at = 0; at < capacity; at++) {
      const slot = this.#slot(at);
      slots[slot] = at;
      rows.set(this.#rows.subarray(slot * ROW, (slot + 1) * ROW), at * ROW);
      times.set(this.#times.subarray(slot * TIMES, (slot + 1) * TIMES), at * TIMES);
    }
    const moved = (slot: number): number => (slot === NONE ? NONE : slots[slot]!);
    for (let slot = 0; slot < capacity; slot++) {
      rows[slot * ROW + LATER] = moved(rows[slot * ROW + LATER]!);
      rows[slot * ROW + EARLIER] = moved(rows[slot * ROW + EARLIER]!);
    }
    this.#rows = rows;
    this.#times = times;
    this.#oldest = moved(this.#oldest);
    this.#newest = moved(this.#newest);
    this.#head = 0;
    this.#mask = capacity * 2 - 1;
  }

  #slot(at: number): number {
    return (this.#head + at) & this.#mask;
  }

  #row(at: number): number {
    return ((this.#head + at) & this.#mask) * ROW;
  }
}
