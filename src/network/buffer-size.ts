/**
 * How much memory Linux charges for a packet (skb truesize), where a limit counts memory and not packets: the queue of
 * an unresolved neighbour and the reassembly of fragments. Measured on Linux 6.18 for x86-64.
 */

/** The record of a buffer, kept apart from its data. */
const RECORD = 256;
/** What is kept behind the data, and what they are rounded up to. */
const TRAILER = 320;
const CACHE_LINE = 64;
/** Room in front of an IPv4 packet for an Ethernet header, and for its alignment. */
const HEADROOM = 31;
/** Small buffers come from a pool of their own; larger ones are powers of two. */
const SMALL = 576;

/** @param size of the packet, bytes @returns 832, 1280, 2304, 4352, ... */
export function bufferSize(size: number): number {
  const data = Math.ceil((size + HEADROOM) / CACHE_LINE) * CACHE_LINE + TRAILER;
  let room = SMALL;
  for (let next = 1024; room < data; next *= 2) room = next;
  return RECORD + room;
}
