/**
 * Which bytes of a fragmented packet have come (RFC 791 3.2, RFC 8200 4.5; RFC 5722's rule of overlaps, which Linux
 * applies to both families): exact repetitions are ignored, an overlap or a contradiction gives up the whole packet.
 */
import { EMPTY, Payload } from '../packet/payload.ts';
import { bufferSize } from './buffer-size.ts';
import { ECN_CE } from './ip-packet.ts';

/** What adding a fragment came to. `spoilt` ends the whole packet. */
export type Added = 'incomplete' | 'complete' | 'duplicate' | 'spoilt';

interface Piece {
  readonly offset: number;
  readonly payload: Payload;
}

/** Bytes without a gap, begun and ended by fragments that arrived one behind the other. */
interface Run {
  readonly start: number;
  end: number;
}

/** Bits for the four ECN codepoints seen among the fragments. */
const SAW_NOT_ECT = 1;
const SAW_CE = 1 << ECN_CE;

export class FragmentRuns {
  /** Memory that the fragments hold, bytes. */
  bytes = 0;
  #pieces: Piece[] = [];
  #runs: Run[] = [];
  #hasLast = false;
  #hasFirst = false;
  #length = 0;
  #got = 0;
  #ecn = 0;

  get isEmpty(): boolean {
    return this.#pieces.length === 0;
  }

  /** Of the payload, as far as it is known. */
  get length(): number {
    return this.#length;
  }

  /**
   * @param offset of the fragment, a multiple of 8 @param isLast no more fragments follow
   * @param tos of its packet @param packetSize for what it costs
   */
  add(offset: number, payload: Payload, isLast: boolean, tos: number, packetSize: number): Added {
    const end = offset + payload.size;
    if (isLast) {
      if (end < this.#length || (this.#hasLast && end !== this.#length)) return 'spoilt';
      this.#hasLast = true;
      this.#length = end;
    } else if (end > this.#length) {
      if (this.#hasLast) return 'spoilt';
      this.#length = end;
    }
    if (end === offset) return 'spoilt';
    const fit = this.#insertRun(offset, end);
    if (fit !== 'fits') return fit;
    this.#pieces.push({ offset, payload });
    this.#got += payload.size;
    this.bytes += bufferSize(packetSize);
    this.#ecn |= 1 << (tos & 3);
    if (offset === 0) this.#hasFirst = true;
    return this.#hasLast && this.#hasFirst && this.#got === this.#length ? 'complete' : 'incomplete';
  }

  /** The payload, once complete. */
  joined(): Payload {
    const pieces = [...this.#pieces].sort((a, b) => a.offset - b.offset);
    return joined(pieces, this.#length);
  }

  /** The traffic class of the whole: ECN of all (RFC 3168 5.3); -1 when some took part in ECN and some did not. */
  tos(first: number): number {
    if ((this.#ecn & SAW_NOT_ECT) !== 0 && this.#ecn !== SAW_NOT_ECT) return -1;
    return (this.#ecn & SAW_CE) !== 0 ? first | ECN_CE : first;
  }

  /** A fragment behind the present end begins or prolongs the last run; any other must fall into a gap. */
  #insertRun(offset: number, end: number): 'fits' | 'duplicate' | 'spoilt' {
    const runs = this.#runs;
    const tail = runs.at(-1);
    if (tail === undefined) {
      runs.push({ start: offset, end });
      return 'fits';
    }
    if (tail.end < end) {
      if (offset < tail.end) return 'spoilt';
      if (offset === tail.end) tail.end = end;
      else runs.push({ start: offset, end });
      return 'fits';
    }
    let low = 0;
    let high = runs.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const run = runs[middle]!;
      if (end <= run.start) high = middle;
      else if (offset >= run.end) low = middle + 1;
      else return offset >= run.start && end <= run.end ? 'duplicate' : 'spoilt';
    }
    runs.splice(low, 0, { start: offset, end });
    return 'fits';
  }
}

/** All pieces one behind the other: without a copy where they are slices of one array. */
function joined(pieces: readonly Piece[], length: number): Payload {
  let whole: Payload = EMPTY;
  if (pieces.length <= 2 || sharesArray(pieces)) {
    for (const { payload } of pieces) whole = whole.concat(payload);
    return whole;
  }
  const bytes = new Uint8Array(length);
  for (const { offset, payload } of pieces) bytes.set(payload.view(), offset);
  return new Payload(bytes);
}

function sharesArray(pieces: readonly Piece[]): boolean {
  return pieces.every(({ payload }) => payload.bytes === pieces[0]!.payload.bytes);
}
