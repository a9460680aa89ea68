/**
 * Capture files in the pcapng format (draft-ietf-opsawg-pcapng): a section header, one interface description per
 * interface with its name and nanosecond resolution, and an enhanced packet block per frame, which may carry a
 * comment that Wireshark shows. All fields are little-endian.
 */
import { EthernetFrame, MIN_FRAME_SIZE, paddedSize } from '../link/frame.ts';
import type { Pdu } from '../packet/pdu.ts';
import type { Nanos } from '../sim/time.ts';

/** Takes the bytes of a file piece by piece. A piece is only valid during the call. */
export interface ByteSink {
  write(piece: Uint8Array): void;
}

const SECTION_HEADER = 0x0a0d0d0a;
const INTERFACE_DESCRIPTION = 1;
const ENHANCED_PACKET = 6;
const BYTE_ORDER_MAGIC = 0x1a2b3c4d;
const LINKTYPE_ETHERNET = 1;

const OPT_COMMENT = 1;
const SHB_USERAPPL = 4;
const IF_NAME = 2;
const IF_TSRESOL = 9;
const EPB_FLAGS = 2;
const NANOSECONDS = 9;
const INBOUND = 1;
const OUTBOUND = 2;

const TWO_32 = 4294967296;
const BUFFER_SIZE = 1 << 20;

export class PcapngWriter {
  readonly #sink: ByteSink;
  #bytes = new Uint8Array(BUFFER_SIZE);
  #view = new DataView(this.#bytes.buffer);
  #at = 0;
  #interfaces = 0;
  readonly #encoder = new TextEncoder();

  /** Begins a section. Nothing reaches `sink` before a megabyte is full or {@link flush} is called. */
  constructor(sink: ByteSink) {
    this.#sink = sink;
    const start = this.#begin(SECTION_HEADER, 64);
    this.#u32(BYTE_ORDER_MAGIC);
    this.#u16(1); // version 1.0
    this.#u16(0);
    this.#u32(0xffffffff); // the length of the section is not told
    this.#u32(0xffffffff);
    this.#text(SHB_USERAPPL, 'fivetuple');
    this.#endOptions();
    this.#end(start);
  }

  /** @returns the number that {@link packet} takes */
  addInterface(name: string): number {
    const start = this.#begin(INTERFACE_DESCRIPTION, 64 + 4 * name.length);
    this.#u16(LINKTYPE_ETHERNET);
    this.#u16(0);
    this.#u32(0); // no limit on the length of a captured frame
    this.#text(IF_NAME, name);
    this.#option(IF_TSRESOL, 1);
    this.#u32(NANOSECONDS);
    this.#endOptions();
    this.#end(start);
    return this.#interfaces++;
  }

  /**
   * Writes one frame.
   * @param isPadded true for Ethernet, which pads short frames; false for a loopback device
   * @param comment what Wireshark shows beside the packet, or null
   */
  packet(
    interfaceId: number,
    time: Nanos,
    direction: 'in' | 'out',
    frame: Pdu,
    isPadded: boolean,
    comment: string | null,
  ): void {
    const length = isPadded ? lengthOnWire(frame) : frame.size;
    const start = this.#begin(ENHANCED_PACKET, 64 + length + 4 * (comment?.length ?? 0));
    this.#u32(interfaceId);
    this.#u32(Math.floor(time / TWO_32));
    this.#u32(time % TWO_32);
    this.#u32(length);
    this.#u32(length);
    this.#bytes.fill(0, this.#at, this.#at + padded(length));
    frame.emit(this.#bytes, this.#at, null);
    this.#at += padded(length);
    if (comment !== null) this.#text(OPT_COMMENT, comment);
    this.#option(EPB_FLAGS, 4);
    this.#u32(direction === 'in' ? INBOUND : OUTBOUND);
    this.#endOptions();
    this.#end(start);
  }

  /** Hands everything written so far to the sink. */
  flush(): void {
    if (this.#at > 0) this.#sink.write(this.#bytes.subarray(0, this.#at));
    this.#at = 0;
  }

  /** Opens a block of at most `most` bytes; its length is filled in by {@link #end}. */
  #begin(type: number, most: number): number {
    if (this.#at + most > this.#bytes.length) this.flush();
    if (most > this.#bytes.length) {
      this.#bytes = new Uint8Array(most);
      this.#view = new DataView(this.#bytes.buffer);
    }
    const start = this.#at;
    this.#u32(type);
    this.#u32(0);
    return start;
  }

  #end(start: number): void {
    const length = this.#at + 4 - start;
    this.#u32(length);
    this.#view.setUint32(start + 4, length, true);
  }

  #text(code: number, text: string): void {
    const encoded = this.#encoder.encode(text);
    this.#option(code, encoded.length);
    this.#bytes.fill(0, this.#at, this.#at + padded(encoded.length));
    this.#bytes.set(encoded, this.#at);
    this.#at += padded(encoded.length);
  }

  #option(code: number, length: number): void {
    this.#u16(code);
    this.#u16(length);
  }

  #endOptions(): void {
    this.#option(0, 0);
  }

  #u16(value: number): void {
    this.#view.setUint16(this.#at, value, true);
    this.#at += 2;
  }

  #u32(value: number): void {
    this.#view.setUint32(this.#at, value, true);
    this.#at += 4;
  }
}

/** Blocks and options are padded to 32 bits. */
function padded(length: number): number {
  return (length + 3) & ~3;
}

function lengthOnWire(frame: Pdu): number {
  return frame instanceof EthernetFrame ? paddedSize(frame) : Math.max(frame.size, MIN_FRAME_SIZE);
}
