/**
 * How much memory Linux charges for a packet (skb truesize), where a limit counts memory and not packets: the queue of
 * an unresolved neighbour and the reassembly of fragments.
 */

/** Bookkeeping of a buffer, and what is kept behind its data. */
const RECORD = 256;
const TRAILER = 320;
/** Room in front of the packet for the link header. */
const HEADROOM = 32;
/** Larger data are kept in pages. */
const LARGEST_SLAB = 8192;
const PAGE = 4096;

/** @param size of the packet, bytes */
export function bufferSize(size: number): number {
  const data = HEADROOM + size + TRAILER;
  return RECORD + (data > LARGEST_SLAB ? Math.ceil(data / PAGE) * PAGE : powerOfTwo(data));
}

function powerOfTwo(size: number): number {
  let room = 512;
  while (room < size) room *= 2;
  return room;
}
