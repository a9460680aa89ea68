/**
 * IP headers as bytes: IPv4 without options (RFC 791) and IPv6 without extension headers (RFC 8200), which is all that
 * scripts inject. What the host sends may have IPv4 options.
 */
import { readU16, readU32, writeU16, writeU32 } from '../../packet/bytes.ts';
import { checksum } from '../../packet/checksum.ts';
import { IpAddress } from '../../packet/ip-address.ts';

const IPV4_HEADER = 20;
const IPV6_HEADER = 40;
const FLOW_LABEL_BITS = 20;

/** What a header to build says; both addresses are of one family. */
export interface IpFields {
  readonly src: IpAddress;
  readonly dst: IpAddress;
  /** TOS or traffic class. */
  readonly tos: number;
  /** TTL or hop limit. */
  readonly ttl: number;
  /** 0 for IPv4. */
  readonly flowLabel: number;
}

/** A header that the host sent. */
export interface WireIp extends IpFields {
  readonly protocol: number;
  readonly headerSize: number;
  /** Its checksum, if it has one, is right, and its length is that of the packet. */
  readonly isValid: boolean;
}

/** Bytes of a header before the packet of a transport. */
export function ipHeaderSize({ src }: { readonly src: IpAddress }): number {
  return src.family === 6 ? IPV6_HEADER : IPV4_HEADER;
}

/** Writes a header at `at`. @param length of the whole packet, bytes */
export function writeIpHeader(
  bytes: Uint8Array,
  fields: IpFields,
  protocol: number,
  at: number,
  length: number,
): void {
  if (fields.src.family === 6) writeIpv6(bytes, fields, protocol, at, length);
  else writeIpv4(bytes, fields, protocol, at, length);
}

function writeIpv4(bytes: Uint8Array, fields: IpFields, protocol: number, at: number, length: number): void {
  bytes[at] = 0x45;
  bytes[at + 1] = fields.tos;
  writeU16(bytes, at + 2, length);
  bytes[at + 8] = fields.ttl;
  bytes[at + 9] = protocol;
  fields.src.writeV4(bytes, at + 12);
  fields.dst.writeV4(bytes, at + 16);
  writeU16(bytes, at + 10, checksum(bytes, at, IPV4_HEADER));
}

function writeIpv6(bytes: Uint8Array, fields: IpFields, protocol: number, at: number, length: number): void {
  writeU32(bytes, at, ((6 << 28) | (fields.tos << FLOW_LABEL_BITS) | fields.flowLabel) >>> 0);
  writeU16(bytes, at + 4, length - IPV6_HEADER);
  bytes[at + 6] = protocol;
  bytes[at + 7] = fields.ttl;
  fields.src.writeV6(bytes, at + 8);
  fields.dst.writeV6(bytes, at + 24);
}

/** Reads the header of a packet; null when the bytes are none. */
export function readIpHeader(bytes: Uint8Array): WireIp | null {
  const version = bytes.length === 0 ? 0 : bytes[0]! >>> 4;
  if (version === 4 && bytes.length >= IPV4_HEADER) return readIpv4(bytes);
  return version === 6 && bytes.length >= IPV6_HEADER ? readIpv6(bytes) : null;
}

function readIpv4(bytes: Uint8Array): WireIp {
  const headerSize = (bytes[0]! & 15) * 4;
  return {
    src: IpAddress.readV4(bytes, 12),
    dst: IpAddress.readV4(bytes, 16),
    tos: bytes[1]!,
    ttl: bytes[8]!,
    flowLabel: 0,
    protocol: bytes[9]!,
    headerSize,
    isValid: readU16(bytes, 2) === bytes.length && checksum(bytes, 0, headerSize) === 0,
  };
}

function readIpv6(bytes: Uint8Array): WireIp {
  const first = readU32(bytes, 0);
  return {
    src: IpAddress.readV6(bytes, 8),
    dst: IpAddress.readV6(bytes, 24),
    tos: (first >>> FLOW_LABEL_BITS) & 0xff,
    ttl: bytes[7]!,
    flowLabel: first & 0xfffff,
    protocol: bytes[6]!,
    headerSize: IPV6_HEADER,
    isValid: readU16(bytes, 4) === bytes.length - IPV6_HEADER,
  };
}
