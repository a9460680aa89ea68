/** The internet checksum (RFC 1071): ones' complement sums of big-endian 16-bit words. */
import type { IpAddress } from './ip-address.ts';
import type { PseudoHeader } from './pdu.ts';

/** From so many bytes on it pays to read words through a view. */
const LONG = 64;

/**
 * Adds `length` bytes from `at` on to a running sum; an odd last byte counts as the high half of a word.
 * @param sum what earlier calls returned; below 2^53 for any packet, so no folding is needed between calls
 */
export function sumBytes(bytes: Uint8Array, at: number, length: number, sum: number = 0): number {
  const end = at + length - 1;
  let total = sum;
  let i = at;
  if (length >= LONG) {
    const words = length >>> 2;
    total += sumWords(bytes, at, words);
    i += words << 2;
  }
  for (; i < end; i += 2) total += (bytes[i]! << 8) | bytes[i + 1]!;
  if (i === end) total += bytes[i]! << 8;
  return total;
}

/**
 * The sum of so many 32-bit words, folded to 16 bits. They are read as little-endian numbers: the sum of swapped words
 * is the swapped sum (RFC 1071 2.B). A packet has at most 2^14 of them, so both halves stay below 2^30.
 */
function sumWords(bytes: Uint8Array, at: number, words: number): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, words << 2);
  const end = words << 2;
  let low = 0;
  let high = 0;
  let i = 0;
  for (; i + 16 <= end; i += 16) {
    const a = view.getInt32(i, true);
    const b = view.getInt32(i + 4, true);
    const c = view.getInt32(i + 8, true);
    const d = view.getInt32(i + 12, true);
    low = (low + (a & 0xffff) + (b & 0xffff) + (c & 0xffff) + (d & 0xffff)) | 0;
    high = (high + (a >>> 16) + (b >>> 16) + (c >>> 16) + (d >>> 16)) | 0;
  }
  for (; i < end; i += 4) {
    const word = view.getInt32(i, true);
    low += word & 0xffff;
    high += word >>> 16;
  }
  let folded = low + high;
  while (folded > 0xffff) folded = (folded & 0xffff) + (folded >>> 16);
  return ((folded & 0xff) << 8) | (folded >>> 8);
}

/** Folds a running sum and complements it: the value of a checksum field. */
export function finishSum(sum: number): number {
  let folded = sum;
  while (folded > 0xffff) folded = (folded % 65536) + Math.floor(folded / 65536);
  return ~folded & 0xffff;
}

/** The checksum over `length` bytes; 0 over bytes that already contain their right checksum. */
export function checksum(bytes: Uint8Array, at: number, length: number): number {
  return finishSum(sumBytes(bytes, at, length));
}

/** The running sum of the pseudo header (RFC 9293 3.1, RFC 8200 8.1) for a transport PDU of `length` bytes. */
export function sumPseudoHeader(outer: PseudoHeader, protocol: number, length: number): number {
  return sumAddress(outer.src) + sumAddress(outer.dst) + protocol + (length & 0xffff) + (length >>> 16);
}

function sumAddress(address: IpAddress): number {
  const low = (address.w3 >>> 16) + (address.w3 & 0xffff);
  if (address.family === 4) return low;
  return (
    low +
    (address.w0 >>> 16) +
    (address.w0 & 0xffff) +
    (address.w1 >>> 16) +
    (address.w1 & 0xffff) +
    (address.w2 >>> 16) +
    (address.w2 & 0xffff)
  );
}
