/**
 * What received data costs in a kernel's memory, headers and buffers included: the window follows from what is left.
 * Linux 6.18 on x86-64, a packet in one piece: it lies in a slab of the next size, and small data that follows goes
 * into the room that the last packet's slab has left (tcp_try_coalesce). Measured by SO_MEMINFO.
 */

/** The kernel's record of a packet (sk_buff), and what it keeps behind the data (skb_shared_info). */
const RECORD = 256;
const TRAILER = 320;
/** Room before the packet for further headers (NET_SKB_PAD). */
const HEADROOM = 64;
const PAGE = 4096;
/** The part of a packet that fits into the first page; the rest lies in pages of its own. */
const LARGEST_LINEAR = PAGE - HEADROOM - TRAILER;
/** The smallest buffer that packets get (skb_small_head_cache). */
const SMALLEST_BUFFER = 576;

/**
 * Memory that the kernel charges for a received segment (skb truesize).
 * @param packet bytes, IP and TCP headers included
 */
export function memoryOf(packet: number): number {
  if (packet > LARGEST_LINEAR) return RECORD + PAGE + Math.ceil((packet - LARGEST_LINEAR) / PAGE) * PAGE;
  return RECORD + bufferOf(packet);
}

/** Bytes that could still be put behind those of a packet. */
export function tailroomOf(packet: number): number {
  return packet > LARGEST_LINEAR ? 0 : bufferOf(packet) - HEADROOM - packet - TRAILER;
}

function bufferOf(packet: number): number {
  const needed = HEADROOM + packet + TRAILER;
  let buffer = SMALLEST_BUFFER;
  if (needed > buffer) buffer = 1024;
  while (buffer < needed) buffer *= 2;
  return buffer;
}

/** The packets in which in-order data lies that the user has not read: memory is free again when all of one is read. */
export class ReceivedPackets {
  memory = 0;
  // A ring; positions count bytes from the beginning of the stream.
  #ends = new Float64Array(8);
  #charges = new Float64Array(8);
  #head = 0;
  #count = 0;
  #written = 0;
  #read = 0;
  #tailroom = 0;

  /** Data in order: behind the last packet if that has room (or if it lay there already: `charge` 0), else on its own. */
  append(size: number, charge: number, tailroom: number): void {
    if (size === 0) return;
    this.#written += size;
    if (this.#count > 0 && (charge === 0 || size <= this.#tailroom)) {
      this.#tailroom = charge === 0 ? tailroom : this.#tailroom - size;
      this.#ends[this.#slot(this.#count - 1)] = this.#written;
      return;
    }
    if (this.#count === this.#ends.length) this.#grow();
    const slot = this.#slot(this.#count++);
    this.#ends[slot] = this.#written;
    this.#charges[slot] = charge;
    this.#tailroom = tailroom;
    this.memory += charge;
  }

  /** The user has read `count` bytes. */
  read(count: number): void {
    this.#read += count;
    while (this.#count > 0 && this.#ends[this.#head]! <= this.#read) {
      this.memory -= this.#charges[this.#head]!;
      this.#head = this.#slot(1);
      this.#count--;
    }
  }

  clear(): void {
    this.read(this.#written - this.#read);
  }

  #slot(index: number): number {
    return (this.#head + index) & (this.#ends.length - 1);
  }

  #grow(): void {
    const size = this.#ends.length;
    const ends = new Float64Array(size * 2);
    const charges = new Float64Array(size * 2);
    for (let i = 0; i < size; i++) {
      ends[i] = this.#ends[this.#slot(i)]!;
      charges[i] = this.#charges[this.#slot(i)]!;
    }
    this.#ends = ends;
    this.#charges = charges;
    this.#head = 0;
  }
}
