/**
 * Ethernet frames (IEEE 802.3 3.1.1, 802.1Q 9.3): header fields, parse, emit, format. The 16 bits behind the
 * addresses are a type from 1536 on (Ethernet II), else the length of an IEEE 802.2 LLC payload (3.2.6).
 * Sizes count from the destination address to the last payload byte, without padding and FCS.
 */

import { readU16, writeU16 } from '../packet/bytes.ts';
import { MacAddress } from '../packet/mac-address.ts';
import { Payload } from '../packet/payload.ts';
import type { Pdu } from '../packet/pdu.ts';
import { DecodeError } from '../sim/errors.ts';

export const ETHERTYPE_IPV4 = 0x0800;
export const ETHERTYPE_ARP = 0x0806;
export const ETHERTYPE_VLAN = 0x8100;
export const ETHERTYPE_IPV6 = 0x86dd;

/** Smaller values of the type field are lengths. */
export const MIN_ETHERTYPE = 0x0600;
/** Destination, source and type. */
export const ETHERNET_HEADER_SIZE = 14;
/** One 802.1Q tag. */
export const VLAN_TAG_SIZE = 4;
/** The frame check sequence, never stored, always counted by links that model it. */
export const FCS_SIZE = 4;
/** Header and payload are padded to this many bytes before the FCS; with a tag, see {@link paddedSize}. */
export const MIN_FRAME_SIZE = 60;

/** Bytes of a frame with its padding, without FCS: a tag comes on top of the least size (see `Framing.minimum`). */
export function paddedSize(frame: EthernetFrame): number {
  return Math.max(frame.size, frame.tci < 0 ? MIN_FRAME_SIZE : MIN_FRAME_SIZE + VLAN_TAG_SIZE);
}

export class EthernetFrame implements Pdu {
  readonly dst: MacAddress;
  readonly src: MacAddress;
  /** The type of the payload, behind any tag; below 1536 the payload's length. */
  readonly etherType: number;
  /** What the frame carries. Padding that arrived with it is part of a payload known as bytes. */
  readonly payload: Pdu;
  /** Tag control information of the outermost 802.1Q tag (PCP 3, DEI 1, VID 12 bits), or -1 without a tag. */
  readonly tci: number;
  /** True when bits were flipped on the way so that the FCS no longer fits: the receiving device drops it. */
  readonly badFcs: boolean;
  /** From the destination address to the last byte of the payload. */
  readonly size: number;

  constructor(
    dst: MacAddress,
    src: MacAddress,
    etherType: number,
    payload: Pdu,
    tci: number = -1,
    badFcs: boolean = false,
  ) {
    this.dst = dst;
    this.src = src;
    this.etherType = etherType;
    this.payload = payload;
    this.tci = tci;
    this.badFcs = badFcs;
    this.size = ETHERNET_HEADER_SIZE + (tci >= 0 ? VLAN_TAG_SIZE : 0) + payload.size;
  }

  /**
   * @param badFcs the FCS that came with the bytes does not fit them
   * @throws DecodeError when `bytes` is shorter than its headers; every other array is a frame
   */
  static parse(bytes: Uint8Array, badFcs: boolean = false): EthernetFrame {
    if (bytes.length < ETHERNET_HEADER_SIZE) throw new DecodeError('short-frame');
    const dst = MacAddress.read(bytes, 0);
    const src = MacAddress.read(bytes, 6);
    const type = readU16(bytes, 12);
    if (type !== ETHERTYPE_VLAN)
      return new EthernetFrame(dst, src, type, new Payload(bytes, ETHERNET_HEADER_SIZE), -1, badFcs);
    const start = ETHERNET_HEADER_SIZE + VLAN_TAG_SIZE;
    if (bytes.length < start) throw new DecodeError('short-vlan-tag');
    return new EthernetFrame(
      dst,
      src,
      readU16(bytes, start - 2),
      new Payload(bytes, start),
      readU16(bytes, ETHERNET_HEADER_SIZE),
      badFcs,
    );
  }

  emit(bytes: Uint8Array, at: number): number {
    this.dst.write(bytes, at);
    this.src.write(bytes, at + 6);
    let next = at + 12;
    if (this.tci >= 0) {
      writeU16(bytes, next, ETHERTYPE_VLAN);
      writeU16(bytes, next + 2, this.tci);
      next += VLAN_TAG_SIZE;
    }
    writeU16(bytes, next, this.etherType);
    return this.payload.emit(bytes, next + 2, null);
  }

  format(): string {
    const tag = this.tci >= 0 ? `vlan ${this.tci & 0xfff}, ` : '';
    const type =
      this.etherType < MIN_ETHERTYPE
        ? `802.3 length ${this.etherType}`
        : `ethertype 0x${this.etherType.toString(16).padStart(4, '0')}`;
    return `${this.src} > ${this.dst}, ${tag}${type}: ${this.payload.format()}`;
  }
}
