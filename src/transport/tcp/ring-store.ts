/**
 * Rows of numbers that retransmission queues borrow while something is in flight. Most connections are idle most of the
 * time: a million of them should not keep a queue each, and those that are busy take turns with a few that are warm in
 * the cache.
 */

/** So many spare rings of one size are kept; the collector gets the others. */
const MOST_SPARES = 1024;

export class RingStore {
  readonly #columns: number;
  /** By the binary logarithm of the number of rows. */
  readonly #spares: Float64Array[][] = [];

  /** @param columns of one row */
  constructor(columns: number) {
    this.#columns = columns;
  }

  /** @param rows a power of two @returns a ring with any content */
  take(rows: number): Float64Array {
    return this.#sparesOf(rows).pop() ?? new Float64Array(rows * this.#columns);
  }

  /** Takes a ring back: nobody may touch it any more. */
  give(ring: Float64Array, rows: number): void {
    const spares = this.#sparesOf(rows);
    if (spares.length < MOST_SPARES) spares.push(ring);
  }

  #sparesOf(rows: number): Float64Array[] {
    const order = 31 - Math.clz32(rows);
    while (this.#spares.length <= order) this.#spares.push([]);
    return this.#spares[order]!;
  }
}
