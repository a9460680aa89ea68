/**
 * What was sent and is not acknowledged: one entry per segment, in the order of sequence numbers, in ring columns, so
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
  #mask = 15;
  #seq = new Uint32Array(16);
  #end = new Uint32Array(16);
  #marks = new Uint16Array(16);
  #sentAt = new Float64Array(16);
  /** Delivery-rate samples (tcp_rate.c): what had been delivered, and when, as the entry was sent. */
  #delivered = new Float64Array(16);
  #deliveredAt = new Float64Array(16);
  #firstSentAt = new Float64Array(16);
  #later = new Int32Array(16);
  #earlier = new Int32Array(16);
  #oldest = NONE;
  #newest = NONE;

  // --- entries by position: 0 is the first unacknowledged one ---

  seq(at: number): number {
    return this.#seq[(this.#head + at) & this.#mask]!;
  }

  end(at: number): number {
    return this.#end[(this.#head + at) & this.#mask]!;
  }

  /** Sequence space that the entry takes. */
  len(at: number): number {
    const slot = (this.#head + at) & this.#mask;
    return seqDiff(this.#end[slot]!, this.#seq[slot]!);
  }

  marks(at: number): number {
    return this.#marks[(this.#head + at) & this.#mask]!;
  }

  has(at: number, mark: number): boolean {
    return (this.#marks[(this.#head + at) & this.#mask]! & mark) !== 0;
  }

  sentAt(at: number): Nanos {
    return this.#sentAt[(this.#head + at) & this.#mask]!;
  }

  delivered(at: number): number {
    return this.#delivered[(this.#head + at) & this.#mask]!;
  }

  deliveredAt(at: number): Nanos {
    return this.#deliveredAt[(this.#head + at) & this.#mask]!;
  }

  firstSentAt(at: number): Nanos {
    return this.#firstSentAt[(this.#head + at) & this.#mask]!;
  }

  // --- changes ---

  /** Adds an entry at the end, sent at `now`. */
  push(seq: number, end: number, marks: number, now: Nanos): void {
    if (this.size > this.#mask) this.#grow();
    const slot = (this.#head + this.size++) & this.#mask;
    this.#seq[slot] = seq;
    this.#end[slot] = end;
    this.#marks[slot] = marks;
    this.#count(marks, 1);
    this.#sentAt[slot] = now;
    this.#chain(slot);
  }

  /** Sets marks and keeps the counts. */
  mark(at: number, marks: number): void {
    const slot = (this.#head + at) & this.#mask;
    const added = marks & ~this.#marks[slot]!;
    this.#marks[slot]! |= marks;
    this.#count(added, 1);
    if ((marks & (Q_SACKED | Q_LOST)) !== 0) this.#unchain(slot);
  }

  /** Clears marks and keeps the counts. */
  unmark(at: number, marks: number): void {
    const slot = (this.#head + at) & this.#mask;
    const removed = marks & this.#marks[slot]!;
    this.#marks[slot]! &= ~marks;
    this.#count(removed, -1);
  }

  /** The entry was sent again at `now`: it is the newest of the time-ordered chain. */
  resent(at: number, now: Nanos): void {
    const slot = (this.#head + at) & this.#mask;
    this.#sentAt[slot] = now;
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
      if ((this.#marks[slot]! & Q_SACKED) === 0) order.push(slot);
    }
    order.sort((a, b) => this.#sentAt[a]! - this.#sentAt[b]!);
    for (const slot of order) this.#chain(slot);
  }

  /** Notes the state of delivery as the entry leaves. */
  stampDelivery(at: number, delivered: number, deliveredAt: Nanos, firstSentAt: Nanos): void {
    const slot = (this.#head + at) & this.#mask;
    this.#delivered[slot] = delivered;
    this.#deliveredAt[slot] = deliveredAt;
    this.#firstSentAt[slot] = firstSentAt;
  }

  /** Removes the first entry. */
  shift(): void {
    const slot = this.#head;
    this.#unchain(slot);
    this.#count(this.#marks[slot]!, -1);
    this.#head = (this.#head + 1) & this.#mask;
    this.size--;
  }

  /** Moves the left edge of the first entry up to `seq`, which lies within it. */
  trimHead(seq: number): void {
    this.#seq[this.#head] = seq;
    this.#marks[this.#head]! &= ~Q_SYN;
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
    this.#seq[second] = seq;
    this.#end[first] = seq;
    const marks = this.#marks[first]!;
    this.#marks[first] = marks & ~(Q_FIN | Q_PSH | Q_JOINED | Q_EOR);
    this.#marks[second] = marks & ~(Q_SYN | Q_CHAINED);
    this.#count(marks & ~Q_JOINED, 1); // the mark moved from the first to the second
    if ((marks & Q_CHAINED) !== 0) this.#chainBehind(second, first);
  }

  /** Merges the entry with the one behind it. */
  merge(at: number): void {
    const first = (this.#head + at) & this.#mask;
    const second = (this.#head + at + 1) & this.#mask;
    const marks = this.#marks[second]!;
    if ((this.#marks[first]! & Q_JOINED) !== 0) this.joined--;
    this.#end[first] = this.#end[second]!;
    this.#marks[first]! =
      (this.#marks[first]! & ~Q_JOINED) | (marks & (Q_FIN | Q_PSH | Q_JOINED | Q_EOR | Q_EVER_RETRANS));
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
    return this.#positionOf(this.#later[(this.#head + at) & this.#mask]!);
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
    const after = before === NONE ? this.#oldest : this.#later[before]!;
    this.#earlier[slot] = before;
    this.#later[slot] = after;
    if (before === NONE) this.#oldest = slot;
    else this.#later[before] = slot;
    if (after === NONE) this.#newest = slot;
    else this.#earlier[after] = slot;
    this.#marks[slot]! |= Q_CHAINED;
  }

  #unchain(slot: number): void {
    if ((this.#marks[slot]! & Q_CHAINED) === 0) return;
    const earlier = this.#earlier[slot]!;
    const later = this.#later[slot]!;
    if (earlier === NONE) this.#oldest = later;
    else this.#later[earlier] = later;
    if (later === NONE) this.#newest = earlier;
    else this.#earlier[later] = earlier;
    this.#marks[slot]! &= ~Q_CHAINED;
  }

  // --- moving entries ---

  #move(from: number, to: number): void {
    const source = (this.#head + from) & this.#mask;
    const target = (this.#head + to) & this.#mask;
    this.#copy(source, target);
    this.#marks[target] = this.#marks[source]!;
    if ((this.#marks[source]! & Q_CHAINED) === 0) return;
    const earlier = this.#earlier[source]!;
    const later = this.#later[source]!;
    this.#earlier[target] = earlier;
    this.#later[target] = later;
    if (earlier === NONE) this.#oldest = target;
    else this.#later[earlier] = target;
    if (later === NONE) this.#newest = target;
    else this.#earlier[later] = target;
    this.#marks[source]! &= ~Q_CHAINED;
  }

  #copy(from: number, to: number): void {
    this.#seq[to] = this.#seq[from]!;
    this.#end[to] = this.#end[from]!;
    this.#sentAt[to] = this.#sentAt[from]!;
    this.#delivered[to] = this.#delivered[from]!;
    this.#deliveredAt[to] = this.#deliveredAt[from]!;
    this.#firstSentAt[to] = this.#firstSentAt[from]!;
  }

  #grow(): void {
    const capacity = this.#mask + 1;
    const order = new Int32Array(capacity);
    for (let i = 0; i < capacity; i++) order[(this.#head + i) & this.#mask] = i;
    const at = (slot: number): number => (slot === NONE ? NONE : order[slot]!);
    const unrolled = <T extends Uint32Array | Uint16Array | Float64Array | Int32Array>(from: T, to: T): T => {
      for (let i = 0; i < capacity; i++) to[i] = from[(this.#head + i) & this.#mask]!;
      return to;
    };
    this.#seq = unrolled(this.#seq, new Uint32Array(capacity * 2));
    this.#end = unrolled(this.#end, new Uint32Array(capacity * 2));
    this.#marks = unrolled(this.#marks, new Uint16Array(capacity * 2));
    this.#sentAt = unrolled(this.#sentAt, new Float64Array(capacity * 2));
    this.#delivered = unrolled(this.#delivered, new Float64Array(capacity * 2));
    this.#deliveredAt = unrolled(this.#deliveredAt, new Float64Array(capacity * 2));
    this.#firstSentAt = unrolled(this.#firstSentAt, new Float64Array(capacity * 2));
    this.#later = unrolled(this.#later, new Int32Array(capacity * 2)).map(at);
    this.#earlier = unrolled(this.#earlier, new Int32Array(capacity * 2)).map(at);
    this.#oldest = at(this.#oldest);
    this.#newest = at(this.#newest);
    this.#head = 0;
    this.#mask = capacity * 2 - 1;
  }
}
