/**
 * TCP and ICMP in IP packets of both families as bytes (RFC 9293, 792, 4443). The runner judges the stack by what is on
 * the wire, so it builds and reads packets with code of its own and shares no header class with what it tests.
 */
import { readU16, readU32, writeU16, writeU32 } from '../../packet/bytes.ts';
import { finishSum, sumBytes, sumPseudoHeader } from '../../packet/checksum.ts';
import type { IpAddress } from '../../packet/ip-address.ts';
import { type IpFields, ipHeaderSize, readIpHeader, writeIpHeader } from './wire-ip.ts';

export const TCP_HEADER = 20;
const ICMP_HEADER = 8;
const PROTOCOL_ICMP = 1;
const PROTOCOL_TCP = 6;
const PROTOCOL_ICMPV6 = 58;

export const SYN = 0x002;
export const RST = 0x004;
export const ACK = 0x010;
export const URG = 0x020;
export const ECE = 0x040;
export const CWR = 0x080;

/** A TCP segment with live numbers, as it lies in an IP packet. */
export interface WireSegment extends IpFields {
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
  /** The IP header's checksum is right, and its total length is that of the packet. */
  readonly isIpHeaderValid: boolean;
}

/** What a segment to inject says. */
export interface SegmentToBuild extends Omit<WireSegment, 'reserved' | 'isIpHeaderValid' | 'payload'> {
  /** Zero bytes of payload. */
  readonly length: number;
}

/** An IP packet with right checksums. */
export function buildSegment(segment: SegmentToBuild): Uint8Array {
  const at = ipHeaderSize(segment);
  const tcpLength = TCP_HEADER + segment.options.length + segment.length;
  const bytes = new Uint8Array(at + tcpLength);
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
  writeIpHeader(bytes, segment, PROTOCOL_TCP, 0, bytes.length);
  return bytes;
}

/** What an ICMP error to inject says. The quoted packet is one that `dst` sent. */
export interface IcmpToBuild extends IpFields {
  readonly type: number;
  readonly code: number;
  readonly mtu: number;
  readonly quoted: {
    readonly src: IpAddress;
    readonly dst: IpAddress;
    readonly srcPort: number;
    readonly dstPort: number;
    readonly seq: number;
    readonly length: number;
  };
}

/** An ICMP message that quotes an IP header and the first 8 bytes behind it, or ICMPv6's with a whole TCP header. */
export function buildIcmp(message: IcmpToBuild): Uint8Array {
  const { quoted } = message;
  const isIpv6 = message.src.family === 6;
  const at = ipHeaderSize(message);
  const inner = at + ICMP_HEADER;
  const tcp = inner + ipHeaderSize(quoted);
  const bytes = new Uint8Array(tcp + (isIpv6 ? TCP_HEADER : 8));
  bytes[at] = message.type;
  bytes[at + 1] = message.code;
  if (isIpv6) writeU32(bytes, at + 4, message.mtu);
  else writeU16(bytes, at + 6, message.mtu);
  writeU16(bytes, tcp, quoted.srcPort);
  writeU16(bytes, tcp + 2, quoted.dstPort);
  writeU32(bytes, tcp + 4, quoted.seq);
  const quotedHeader = { src: quoted.src, dst: quoted.dst, tos: 0, ttl: 64, flowLabel: 0 };
  const quotedSize = ipHeaderSize(quoted) + TCP_HEADER + quoted.length;
  writeIpHeader(bytes, quotedHeader, PROTOCOL_TCP, inner, quotedSize);
  const length = bytes.length - at;
  const pseudo = isIpv6 ? sumPseudoHeader(message, PROTOCOL_ICMPV6, length) : 0;
  writeU16(bytes, at + 2, finishSum(sumBytes(bytes, at, length, pseudo)));
  writeIpHeader(bytes, message, isIpv6 ? PROTOCOL_ICMPV6 : PROTOCOL_ICMP, 0, bytes.length);
  return bytes;
}

/** Reads a TCP packet that the host sent; null when the bytes are none. */
export function readSegment(bytes: Uint8Array): WireSegment | null {
  const ip = readIpHeader(bytes);
  if (ip === null || ip.protocol !== PROTOCOL_TCP || bytes.length < ip.headerSize + TCP_HEADER) return null;
  const at = ip.headerSize;
  const dataOffset = (bytes[at + 12]! >>> 4) * 4;
  if (dataOffset < TCP_HEADER || at + dataOffset > bytes.length) return null;
  const word = readU16(bytes, at + 12);
  return {
    src: ip.src,
    dst: ip.dst,
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
    tos: ip.tos,
    ttl: ip.ttl,
    flowLabel: ip.flowLabel,
    isIpHeaderValid: ip.isValid,
  };
}

/** An ICMP or ICMPv6 packet that the host sent. */
export interface WireIcmp {
  readonly src: IpAddress;
  readonly dst: IpAddress;
  readonly type: number;
  readonly code: number;
  readonly mtu: number;
}

/** Messages of ICMPv6 that belong to a link: neighbour and listener discovery (RFC 4861, RFC 2710, RFC 9777). */
const OF_A_LINK: readonly number[] = [130, 131, 132, 133, 134, 135, 136, 137, 143];

/** Reads an ICMP packet about the paths of packets; null for any other. */
export function readIcmp(bytes: Uint8Array): WireIcmp | null {
  const ip = readIpHeader(bytes);
  if (ip === null || bytes.length < ip.headerSize + ICMP_HEADER) return null;
  const isIpv6 = ip.src.family === 6;
  const at = ip.headerSize;
  const type = bytes[at]!;
  if (ip.protocol !== (isIpv6 ? PROTOCOL_ICMPV6 : PROTOCOL_ICMP)) return null;
  if (isIpv6 && OF_A_LINK.includes(type)) return null;
  const mtu = isIpv6 ? readU32(bytes, at + 4) : readU16(bytes, at + 6);
  return { src: ip.src, dst: ip.dst, type, code: bytes[at + 1]!, mtu };
}
