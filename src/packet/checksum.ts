/** The internet checksum (RFC 1071): ones' complement sums of big-endian 16-bit words. */
import type { IpAddress } from './ip-address.ts';
import type { PseudoHeader } from './pdu.ts';

/**
 * Adds `length` bytes from `at` on to a running sum; an odd last byte counts as the high half of a word.
 * @param sum what earlier calls returned; below 2^53 for any packet, so no folding is needed between calls
 */
export function sumBytes(bytes: Uint8Array, at: number, length: number, sum: number = 0): number {
  const end = at + length - 1;
  let total = sum;
  let i = at;
  for (; i < end; i += 2) total += (bytes[i]! << 8) | bytes[i + 1]!;
  if (i === end) total += bytes[i]! << 8;
  return total;
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
