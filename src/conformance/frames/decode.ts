/** From the bytes of a frame to its compact form, such that encoding it gives the same bytes again. */
import { readU16, readU32 } from '../../packet/bytes.ts';
import { finishSum, sumBytes, sumPseudoHeader } from '../../packet/checksum.ts';
import { IpAddress } from '../../packet/ip-address.ts';
import { MacAddress } from '../../packet/mac-address.ts';
import type { PseudoHeader } from '../../packet/pdu.ts';
import {
  dataLayers,
  hexText,
  type Layer,
  PROTOCOL_OF_LAYER,
  QUOTING_ICMP_TYPES,
  TCP_FLAG_LETTERS,
  unless,
  withExtras,
  writeMac,
} from './layers.ts';

const UDP = 17;
const TCP = 6;
const VLAN = 0x8100;
const PROVIDER_VLAN = 0x88a8;

export function decodeFrame(bytes: Uint8Array): Layer[] {
  if (bytes.length < 14) return dataLayers(bytes);
  const layers: unknown[][] = [['e', macAt(bytes, 0), macAt(bytes, 6)]];
  let type = readU16(bytes, 12);
  let at = 14;
  while ((type === VLAN || type === PROVIDER_VLAN) && bytes.length >= at + 4) {
    if (type !== VLAN) layers.at(-1)!.push(type);
    layers.push(['vlan', readU16(bytes, at)]);
    type = readU16(bytes, at + 2);
    at += 4;
  }
  const body = bytes.subarray(at);
  if (type === 0x0806 && body.length >= 28) return [...layers, arpLayer(body), ...trailer(body.subarray(28))];
  if (type === 0x0800 && body.length >= 20) {
    const packet = ipLayers(body, true);
    return [...layers, ...packet.layers, ...trailer(packet.rest)];
  }
  layers.at(-1)!.push(type);
  return [...layers, ...dataLayers(body)];
}

function arpLayer(bytes: Uint8Array): Layer {
  const layer = [
    'arp',
    readU16(bytes, 6),
    macAt(bytes, 8),
    ipAt(bytes, 14),
    macAt(bytes, 18),
    ipAt(bytes, 24),
  ];
  return withExtras(layer, {
    ht: unless(readU16(bytes, 0), 1),
    pt: unless(readU16(bytes, 2), 0x0800),
    hl: unless(bytes[4]!, 6),
    pl: unless(bytes[5]!, 4),
  });
}

/** @param hasTrailer bytes behind the total length are not part of the packet (in a quote they are) */
function ipLayers(bytes: Uint8Array, hasTrailer: boolean): { layers: Layer[]; rest: Uint8Array } {
  const headerWords = bytes[0]! & 15;
  const isWhole = headerWords > 5 && bytes.length >= headerWords * 4;
  const partial = headerWords > 5 && !isWhole && (bytes.length - 20) % 4 === 0 ? bytes.length : 20;
  const start = isWhole ? headerWords * 4 : partial;
  const length = readU16(bytes, 2);
  const end = hasTrailer && length >= start && length < bytes.length ? length : bytes.length;
  const body = bytes.subarray(start, end);
  const fragment = readU16(bytes, 6);
  const addresses = { src: IpAddress.v4(readU32(bytes, 12)), dst: IpAddress.v4(readU32(bytes, 16)) };
  const protocol = bytes[9]!;
  const inner = (fragment & 0x1fff) === 0 ? transportLayers(protocol, body, addresses) : dataLayers(body);
  const implied = PROTOCOL_OF_LAYER[String(inner[0]?.[0])] ?? 0;
  const checksum = readU16(bytes, 10);
  const layer = withExtras(['ip', addresses.src.toString(), addresses.dst.toString()], {
    v: unless(bytes[0]! >>> 4, 4),
    ihl: unless(headerWords, start >>> 2),
    tos: unless(bytes[1]!, 0),
    len: unless(length, (start + body.length) & 0xffff),
    id: unless(readU16(bytes, 4), 0),
    df: unless((fragment >>> 14) & 1, 0),
    mf: unless((fragment >>> 13) & 1, 0),
    rf: unless(fragment >>> 15, 0),
    off: unless((fragment & 0x1fff) << 3, 0),
    ttl: unless(bytes[8]!, 64),
    p: unless(protocol, implied),
    opt: start > 20 ? hexText(bytes.subarray(20, start)) : undefined,
    ck: unless(checksum, finishSum(sumBytes(bytes, 0, start) - checksum)),
  });
  return { layers: [layer, ...inner], rest: bytes.subarray(end) };
}

function transportLayers(protocol: number, bytes: Uint8Array, addresses: PseudoHeader): Layer[] {
  if (protocol === 1 && bytes.length >= 8) return icmpLayers(bytes);
  if (protocol === UDP && bytes.length >= 8) return udpLayers(bytes, addresses);
  if (protocol === TCP && bytes.length >= 20) return tcpLayers(bytes, addresses);
  return dataLayers(bytes);
}

function icmpLayers(bytes: Uint8Array): Layer[] {
  const type = bytes[0]!;
  const checksum = readU16(bytes, 2);
  const fields = type === 5 ? [ipAt(bytes, 4)] : [readU16(bytes, 4), readU16(bytes, 6)];
  const layer = withExtras(['icmp', type, bytes[1]!, ...fields], {
    ck: unless(checksum, finishSum(sumBytes(bytes, 0, bytes.length) - checksum)),
  });
  const body = bytes.subarray(8);
  if (QUOTING_ICMP_TYPES.has(type) && body.length >= 20) return [layer, ['q', ipLayers(body, false).layers]];
  return [layer, ...dataLayers(body)];
}

function udpLayers(bytes: Uint8Array, addresses: PseudoHeader): Layer[] {
  const length = readU16(bytes, 4);
  const covered = length >= 8 && length <= bytes.length ? length : bytes.length;
  const checksum = readU16(bytes, 6);
  const sum = sumBytes(bytes, 0, covered, sumPseudoHeader(addresses, UDP, covered)) - checksum;
  const layer = withExtras(['udp', readU16(bytes, 0), readU16(bytes, 2)], {
    len: unless(length, bytes.length),
    ck: unless(checksum, finishSum(sum) || 0xffff),
  });
  return [layer, ...dataLayers(bytes.subarray(8))];
}

function tcpLayers(bytes: Uint8Array, addresses: PseudoHeader): Layer[] {
  const headerWords = bytes[12]! >>> 4;
  const wanted = Math.min(bytes.length, headerWords * 4);
  const start = headerWords > 5 && wanted % 4 === 0 ? wanted : 20;
  const checksum = readU16(bytes, 16);
  const sum = sumBytes(bytes, 0, bytes.length, sumPseudoHeader(addresses, TCP, bytes.length)) - checksum;
  const flags = [...TCP_FLAG_LETTERS].filter((_, bit) => (bytes[13]! >>> bit) & 1).join('') || '0';
  const layer = withExtras(
    ['tcp', readU16(bytes, 0), readU16(bytes, 2), flags, readU32(bytes, 4), readU32(bytes, 8)],
    {
      doff: unless(headerWords, start >>> 2),
      res: unless(bytes[12]! & 15, 0),
      win: unless(readU16(bytes, 14), 0),
      urg: unless(readU16(bytes, 18), 0),
      opt: start > 20 ? hexText(bytes.subarray(20, start)) : undefined,
      ck: unless(checksum, finishSum(sum)),
    },
  );
  return [layer, ...dataLayers(bytes.subarray(start))];
}

function trailer(bytes: Uint8Array): Layer[] {
  return dataLayers(bytes).map((layer) => ['t', ...layer]);
}

function macAt(bytes: Uint8Array, at: number): string {
  return writeMac(MacAddress.read(bytes, at));
}

function ipAt(bytes: Uint8Array, at: number): string {
  return IpAddress.v4(readU32(bytes, at)).toString();
}
