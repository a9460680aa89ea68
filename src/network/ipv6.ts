/**
 * IPv6 packets (RFC 8200 3): the fixed header with its chain of extension headers, parse, emit, format.
 * What `parse` refuses is what Linux refuses before it looks at any address. There is no header checksum.
 */
import { readU16, readU32, writeU16, writeU32 } from '../packet/bytes.ts';
import { IpAddress } from '../packet/ip-address.ts';
import type { Payload } from '../packet/payload.ts';
import type { Pdu } from '../packet/pdu.ts';
import { DecodeError } from '../sim/errors.ts';
import { type IpPacket, PROTOCOL_ICMPV6, PROTOCOL_TCP, PROTOCOL_UDP } from './ip-packet.ts';
import {
  chainSize,
  EXTENSION_HOP_BY_HOP,
  emitChain,
  formatExtension,
  type Ipv6Extension,
  NO_NEXT_HEADER,
  readChain,
} from './ipv6-extension.ts';

/** The fixed header. */
export const IPV6_HEADER_SIZE = 40;
/** Every link carries packets of this size (RFC 8200 5). */
export const IPV6_MIN_MTU = 1280;
/** The largest payload that the length field can tell of. */
export const IPV6_MAX_PAYLOAD = 65535;

export class Ipv6Packet implements IpPacket {
  readonly src: IpAddress;
  readonly dst: IpAddress;
  /** What follows the last extension header: the upper-layer protocol; of a fragment, what it is a fragment of. */
  readonly protocol: number;
  /** Hop limit. */
  readonly ttl: number;
  /** Traffic class. */
  readonly tos: number;
  /** 20 bits; 0 = none (RFC 6437). */
  readonly flowLabel: number;
  /** In the order of the wire; null = none. */
  readonly extensions: readonly Ipv6Extension[] | null;
  readonly payload: Pdu;
  readonly size: number;

  constructor(
    src: IpAddress,
    dst: IpAddress,
    protocol: number,
    ttl: number,
    tos: number,
    flowLabel: number,
    extensions: readonly Ipv6Extension[] | null,
    payload: Pdu,
  ) {
    this.src = src;
    this.dst = dst;
    this.protocol = protocol;
    this.ttl = ttl;
    this.tos = tos;
    this.flowLabel = flowLabel;
    this.extensions = extensions;
    this.payload = payload;
    this.size = IPV6_HEADER_SIZE + (extensions === null ? 0 : chainSize(extensions)) + payload.size;
  }

  /** The fixed header and all extension headers, bytes. */
  get headerSize(): number {
    return this.size - this.payload.size;
  }

  /** The fragment header of a piece of a larger packet, or null. */
  get fragment(): Ipv6Extension | null {
    const last = this.extensions?.at(-1);
    return last?.isOfPiece === true ? last : null;
  }

  /** One piece of a larger packet. */
  get isFragment(): boolean {
    return this.extensions !== null && this.fragment !== null;
  }

  /** Identification, offset in bytes and "more follow" of a fragment; 0 and false of a whole packet. */
  get id(): number {
    return this.fragment?.identification ?? 0;
  }

  get offset(): number {
    return this.fragment?.fragmentOffset ?? 0;
  }

  get mf(): boolean {
    return this.fragment?.hasMore ?? false;
  }

  /** What the fixed header says comes next. */
  get nextHeader(): number {
    return this.extensions === null ? this.protocol : this.extensions[0]!.type;
  }

  /**
   * Reads a packet; bytes behind the payload length are padding.
   * @throws DecodeError `short-header`, `bad-version` or `truncated`
   */
  static parse(frame: Payload): Ipv6Packet {
    const { bytes, start: at, size } = frame;
    if (size < IPV6_HEADER_SIZE) throw new DecodeError('short-header');
    if (bytes[at]! >>> 4 !== 6) throw new DecodeError('bad-version');
    const length = readU16(bytes, at + 4);
    // A jumbo payload (RFC 2675) has its length in a hop-by-hop option.
    const isJumbo = length === 0 && bytes[at + 6] === EXTENSION_HOP_BY_HOP;
    if (!isJumbo && IPV6_HEADER_SIZE + length > size) throw new DecodeError('truncated');
    return Ipv6Packet.#read(frame, isJumbo ? size : IPV6_HEADER_SIZE + length);
  }

  /** Reads the packet that an ICMPv6 error quotes, cut short anywhere. @throws DecodeError `short-quote` */
  static parseQuote(quote: Payload): Ipv6Packet {
    if (quote.size < IPV6_HEADER_SIZE) throw new DecodeError('short-quote');
    return Ipv6Packet.#read(quote, quote.size);
  }

  static #read(frame: Payload, total: number): Ipv6Packet {
    const { bytes, start: at } = frame;
    const word = readU32(bytes, at);
    const chain = readChain(bytes, at + IPV6_HEADER_SIZE, at + total, bytes[at + 6]!);
    return new Ipv6Packet(
      IpAddress.readV6(bytes, at + 8),
      IpAddress.readV6(bytes, at + 24),
      chain.protocol,
      bytes[at + 7]!,
      (word >>> 20) & 0xff,
      word & 0xfffff,
      chain.extensions,
      frame.slice(chain.at - at, total - (chain.at - at)),
    );
  }

  /** The same packet one hop further. */
  withTtl(ttl: number): Ipv6Packet {
    const { src, dst, protocol, tos, flowLabel, extensions, payload } = this;
    return new Ipv6Packet(src, dst, protocol, ttl, tos, flowLabel, extensions, payload);
  }

  /** Another payload behind another chain: a fragment, or a packet put together from fragments. */
  withPayload(
    protocol: number,
    extensions: readonly Ipv6Extension[] | null,
    payload: Pdu,
    tos: number = this.tos,
  ): Ipv6Packet {
    const { src, dst, ttl, flowLabel } = this;
    return new Ipv6Packet(src, dst, protocol, ttl, tos, flowLabel, extensions, payload);
  }

  emit(bytes: Uint8Array, at: number): number {
    writeU32(bytes, at, (0x60000000 | (this.tos << 20) | this.flowLabel) >>> 0);
    writeU16(bytes, at + 4, (this.size - IPV6_HEADER_SIZE) & 0xffff);
    bytes[at + 6] = this.nextHeader;
    bytes[at + 7] = this.ttl;
    this.src.writeV6(bytes, at + 8);
    this.dst.writeV6(bytes, at + 24);
    const { extensions } = this;
    let next = at + IPV6_HEADER_SIZE;
    if (extensions !== null) next = emitChain(extensions, this.protocol, bytes, next);
    return this.payload.emit(bytes, next, this);
  }

  format(): string {
    const name = PROTOCOL_NAMES.get(this.protocol) ?? `next-header ${this.protocol}`;
    const chain = (this.extensions ?? [])
      .map((extension) => `${formatExtension(extension, this.payload.size)} `)
      .join('');
    return (
      `${this.src} > ${this.dst}: ${chain}${name}, hlim ${this.ttl}` +
      `${this.tos === 0 ? '' : `, class 0x${this.tos.toString(16)}`}` +
      `${this.flowLabel === 0 ? '' : `, flowlabel 0x${this.flowLabel.toString(16).padStart(5, '0')}`}` +
      `, length ${this.size - IPV6_HEADER_SIZE}: ${this.payload.format()}`
    );
  }
}

const PROTOCOL_NAMES = new Map([
  [PROTOCOL_TCP, 'TCP'],
  [PROTOCOL_UDP, 'UDP'],
  [PROTOCOL_ICMPV6, 'ICMP6'],
  [NO_NEXT_HEADER, 'no next header'],
]);
