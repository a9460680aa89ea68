/**
 * Sequence numbers: unsigned 32-bit integers on a circle (RFC 9293 3.4). All arithmetic modulo 2^32 lives here.
 * Comparisons hold for numbers less than 2^31 apart.
 */

/** a + n; `n` may be negative. */
export function seqAdd(a: number, n: number): number {
  return (a + n) >>> 0;
}

/** The signed distance from `b` to `a`, in [-2^31, 2^31). */
export function seqDiff(a: number, b: number): number {
  return (a - b) | 0;
}

/** a < b */
export function seqLt(a: number, b: number): boolean {
  return ((a - b) | 0) < 0;
}

/** a =< b, in the RFC's spelling */
export function seqLe(a: number, b: number): boolean {
  return ((a - b) | 0) <= 0;
}

/** a > b */
export function seqGt(a: number, b: number): boolean {
  return ((a - b) | 0) > 0;
}

/** a >= b */
export function seqGe(a: number, b: number): boolean {
  return ((a - b) | 0) >= 0;
}

/** low =< a =< high on the circle, for any low and high. */
export function seqBetween(a: number, low: number, high: number): boolean {
  return (high - low) >>> 0 >= (a - low) >>> 0;
}
