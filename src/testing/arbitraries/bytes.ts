/** What programs send: payloads, and byte streams together with the sizes in which they are written. */
import fc from 'fast-check';
import { Payload } from '../../packet/payload.ts';

export interface PayloadConstraints {
  /** Bytes. Default: 0. */
  readonly min?: number;
  /** Bytes. Default: 200. */
  readonly max?: number;
}

/** Bytes of any value. Shrinks to fewer, and to zeros. */
export function payload({ min = 0, max = 200 }: PayloadConstraints = {}): fc.Arbitrary<Payload> {
  return fc.uint8Array({ minLength: min, maxLength: max, size: 'max' }).map((bytes) => new Payload(bytes));
}

export interface WriteConstraints {
  /** Largest write, bytes. Default: 2000. */
  readonly max?: number;
  /** At most so many writes besides the last. Default: 10. */
  readonly most?: number;
}

/**
 * Sizes of the writes by which a stream is sent, bytes; what they leave is written in one. A stream has no boundaries, so
 * what is true of it must not depend on them. Shrinks to none at all: everything in one write.
 */
export function writeSizes({ max = 2000, most = 10 }: WriteConstraints = {}): fc.Arbitrary<number[]> {
  const size = fc.oneof(fc.integer({ min: 1, max: Math.min(4, max) }), fc.integer({ min: 1, max }));
  return fc.array(size, { maxLength: most, size: 'max' });
}

/** Cuts bytes, or a text, into the pieces that are written. */
export function inWrites(data: Payload | string, sizes: readonly number[]): Payload[] {
  let rest = typeof data === 'string' ? Payload.text(data) : data;
  const pieces: Payload[] = [];
  for (const size of sizes) {
    if (rest.size <= size) break;
    pieces.push(rest.slice(0, size));
    rest = rest.slice(size);
  }
  return rest.size > 0 ? [...pieces, rest] : pieces;
}

/** A stream and the sizes of its writes, as data. */
export interface ByteStream {
  readonly bytes: Payload;
  readonly writes: readonly number[];
}

export function byteStream(
  constraints: PayloadConstraints & { readonly most?: number } = {},
): fc.Arbitrary<ByteStream> {
  const { max = 2000, most = 10 } = constraints;
  return fc.record({
    bytes: payload({ ...constraints, max }),
    writes: writeSizes({ max: Math.max(1, max), most }),
  });
}
