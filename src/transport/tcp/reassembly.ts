/**
 * Out-of-order data (RFC 9293 3.10.7.4, seventh step): runs of the stream that wait for what is missing before them.
 * Where runs overlap, the bytes that came first stay.
 */
import type { Payload } from '../../packet/payload.ts';
import { seqAdd, seqDiff, seqGe, seqGt, seqLe, seqLt } from './seq.ts';

/** A piece that lies in the queue; no two overlap. */
interface Piece {
  seq: number;
  /** Behind the last byte, FIN included. */
  end: number;
  payload: Payload;
  isFin: boolean;
  /** What the host's memory accounting charged for it. */
  charge: number;
  /** Room that its buffer has left for data that follows. */
  tailroom: number;
}

export class Reassembly {
  /** Sorted by seq. */
  #pieces: Piece[] = [];

  get isEmpty(): boolean {
    return this.#pieces.length === 0;
  }

  /** Behind the last byte in the queue; only when it is not empty. */
  get lastEnd(): number {
    return this.#pieces[this.#pieces.length - 1]!.end;
  }

  /**
   * Puts data in, without what is already there.
   * @param charge memory that the segment takes @param tailroom what its buffer has left
   * @returns the part of `charge` that stays: 0 when nothing was new, or when it went into the buffer of another
   */
  insert(seq: number, payload: Payload, isFin: boolean, charge: number, tailroom: number): number {
    const end = seqAdd(seq, payload.size + (isFin ? 1 : 0));
    let at = this.#firstEndingBehind(seq);
    let left = seq;
    let kept = 0;
    while (seqLt(left, end)) {
      const next = this.#pieces[at];
      if (next !== undefined && seqLe(next.seq, left)) {
        if (seqGt(next.end, left)) left = next.end; // already here
        at++;
        continue;
      }
      const right = next !== undefined && seqLt(next.seq, end) ? next.seq : end;
      const from = seqDiff(left, seq);
      const size = Math.min(payload.size, seqDiff(right, seq)) - from;
      const endsWithFin = isFin && right === end;
      const room = kept > 0 ? 0 : this.#takeRoomBehind(at - 1, left, size);
      const share = kept > 0 || room >= 0 ? 0 : charge;
      this.#pieces.splice(at, 0, {
        seq: left,
        end: right,
        payload: payload.slice(from, size),
        isFin: endsWithFin,
        charge: share,
        tailroom: share === 0 ? room : tailroom,
      });
      kept += share;
      left = right;
      at++;
    }
    return kept;
  }

  /** True when a run reaches back to `rcvNxt`: {@link take} gives something. */
  isDue(rcvNxt: number): boolean {
    return this.#pieces.length > 0 && seqLe(this.#pieces[0]!.seq, rcvNxt);
  }

  /**
   * Takes all that is in order now out of the queue.
   * @param deliver gets each piece's new bytes @returns the new RCV.NXT
   */
  take(
    rcvNxt: number,
    deliver: (payload: Payload, isFin: boolean, charge: number, tailroom: number) => void,
  ): number {
    let next = rcvNxt;
    let taken = 0;
    for (const piece of this.#pieces) {
      if (seqGt(piece.seq, next)) break;
      taken++;
      if (seqLe(piece.end, next)) {
        deliver(piece.payload.slice(0, 0), false, piece.charge, 0);
        continue;
      }
      const skipped = Math.min(seqDiff(next, piece.seq), piece.payload.size);
      next = piece.end;
      deliver(piece.payload.slice(skipped), piece.isFin, piece.charge, piece.tailroom);
    }
    this.#pieces.splice(0, taken);
    return next;
  }

  /** The first run of [seq, end) that the queue already holds, for a DSACK; null when nothing is. */
  overlap(seq: number, end: number): readonly [left: number, right: number] | null {
    let at = this.#firstEndingBehind(seq);
    const found = this.#pieces[at];
    if (found === undefined || seqGe(found.seq, end)) return null;
    const left = seqGt(found.seq, seq) ? found.seq : seq;
    let right = found.end;
    while (seqLt(right, end) && this.#pieces[at + 1]?.seq === right) right = this.#pieces[++at]!.end;
    return [left, seqLt(right, end) ? right : end];
  }

  /** Drops everything. @returns the memory that was charged */
  clear(): number {
    let charge = 0;
    for (const piece of this.#pieces) charge += piece.charge;
    this.#pieces = [];
    return charge;
  }

  /** Puts `size` bytes that follow piece `at` into its buffer. @returns the room that is left, -1 when they do not fit */
  #takeRoomBehind(at: number, seq: number, size: number): number {
    const piece = this.#pieces[at];
    if (piece === undefined || piece.end !== seq || piece.tailroom < size || size === 0) return -1;
    const room = piece.tailroom - size;
    piece.tailroom = 0;
    return room;
  }

  /** Index of the first piece whose end lies behind `seq`. */
  #firstEndingBehind(seq: number): number {
    const pieces = this.#pieces;
    const last = pieces.length - 1;
    if (last < 0 || seqLe(pieces[last]!.end, seq)) return pieces.length; // arriving in order behind a hole
    let low = 0;
    let high = last;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (seqLe(pieces[middle]!.end, seq)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
