/**
 * Payload: a run of bytes by reference. Application data, and any PDU that is known only as bytes
 * (an unknown protocol, a fragment, a frame from a capture, a corrupted packet).
 */
import type { Pdu } from './pdu.ts';

export class Payload implements Pdu {
  /** The array that holds the bytes; never written to once it is here. */
  readonly bytes: Uint8Array;
  /** Where this payload begins in `bytes`. */
  readonly start: number;
  readonly size: number;

  constructor(bytes: Uint8Array, start: number = 0, size: number = bytes.length - start) {
    this.bytes = bytes;
    this.start = start;
    this.size = size;
  }

  /** `size` bytes of zero; up to 64 KiB they share one array. */
  static zeros(size: number): Payload {
    return new Payload(size <= ZEROS.length ? ZEROS : new Uint8Array(size), 0, size);
  }

  /** The UTF-8 bytes of `text`. */
  static text(text: string): Payload {
    return new Payload(new TextEncoder().encode(text));
  }

  /** `size` bytes from `from` on, without a copy. */
  slice(from: number, size: number = this.size - from): Payload {
    if (from === 0 && size === this.size) return this;
    return size === 0 ? EMPTY : new Payload(this.bytes, this.start + from, size);
  }

  /** This payload followed by `next`. A copy, unless both lie one behind the other or are shared zeros. */
  concat(next: Payload): Payload {
    if (next.size === 0) return this;
    if (this.size === 0) return next;
    if (this.bytes === next.bytes) {
      if (this.start + this.size === next.start)
        return new Payload(this.bytes, this.start, this.size + next.size);
      if (this.bytes === ZEROS) return Payload.zeros(this.size + next.size);
    }
    const bytes = new Uint8Array(this.size + next.size);
    bytes.set(this.view(), 0);
    bytes.set(next.view(), this.size);
    return new Payload(bytes);
  }

  /** The bytes as a view on the shared array: to read, not to write. */
  view(): Uint8Array {
    return this.bytes.subarray(this.start, this.start + this.size);
  }

  emit(bytes: Uint8Array, at: number): number {
    if (this.size > 0) bytes.set(this.view(), at);
    return at + this.size;
  }

  format(): string {
    return `${this.size} bytes`;
  }
}

const ZEROS = new Uint8Array(65536);

/** No bytes at all. */
export const EMPTY: Payload = new Payload(new Uint8Array(0));
