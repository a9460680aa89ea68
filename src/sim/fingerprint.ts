/**
 * A running 64-bit hash over every delivered event: its time, place and kind. Two runs with the same fingerprint
 * did the same things in the same order. Only 32-bit integer operations, so it is the same on every machine.
 */
import type { Nanos } from './time.ts';

/** Exact, and a multiplication is cheaper than a division. */
const PER_TWO_32 = 1 / 4294967296;

export class Fingerprint {
  #a = 0x6a09e667 | 0;
  #b = 0xbb67ae85 | 0;

  /** Takes in one delivered event. */
  add(time: Nanos, place: number, kind: number): void {
    const low = time | 0; // ToInt32: time modulo 2^32
    const high = (time * PER_TWO_32) | 0;
    let a = Math.imul(this.#a ^ low, 0x9e3779b1);
    a = (a << 13) | (a >>> 19);
    let b = Math.imul(this.#b ^ ((place << 8) + kind) ^ Math.imul(high, 0x27d4eb2f), 0x85ebca77);
    b = (b << 17) | (b >>> 15);
    this.#a = (a + b) | 0;
    this.#b = b ^ Math.imul(a, 0xc2b2ae3d);
  }

  /** Sixteen hexadecimal digits. */
  toString(): string {
    return hex(this.#a) + hex(this.#b);
  }
}

function hex(word: number): string {
  return (word >>> 0).toString(16).padStart(8, '0');
}
