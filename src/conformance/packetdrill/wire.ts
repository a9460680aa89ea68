/**
 * IPv4, TCP and ICMP as bytes (RFC 791, 9293, 792). The runner judges the stack by what is on the wire, so it builds
 * and reads packets with code of its own and shares no header class with what it tests.
 */
import { readU16, readU32, writeU16, writeU32 } from '../../packet/bytes.ts';
import { checksum, finishSum, sumBytes, sumPseudoHeader } from '../../packet/checksum.ts';
import { IpAddress } from '../../packet/ip-address.ts';

export const IP_HEADER = 20;
export const TCP_HEADER = 20;
export const PROTOCOL_ICMP = 1;
export const PROTOCOL_TCP = 6;

export const SYN = 0x002;
export const RST = 0x004;
export const ACK = 0x010;
export const URG = 0x020;
export const ECE = 0x040;
export const CWR = 0x080;

/** A TCP segment with live numbers, as it lies in an IP packet. */
export interface WireSegment {
  readonly src: IpAddress;
  readonly dst: IpAddress;
  readonly srcPort: number;
  readonly dstPort: number;
  readonly seq: number;
  readonly ack: number;
  /** FIN … CWR and AE as in the header. */
  readonly flags: number;
  /** The three reserved bits between AE and the data offset. */
  readonly reserved: number;
  readonly window: number;
  readonly urgent: number;
  /** All option bytes. */
  readonly options: Uint8Array;
  readonly payload: Uint8Array;
  readonly tos: number;
  readonly ttl: number;
  /** The IP header's checksum is right, and its total length is that of the packet. */
  readonly isIpHeaderValid: boolean;
}

/** What a segment to inject says. */
export interface SegmentToBuild extends Omit<WireSegment, 'reserved' | 'isIpHeaderValid' | 'payload'> {
  /** Zero bytes of payload. */
  readonly length: number;
}

/** An IPv4 packet with right checksums. */
export function buildSegment(segment: SegmentToBuild): Uint8Array {
  const tcpLength = TCP_HEADER + segment.options.length + segment.length;
  const bytes = new Uint8Array(IP_HEADER + tcpLength);
  const at = IP_HEADER;
  writeU16(bytes, at, segment.srcPort);
  writeU16(bytes, at + 2, segment.dstPort);
  writeU32(bytes, at + 4, segment.seq);
  writeU32(bytes, at + 8, segment.ack);
  writeU16(bytes, at + 12, (((TCP_HEADER + segment.options.length) / 4) << 12) | segment.flags);
  writeU16(bytes, at + 14, segment.window);
  writeU16(bytes, at + 18, segment.urgent);
  bytes.set(segment.options, at + TCP_HEADER);
  const sum = sumBytes(bytes, at, tcpLength, sumPseudoHeader(segment, PROTOCOL_TCP, tcpLength));
  writeU16(bytes, at + 16, finishSum(sum));
  writeIpHeader(bytes, segment, PROTOCOL_TCP);
  return bytes;
}

/** What an ICMP error to inject says. The quoted packet is one that `dst` sent. */
export interface IcmpToBuild {
  readonly src: IpAddress;
  readonly dst: IpAddress;
  readonly type: number;
  readonly code: number;
  readonly mtu: number;
  readonly tos: number;
  readonly ttl: number;
  readonly quoted: {
    readonly src: IpAddress;
    readonly dst: IpAddress;
    readonly srcPort: number;
    readonly dstPort: number;
    readonly seq: number;
    readonly length: number;
  };
}

const QUOTE = IP_HEADER + 8;

/** An ICMP message that quotes an IP header and 8 bytes. */
export function buildIcmp(message: IcmpToBuild): Uint8Array {
  const bytes = new Uint8Array(IP_HEADER + 8 + QUOTE);
  const at = IP_HEADER;
  bytes[at] = message.type;
  bytes[at + 1] = message.code;
  writeU16(bytes, at + 6, message.mtu);
  const { quoted } = message;
  const inner = at + 8;
  writeU16(bytes, inner + IP_HEADER, quoted.srcPort);
  writeU16(bytes, inner + IP_HEADER + 2, quoted.dstPort);
  writeU32(bytes, inner + IP_HEADER + 4, quoted.seq);
  const quotedHeader = { src: quoted.src, dst: quoted.dst, tos: 0, ttl: 64 };
  writeIpHeader(bytes, quotedHeader, PROTOCOL_TCP, inner, IP_HEADER + TCP_HEADER + quoted.length);
  writeU16(bytes, at + 2, checksum(bytes, at, bytes.length - at));
  writeIpHeader(bytes, message, PROTOCOL_ICMP);
  return bytes;
}

interface IpFields {
  readonly src: IpAddress;
  readonly dst: IpAddress;
  readonly tos: number;
  readonly ttl: number;
}

function writeIpHeader(
  bytes: Uint8Array,
  fields: IpFields,
  protocol: number,
  at: number = 0,
  length: number = bytes.length,
): void {
  bytes[at] = 0x45;
  bytes[at + 1] = fields.tos;
  writeU16(bytes, at + 2, length);
  bytes[at + 8] = fields.ttl;
  bytes[at + 9] = protocol;
  fields.src.writeV4(bytes, at + 12);
  fields.dst.writeV4(bytes, at + 16);
  writeU16(bytes, at + 10, checksum(bytes, at, IP_HEADER));
}

/** The protocol number of an IPv4 packet, or null when it is none. */
export function protocolOf(bytes: Uint8Array): number | null {
  return bytes.length >= IP_HEADER && bytes[0]! >>> 4 === 4 ? bytes[9]! : null;
}

/** Reads a TCP packet that the host sent; null when the bytes are none. */
export function readSegment(bytes: Uint8Array): WireSegment | null {
  const ipHeader = (bytes[0]! & 15) * 4;
  if (protocolOf(bytes) !== PROTOCOL_TCP || bytes.length < ipHeader + TCP_HEADER) return null;
  const at = ipHeader;
  const dataOffset = (bytes[at + 12]! >>> 4) * 4;
  if (dataOffset < TCP_HEADER || at + dataOffset > bytes.length) return null;
  const word = readU16(bytes, at + 12);
  return {
    src: IpAddress.readV4(bytes, 12),
    dst: IpAddress.readV4(bytes, 16),
    srcPort: readU16(bytes, at),
    dstPort: readU16(bytes, at + 2),
    seq: readU32(bytes, at + 4),
    ack: readU32(bytes, at + 8),
    flags: word & 0x1ff,
    reserved: (word >>> 9) & 7,
    window: readU16(bytes, at + 14),
    urgent: readU16(bytes, at + 18),
    options: bytes.slice(at + TCP_HEADER, at + dataOffset),
    payload: bytes.slice(at + dataOffset),
    tos: bytes[1]!,
    ttl: bytes[8]!,
    isIpHeaderValid: readU16(bytes, 2) === bytes.length && checksum(bytes, 0, ipHeader) === 0,
  };
}

/** An ICMP packet that the host sent. */
export interface WireIcmp {
  readonly src: IpAddress;
  readonly dst: IpAddress;
  readonly type: number;
  readonly code: number;
  readonly mtu: number;
}

export function readIcmp(bytes: Uint8Array): WireIcmp | null {
  if (protocolOf(bytes) !== PROTOCOL_ICMP || bytes.length < IP_HEADER + 8) return null;
  return {
    src: IpAddress.readV4(bytes, 12),
    dst: IpAddress.readV4(bytes, 16),
    type: bytes[IP_HEADER]!,
    code: bytes[IP_HEADER + 1]!,
    mtu: readU16(bytes, IP_HEADER + 6),
  };
}
