/** Matchers of what is below IP: Ethernet frames and ARP. */
import { EthernetFrame } from '../../link/frame.ts';
import type { ArpPacket } from '../../network/arp.ts';
import { ARP_REPLY, ARP_REQUEST } from '../../network/arp.ts';
import { ipAddress, macAddress, payload, value } from './fields.ts';
import { type PacketMatcher, type PacketView, protocolMatcher, type Wanted } from './matcher.ts';

const ETHERNET_FIELDS = {
  src: macAddress(({ src }: EthernetFrame) => src),
  dst: macAddress(({ dst }: EthernetFrame) => dst),
  /** 0x0800 IPv4, 0x0806 ARP, 0x86dd IPv6; below 1536 the length of an LLC payload, such as a BPDU. */
  etherType: value(({ etherType }: EthernetFrame) => etherType),
  /** VLAN of the outermost 802.1Q tag; null without one. */
  vlan: value(({ tci }: EthernetFrame) => (tci < 0 ? null : tci & 0xfff)),
  /** Header and payload without padding and FCS, bytes. */
  size: value(({ size }: EthernetFrame) => size),
  payload: payload((frame: EthernetFrame) => frame.payload),
};

const ARP_FIELDS = {
  operation: value(operationOf),
  senderIp: ipAddress(({ senderIp }: ArpPacket) => senderIp),
  senderMac: macAddress(({ senderMac }: ArpPacket) => senderMac),
  targetIp: ipAddress(({ targetIp }: ArpPacket) => targetIp),
  targetMac: macAddress(({ targetMac }: ArpPacket) => targetMac),
};

const makeEthernet = protocolMatcher(
  'ethernet',
  ({ frame }: PacketView) => (frame instanceof EthernetFrame ? frame : null),
  ETHERNET_FIELDS,
);
const makeArp = protocolMatcher('arp', ({ arp }: PacketView) => arp, ARP_FIELDS);

/** An Ethernet frame (IEEE 802.3, 802.1Q), whatever it carries: `ethernet({ vlan: 10 })`. */
export function ethernet(fields?: Wanted<typeof ETHERNET_FIELDS>): PacketMatcher {
  return makeEthernet(fields);
}

/** An ARP packet (RFC 826): `arp({ operation: 'request', targetIp: '10.0.0.1' })`. */
export function arp(fields?: Wanted<typeof ARP_FIELDS>): PacketMatcher {
  return makeArp(fields);
}

function operationOf({ operation }: ArpPacket): 'request' | 'reply' | number {
  if (operation === ARP_REQUEST) return 'request';
  return operation === ARP_REPLY ? 'reply' : operation;
}
