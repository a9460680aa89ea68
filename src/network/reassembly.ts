/**
 * Putting one packet together from fragments (RFC 791 3.2, RFC 5722's rule of overlaps as Linux applies it to IPv4):
 * exact repetitions are ignored, an overlap or a contradiction gives up the whole packet.
 */
import { EMPTY, Payload } from '../packet/payload.ts';
import { bytesOf } from '../packet/pdu.ts';
import { bufferSize } from './buffer-size.ts';
import { ECN_CE } from './ip-packet.ts';
import { FLAG_DF, IPV4_MAX_SIZE, type Ipv4Packet } from './ipv4.ts';

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

export class Reassembly {
  /** The fragment with offset 0, whose header the whole gets. */
  first: Ipv4Packet | null = null;
  /** Memory that the fragments hold, bytes. */
  bytes = 0;
  #pieces: Piece[] = [];
  #runs: Run[] = [];
  #hasLast = false;
  #length = 0;
  #got = 0;
  #ecn = 0;
  #largest = 0;
  #largestDf = 0;

  get isEmpty(): boolean {
    return this.#pieces.length === 0;
  }

  add(fragment: Ipv4Packet): Added {
    const { offset } = fragment;
    let end = offset + fragment.payload.size;
    if (!fragment.mf) {
      if (end < this.#length || (this.#hasLast && end !== this.#length)) return 'spoilt';
      this.#hasLast = true;
      this.#length = end;
    } else {
      end &= ~7; // only the last may end anywhere
      if (end > this.#length) {
        if (this.#hasLast) return 'spoilt';
        this.#length = end;
      }
    }
    if (end === offset) return 'spoilt';
    const fit = this.#insertRun(offset, end);
    if (fit !== 'fits') return fit;
    this.#keep(fragment, end - offset);
    return this.#hasLast && this.first !== null && this.#got === this.#length ? 'complete' : 'incomplete';
  }

  /**
   * The whole packet, once complete: first header, ECN of all (RFC 3168 5.3), DF when the largest fragment had it.
   * @returns null when it is larger than a packet can be, or some fragments took part in ECN and some not
   */
  whole(): Ipv4Packet | null {
    const first = this.first;
    if (first === null || first.headerSize + this.#length > IPV4_MAX_SIZE) return null;
    const sawCe = (this.#ecn & SAW_CE) !== 0;
    if ((this.#ecn & SAW_NOT_ECT) !== 0 && this.#ecn !== SAW_NOT_ECT) return null;
    const pieces = [...this.#pieces].sort((a, b) => a.offset - b.offset);
    const payload = joined(pieces, this.#length);
    const flags = this.#largestDf === this.#largest ? FLAG_DF : 0;
    return first.withPayload(payload, flags, 0, first.options, sawCe ? first.tos | ECN_CE : first.tos);
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

  #keep(fragment: Ipv4Packet, size: number): void {
    const { payload, offset } = fragment;
    const bytes = payload instanceof Payload ? payload : new Payload(bytesOf(payload, fragment));
    this.#pieces.push({ offset, payload: bytes.slice(0, size) });
    this.#got += size;
    this.bytes += bufferSize(fragment.size);
    this.#ecn |= 1 << (fragment.tos & 3);
    if (offset === 0) this.first = fragment;
    const fragmentSize = fragment.headerSize + size;
    this.#largest = Math.max(this.#largest, fragmentSize);
    if (fragment.df) this.#largestDf = Math.max(this.#largestDf, fragmentSize);
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
