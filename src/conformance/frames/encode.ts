/** From the compact form of a frame to its bytes. Checksums that the form does not give are computed. */
import { writeU16, writeU32 } from '../../packet/bytes.ts';
import { finishSum, sumBytes, sumPseudoHeader } from '../../packet/checksum.ts';
import { IpAddress } from '../../packet/ip-address.ts';
import type { PseudoHeader } from '../../packet/pdu.ts';
import {
  dataBytes,
  type Extras,
  extrasAt,
  hexBytes,
  type Layer,
  number,
  PROTOCOL_OF_LAYER,
  readMac,
  TCP_FLAG_LETTERS,
} from './layers.ts';

const UDP = 17;
const TCP = 6;

/** @throws ConfigError when a layer is of no known kind or lacks a field */
export function encodeFrame(layers: readonly Layer[]): Uint8Array {
  const [first, ...rest] = layers;
  if (first === undefined || first[0] !== 'e') return concat(layers.map(dataBytes));
  const head = new Uint8Array(12);
  readMac(first[1]).write(head, 0);
  readMac(first[2]).write(head, 6);
  const parts: Uint8Array[] = [head];
  let type = first[3];
  while (rest[0]?.[0] === 'vlan') {
    const tag = rest.shift()!;
    parts.push(words(number(type ?? 0x8100), number(tag[1])));
    type = tag[2];
  }
  const trailer = rest.at(-1)?.[0] === 't' ? dataBytes(rest.pop()!.slice(1)) : new Uint8Array(0);
  const kind = rest[0]?.[0];
  if (kind === 'arp') parts.push(words(number(type ?? 0x0806)), arpBytes(rest[0]!));
  else if (kind === 'ip') parts.push(words(number(type ?? 0x0800)), ipBytes(rest));
  else parts.push(words(number(type)), ...rest.map(dataBytes));
  return concat([...parts, trailer]);
}

function arpBytes(layer: Layer): Uint8Array {
  const extras = extrasAt(layer, 6);
  const bytes = new Uint8Array(28);
  writeU16(bytes, 0, number(extras['ht'] ?? 1));
  writeU16(bytes, 2, number(extras['pt'] ?? 0x0800));
  bytes[4] = number(extras['hl'] ?? 6);
  bytes[5] = number(extras['pl'] ?? 4);
  writeU16(bytes, 6, number(layer[1]));
  readMac(layer[2]).write(bytes, 8);
  writeU32(bytes, 14, ipv4(layer[3]).w3);
  readMac(layer[4]).write(bytes, 18);
  writeU32(bytes, 24, ipv4(layer[5]).w3);
  return bytes;
}

/** An IP packet: its own layer first. Inside a quote it may be cut short, which the layers behind it show. */
function ipBytes(layers: readonly Layer[]): Uint8Array {
  const [layer, ...rest] = layers as [Layer, ...Layer[]];
  const extras = extrasAt(layer, 3);
  const options = hexBytes(extras['opt']);
  const addresses = { src: ipv4(layer[1]), dst: ipv4(layer[2]) };
  const body = transportBytes(rest, addresses);
  const header = new Uint8Array(20 + options.length);
  const size = (header.length + body.length) & 0xffff;
  header[0] = (number(extras['v'] ?? 4) << 4) | number(extras['ihl'] ?? header.length >>> 2);
  header[1] = number(extras['tos'] ?? 0);
  writeU16(header, 2, number(extras['len'] ?? size));
  writeU16(header, 4, number(extras['id'] ?? 0));
  const flag = (key: string, bit: number): number => number(extras[key] ?? 0) << bit;
  writeU16(header, 6, flag('rf', 15) | flag('df', 14) | flag('mf', 13) | (number(extras['off'] ?? 0) >>> 3));
  header[8] = number(extras['ttl'] ?? 64);
  header[9] = number(extras['p'] ?? PROTOCOL_OF_LAYER[String(rest[0]?.[0])] ?? 0);
  writeU32(header, 12, addresses.src.w3);
  writeU32(header, 16, addresses.dst.w3);
  header.set(options, 20);
  writeU16(header, 10, number(extras['ck'] ?? finishSum(sumBytes(header, 0, header.length))));
  return concat([header, body]);
}

function transportBytes(layers: readonly Layer[], addresses: PseudoHeader): Uint8Array {
  const [layer, ...rest] = layers;
  if (layer === undefined) return new Uint8Array(0);
  switch (layer[0]) {
    case 'icmp':
      return icmpBytes(layer, rest);
    case 'udp':
      return udpBytes(layer, concat(rest.map(dataBytes)), addresses);
    case 'tcp':
      return tcpBytes(layer, concat(rest.map(dataBytes)), addresses);
    default:
      return concat(layers.map(dataBytes));
  }
}

function icmpBytes(layer: Layer, rest: readonly Layer[]): Uint8Array {
  const header = new Uint8Array(8);
  header[0] = number(layer[1]);
  header[1] = number(layer[2]);
  const isRedirect = layer[1] === 5 && typeof layer[3] === 'string';
  if (isRedirect) {
    writeU32(header, 4, ipv4(layer[3]).w3);
  } else {
    writeU16(header, 4, number(layer[3]));
    writeU16(header, 6, number(layer[4]));
  }
  const body = rest.map((inner) => (inner[0] === 'q' ? ipBytes(inner[1] as Layer[]) : dataBytes(inner)));
  const message = concat([header, ...body]);
  writeChecksum(message, 2, extrasAt(layer, isRedirect ? 4 : 5), () => sumBytes(message, 0, message.length));
  return message;
}

function udpBytes(layer: Layer, data: Uint8Array, addresses: PseudoHeader): Uint8Array {
  const extras = extrasAt(layer, 3);
  const datagram = concat([new Uint8Array(8), data]);
  const length = number(extras['len'] ?? datagram.length);
  writeU16(datagram, 0, number(layer[1]));
  writeU16(datagram, 2, number(layer[2]));
  writeU16(datagram, 4, length);
  const covered = length >= 8 && length <= datagram.length ? length : datagram.length;
  writeChecksum(datagram, 6, extras, () =>
    sumBytes(datagram, 0, covered, sumPseudoHeader(addresses, UDP, covered)),
  );
  if (extras['ck'] === undefined && datagram[6] === 0 && datagram[7] === 0) writeU16(datagram, 6, 0xffff);
  return datagram;
}

function tcpBytes(layer: Layer, data: Uint8Array, addresses: PseudoHeader): Uint8Array {
  const extras = extrasAt(layer, 6);
  const options = hexBytes(extras['opt']);
  const header = new Uint8Array(20);
  writeU16(header, 0, number(layer[1]));
  writeU16(header, 2, number(layer[2]));
  writeU32(header, 4, number(layer[4]));
  writeU32(header, 8, number(layer[5]));
  header[12] = (number(extras['doff'] ?? 5 + (options.length >>> 2)) << 4) | number(extras['res'] ?? 0);
  for (const letter of String(layer[3]))
    if (letter !== '0') header[13]! |= 1 << TCP_FLAG_LETTERS.indexOf(letter);
  writeU16(header, 14, number(extras['win'] ?? 0));
  writeU16(header, 18, number(extras['urg'] ?? 0));
  const segment = concat([header, options, data]);
  writeChecksum(segment, 16, extras, () =>
    sumBytes(segment, 0, segment.length, sumPseudoHeader(addresses, TCP, segment.length)),
  );
  return segment;
}

/** Writes the checksum that the layer gives, or the right one. */
function writeChecksum(bytes: Uint8Array, at: number, extras: Extras, sum: () => number): void {
  writeU16(bytes, at, extras['ck'] === undefined ? finishSum(sum()) : number(extras['ck']));
}

function ipv4(text: unknown): IpAddress {
  return IpAddress.parse(String(text));
}

function words(...values: number[]): Uint8Array {
  const bytes = new Uint8Array(values.length * 2);
  for (const [i, value] of values.entries()) writeU16(bytes, 2 * i, value);
  return bytes;
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
