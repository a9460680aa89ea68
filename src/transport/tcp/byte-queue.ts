/**
 * A queue of bytes held as payloads by reference: what the user wrote and the peer has not acknowledged, or what
 * arrived and the user has not read. Most queues are empty or hold one piece; only more of them need a ring.
 */
import { EMPTY, type Payload } from '../../packet/payload.ts';
import { PieceRing } from './piece-ring.ts';

export class ByteQueue {
  /** Bytes in the queue. */
  size = 0;
  /** The one piece while there is no ring, and how much of its front is gone. */
  #only: Payload = EMPTY;
  #gone = 0;
  #ring: PieceRing | null = null;

  /** Adds `data` at the end. */
  append(data: Payload): void {
    if (data.size === 0) return;
    if (this.#ring !== null) {
      this.#ring.append(data);
    } else if (this.size === 0) {
      this.#only = data;
    } else {
      this.#ring = new PieceRing();
      this.#ring.append(this.#only.slice(this.#gone));
      this.#ring.append(data);
      this.#forgetOnly();
    }
    this.size += data.size;
  }

  /** Removes `count` bytes, at most {@link size}, from the front. */
  drop(count: number): void {
    this.size -= count;
    if (this.size === 0) {
      this.#ring = null;
      this.#forgetOnly();
    } else if (this.#ring !== null) {
      this.#ring.drop(count);
    } else {
      this.#gone += count;
    }
  }

  /** `size` bytes from `offset` on, which must all be there. Copies only where pieces must be joined. */
  slice(offset: number, size: number): Payload {
    if (this.#ring !== null) return this.#ring.slice(offset, size);
    return this.#only.slice(this.#gone + offset, size);
  }

  #forgetOnly(): void {
    this.#only = EMPTY;
    this.#gone = 0;
  }
}
