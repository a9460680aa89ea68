/**
 * What Linux's bridge does to IP packets that it only bridges, where bridge netfilter is built in (the default of
 * distributions and of net.bridge.bridge-nf-call-*): malformed ones are dropped before their source is learned, and
 * what lies behind the end of a packet is cut off. Observed on Linux 6.18; tagged frames are not looked into.
 */
import { ETHERTYPE_ARP, ETHERTYPE_IPV4, ETHERTYPE_IPV6, EthernetFrame } from '../link/frame.ts';
import type { SwitchFilter } from '../link/switch/learning-switch.ts';
import { readU16 } from '../packet/bytes.ts';
import { checksum } from '../packet/checksum.ts';
import { Payload } from '../packet/payload.ts';

const ARP_FIXED_SIZE = 8;
const IPV6_HEADER_SIZE = 40;
const IPV6_HOP_BY_HOP = 0;

/** The filter of a Linux bridge, for `LearningSwitch`. Packets that are header objects are well formed. */
export const BRIDGE_NETFILTER: SwitchFilter = {
  onIngress(frame: EthernetFrame): EthernetFrame | string {
    const { payload } = frame;
    if (frame.tci >= 0 || !(payload instanceof Payload)) return frame;
    let size = payload.size;
    if (frame.etherType === ETHERTYPE_IPV4) size = ipv4Size(payload);
    else if (frame.etherType === ETHERTYPE_IPV6) size = ipv6Size(payload);
    if (size < 0) return 'switch.malformed-ip';
    if (size === payload.size) return frame;
    return new EthernetFrame(frame.dst, frame.src, frame.etherType, payload.slice(0, size));
  },

  onForward(frame: EthernetFrame): string | null {
    const isShortArp =
      frame.etherType === ETHERTYPE_ARP && frame.tci < 0 && frame.payload.size < ARP_FIXED_SIZE;
    return isShortArp ? 'switch.short-arp' : null;
  },
};

/** @returns the length of the IPv4 packet in `payload`, or -1 when RFC 1122 3.2.1 wants it discarded */
function ipv4Size(payload: Payload): number {
  const bytes = payload.view();
  if (bytes.length < 20 || bytes[0]! >>> 4 !== 4) return -1;
  const headerSize = (bytes[0]! & 15) * 4;
  if (headerSize < 20 || bytes.length < headerSize || checksum(bytes, 0, headerSize) !== 0) return -1;
  const size = readU16(bytes, 2);
  return size <= bytes.length && size >= headerSize ? size : -1;
}

/** @returns the length of the IPv6 packet in `payload`, or -1 (RFC 8200 3); a jumbo payload's is all there is */
function ipv6Size(payload: Payload): number {
  const bytes = payload.view();
  if (bytes.length < IPV6_HEADER_SIZE || bytes[0]! >>> 4 !== 6) return -1;
  const payloadSize = readU16(bytes, 4);
  if (payloadSize === 0 && bytes[6] === IPV6_HOP_BY_HOP) return bytes.length;
  const size = IPV6_HEADER_SIZE + payloadSize;
  return size <= bytes.length ? size : -1;
}
