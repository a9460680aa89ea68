/** Several pieces of a {@link ByteQueue} in a ring. Taking a slice costs the same however many there are. */
import { EMPTY, Payload } from '../../packet/payload.ts';

export class PieceRing {
  /** Bytes in all pieces. */
  size = 0;
  // A ring of pieces; `#starts` counts bytes from the beginning of the stream, exact up to 2^53.
  #pieces: Payload[] = new Array(8).fill(EMPTY);
  #starts = new Float64Array(8);
  #head = 0;
  #count = 0;
  /** Stream position of the first byte in the queue. */
  #base = 0;
  /** Where the last slice ended: most slices begin there. */
  #cursor = 0;

  /** Adds `data` at the end. */
  append(data: Payload): void {
    if (data.size === 0) return;
    if (this.#count === this.#pieces.length) this.#grow();
    const slot = (this.#head + this.#count++) & (this.#pieces.length - 1);
    this.#pieces[slot] = data;
    this.#starts[slot] = this.#base + this.size;
    this.size += data.size;
  }

  /** Removes `count` bytes, at most {@link size}, from the front. */
  drop(count: number): void {
    this.#base += count;
    this.size -= count;
    const mask = this.#pieces.length - 1;
    while (this.#count > 0) {
      const first = this.#pieces[this.#head]!;
      if (this.#starts[this.#head]! + first.size > this.#base) break;
      this.#pieces[this.#head] = EMPTY;
      this.#head = (this.#head + 1) & mask;
      this.#count--;
      if (this.#cursor > 0) this.#cursor--;
    }
  }

  /** `size` bytes from `offset` on, which must all be there. Copies only where pieces must be joined. */
  slice(offset: number, size: number): Payload {
    if (size === 0) return EMPTY;
    const mask = this.#pieces.length - 1;
    const position = this.#base + offset;
    let at = this.#find(position);
    const slot = (this.#head + at) & mask;
    const within = position - this.#starts[slot]!;
    const piece = this.#pieces[slot]!;
    this.#cursor = at;
    if (within + size <= piece.size) return piece.slice(within, size);

    let joined = piece.slice(within);
    const parts = [joined];
    let left = size - joined.size;
    while (left > 0) {
      const next = this.#pieces[(this.#head + ++at) & mask]!;
      const part = next.slice(0, Math.min(left, next.size));
      parts.push(part);
      left -= part.size;
    }
    this.#cursor = at;
    if (parts.length > 2) return join(parts, size);
    joined = joined.concat(parts[1]!);
    return joined;
  }

  /** Index, counted from the head, of the piece that holds stream position `position`. */
  #find(position: number): number {
    const mask = this.#pieces.length - 1;
    const hint = this.#cursor;
    for (let at = hint; at < Math.min(hint + 2, this.#count); at++) {
      const slot = (this.#head + at) & mask;
      const start = this.#starts[slot]!;
      if (position >= start && position < start + this.#pieces[slot]!.size) return at;
    }
    let low = 0;
    let high = this.#count - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#starts[(this.#head + middle) & mask]! <= position) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  #grow(): void {
    const capacity = this.#pieces.length;
    const pieces: Payload[] = new Array(capacity * 2).fill(EMPTY);
    const starts = new Float64Array(capacity * 2);
    for (let at = 0; at < this.#count; at++) {
      const slot = (this.#head + at) & (capacity - 1);
      pieces[at] = this.#pieces[slot]!;
      starts[at] = this.#starts[slot]!;
    }
    this.#pieces = pieces;
    this.#starts = starts;
    this.#head = 0;
  }
}

/** One payload of many: without a copy where they are slices of one array, one behind the other. */
function join(parts: readonly Payload[], size: number): Payload {
  let joined = parts[0]!;
  for (let i = 1; i < parts.length; i++) {
    const part = parts[i]!;
    if (part.bytes !== joined.bytes) return copied(parts, size);
    joined = joined.concat(part);
  }
  return joined;
}

function copied(parts: readonly Payload[], size: number): Payload {
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const part of parts) at = part.emit(bytes, at);
  return new Payload(bytes);
}
