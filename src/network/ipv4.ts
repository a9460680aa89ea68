/**
 * IPv4 packets (RFC 791 3.1): header fields, parse, emit, format.
 * A packet object is right by construction; what `parse` refuses, and in which order, is what Linux refuses before
 * it looks at any address (ip(7), RFC 1122 3.2.1).
 */
import { readU16, writeU16 } from '../packet/bytes.ts';
import { checksum } from '../packet/checksum.ts';
import { IpAddress } from '../packet/ip-address.ts';
import type { Payload } from '../packet/payload.ts';
import type { Pdu } from '../packet/pdu.ts';
import { DecodeError } from '../sim/errors.ts';
import { type IpPacket, PROTOCOL_ICMP, PROTOCOL_IGMP, PROTOCOL_TCP, PROTOCOL_UDP } from './ip-packet.ts';

/** The header without options. */
export const IPV4_HEADER_SIZE = 20;
/** The total length field has 16 bits. */
export const IPV4_MAX_SIZE = 65535;

/** Bits of {@link Ipv4Packet.flags}, as in the three top bits of the fragment word. */
export const FLAG_MF = 1;
export const FLAG_DF = 2;

/** {@link Ipv4Packet.checksum} of a packet whose header checksum is the right one. */
export const RIGHT_CHECKSUM = -1;

export class Ipv4Packet implements IpPacket {
  readonly src: IpAddress;
  readonly dst: IpAddress;
  readonly protocol: number;
  readonly ttl: number;
  readonly tos: number;
  /** Identification, 16 bits. */
  readonly id: number;
  /** FLAG_DF | FLAG_MF, and the reserved bit 4 */
  readonly flags: number;
  /** Fragment offset in bytes, a multiple of 8. */
  readonly offset: number;
  /** Options as on the wire, padded to a multiple of 4; null = none. */
  readonly options: Uint8Array | null;
  readonly payload: Pdu;
  /** A header checksum that is wrong and stays so (a quote of a packet that was changed on its way), or RIGHT_CHECKSUM. */
  readonly checksum: number;
  readonly size: number;

  constructor(
    src: IpAddress,
    dst: IpAddress,
    protocol: number,
    ttl: number,
    tos: number,
    id: number,
    flags: number,
    offset: number,
    options: Uint8Array | null,
    payload: Pdu,
    checksum: number = RIGHT_CHECKSUM,
  ) {
    this.src = src;
    this.dst = dst;
    this.protocol = protocol;
    this.ttl = ttl;
    this.tos = tos;
    this.id = id;
    this.flags = flags;
    this.offset = offset;
    this.options = options;
    this.payload = payload;
    this.checksum = checksum;
    this.size = IPV4_HEADER_SIZE + (options === null ? 0 : options.length) + payload.size;
  }

  /** Header length in bytes, options included. */
  get headerSize(): number {
    return IPV4_HEADER_SIZE + (this.options === null ? 0 : this.options.length);
  }

  /** Don't fragment. */
  get df(): boolean {
    return (this.flags & FLAG_DF) !== 0;
  }

  /** More fragments follow. */
  get mf(): boolean {
    return (this.flags & FLAG_MF) !== 0;
  }

  /** One piece of a larger packet: MF set or an offset. */
  get isFragment(): boolean {
    return this.offset !== 0 || (this.flags & FLAG_MF) !== 0;
  }

  /**
   * Reads a packet and verifies its header; bytes behind the total length are padding.
   * @throws DecodeError `short-header`, `bad-version`, `bad-header-length`, `bad-checksum`, `truncated` or `bad-total-length`
   */
  static parse(frame: Payload): Ipv4Packet {
    const { bytes, start: at, size } = frame;
    if (size < IPV4_HEADER_SIZE) throw new DecodeError('short-header');
    const headerSize = (bytes[at]! & 15) * 4;
    if (bytes[at]! >>> 4 !== 4) throw new DecodeError('bad-version');
    if (headerSize < IPV4_HEADER_SIZE || headerSize > size) throw new DecodeError('bad-header-length');
    if (checksum(bytes, at, headerSize) !== 0) throw new DecodeError('bad-checksum');
    const total = readU16(bytes, at + 2);
    if (total > size) throw new DecodeError('truncated');
    if (total < headerSize) throw new DecodeError('bad-total-length');
    return Ipv4Packet.#read(frame, headerSize, total, RIGHT_CHECKSUM);
  }

  /**
   * Reads the packet that an ICMP error quotes: its header must be whole, but its checksum may have gone stale on the
   * way and its payload is cut short.
   * @throws DecodeError `short-quote` or `bad-quote`
   */
  static parseQuote(quote: Payload): Ipv4Packet {
    if (quote.size < IPV4_HEADER_SIZE) throw new DecodeError('short-quote');
    const headerSize = (quote.bytes[quote.start]! & 15) * 4;
    if (headerSize < IPV4_HEADER_SIZE || headerSize > quote.size) throw new DecodeError('bad-quote');
    return Ipv4Packet.#read(quote, headerSize, quote.size, readU16(quote.bytes, quote.start + 10));
  }

  static #read(frame: Payload, headerSize: number, total: number, sum: number): Ipv4Packet {
    const { bytes, start: at } = frame;
    const fragment = readU16(bytes, at + 6);
    return new Ipv4Packet(
      IpAddress.readV4(bytes, at + 12),
      IpAddress.readV4(bytes, at + 16),
      bytes[at + 9]!,
      bytes[at + 8]!,
      bytes[at + 1]!,
      readU16(bytes, at + 4),
      fragment >>> 13,
      (fragment & 0x1fff) * 8,
      headerSize === IPV4_HEADER_SIZE ? null : bytes.slice(at + IPV4_HEADER_SIZE, at + headerSize),
      frame.slice(headerSize, total - headerSize),
      sum,
    );
  }

  /** The same packet one hop further, or wherever its TTL became another. */
  withTtl(ttl: number): Ipv4Packet {
    const sum = this.checksum === RIGHT_CHECKSUM ? RIGHT_CHECKSUM : shifted(this.checksum, this.ttl - ttl);
    return new Ipv4Packet(
      this.src,
      this.dst,
      this.protocol,
      ttl,
      this.tos,
      this.id,
      this.flags,
      this.offset,
      this.options,
      this.payload,
      sum,
    );
  }

  /** The same payload under a changed destination, options or header checksum. */
  withOptions(dst: IpAddress, options: Uint8Array | null, sum: number = RIGHT_CHECKSUM): Ipv4Packet {
    const { src, protocol, ttl, tos, id, flags, offset, payload } = this;
    return new Ipv4Packet(src, dst, protocol, ttl, tos, id, flags, offset, options, payload, sum);
  }

  /** A fragment of this packet, or a packet put together from fragments: another payload in the same header. */
  withPayload(
    payload: Pdu,
    flags: number,
    offset: number,
    options: Uint8Array | null,
    tos: number = this.tos,
  ): Ipv4Packet {
    const { src, dst, protocol, ttl, id } = this;
    return new Ipv4Packet(src, dst, protocol, ttl, tos, id, flags, offset, options, payload);
  }

  emit(bytes: Uint8Array, at: number): number {
    return this.payload.emit(bytes, this.#emitHeader(bytes, at), this);
  }

  /** The value of the header checksum field. */
  checksumField(): number {
    const header = new Uint8Array(this.headerSize);
    this.#emitHeader(header, 0);
    return readU16(header, 10);
  }

  #emitHeader(bytes: Uint8Array, at: number): number {
    const headerSize = this.headerSize;
    bytes[at] = 0x40 | (headerSize >>> 2);
    bytes[at + 1] = this.tos;
    writeU16(bytes, at + 2, this.size & 0xffff);
    writeU16(bytes, at + 4, this.id);
    writeU16(bytes, at + 6, (this.flags << 13) | (this.offset >>> 3));
    bytes[at + 8] = this.ttl;
    bytes[at + 9] = this.protocol;
    writeU16(bytes, at + 10, 0);
    this.src.writeV4(bytes, at + 12);
    this.dst.writeV4(bytes, at + 16);
    if (this.options !== null) bytes.set(this.options, at + IPV4_HEADER_SIZE);
    const sum = this.checksum === RIGHT_CHECKSUM ? checksum(bytes, at, headerSize) : this.checksum;
    writeU16(bytes, at + 10, sum);
    return at + headerSize;
  }

  format(): string {
    const flags = `${this.df ? 'DF' : ''}${this.mf ? '+' : ''}`;
    const fragment = this.isFragment ? `, id ${this.id}, offset ${this.offset}` : '';
    const name = PROTOCOL_NAMES.get(this.protocol) ?? `proto ${this.protocol}`;
    return (
      `${this.src} > ${this.dst}: ${name}, ttl ${this.ttl}` +
      `${this.tos === 0 ? '' : `, tos 0x${this.tos.toString(16)}`}${flags === '' ? '' : ` [${flags}]`}${fragment}` +
      `, length ${this.size}: ${this.payload.format()}`
    );
  }
}

const PROTOCOL_NAMES = new Map([
  [PROTOCOL_ICMP, 'ICMP'],
  [PROTOCOL_IGMP, 'IGMP'],
  [PROTOCOL_TCP, 'TCP'],
  [PROTOCOL_UDP, 'UDP'],
]);

/** A header checksum after the TTL fell by `fall` (RFC 1624): a wrong one stays as wrong as it was. */
function shifted(sum: number, fall: number): number {
  const raised = sum + fall * 256;
  return raised >= 0xffff ? (raised + 1) & 0xffff : raised;
}
