/**
 * Looks into a frame: which packet and which transport header it carries, whether they are objects already or bytes
 * (fragments, wire mode, corrupted frames). Checksums of transport headers are not judged here.
 */
import { ETHERTYPE_ARP, ETHERTYPE_IPV4, ETHERTYPE_IPV6, EthernetFrame } from '../link/frame.ts';
import { ArpPacket } from '../network/arp.ts';
import { IcmpMessage } from '../network/icmp.ts';
import { type AnyIcmpv6, isIcmpv6, parseIcmpv6 } from '../network/icmpv6-messages.ts';
import { PROTOCOL_ICMP, PROTOCOL_ICMPV6, PROTOCOL_TCP, PROTOCOL_UDP } from '../network/ip-packet.ts';
import { Ipv4Packet } from '../network/ipv4.ts';
import { Ipv6Packet } from '../network/ipv6.ts';
import { Payload } from '../packet/payload.ts';
import type { Pdu } from '../packet/pdu.ts';
import { DecodeError } from '../sim/errors.ts';
import { TcpSegment } from '../transport/tcp/header.ts';
import { UdpDatagram } from '../transport/udp.ts';

export interface Dissected {
  readonly arp: ArpPacket | null;
  readonly ip: Ipv4Packet | Ipv6Packet | null;
  /** Null for a fragment, another protocol, or bytes that are no such header. */
  readonly transport: TcpSegment | UdpDatagram | IcmpMessage | AnyIcmpv6 | null;
}

const NOTHING: Dissected = { arp: null, ip: null, transport: null };

export function dissect(frame: Pdu): Dissected {
  if (frame instanceof Ipv4Packet || frame instanceof Ipv6Packet)
    return { arp: null, ip: frame, transport: transportOf(frame) };
  if (!(frame instanceof EthernetFrame)) return NOTHING;
  const { payload, etherType } = frame;
  if (etherType === ETHERTYPE_ARP) {
    const arp = payload instanceof ArpPacket ? payload : parsed(payload, (bytes) => ArpPacket.parse(bytes));
    return { ...NOTHING, arp };
  }
  const ip = packetOf(payload, etherType);
  return ip === null ? NOTHING : { arp: null, ip, transport: transportOf(ip) };
}

function packetOf(payload: Pdu, etherType: number): Dissected['ip'] {
  if (payload instanceof Ipv4Packet || payload instanceof Ipv6Packet) return payload;
  if (etherType === ETHERTYPE_IPV4) return parsed(payload, (bytes) => Ipv4Packet.parse(bytes));
  return etherType === ETHERTYPE_IPV6 ? parsed(payload, (bytes) => Ipv6Packet.parse(bytes)) : null;
}

function transportOf(ip: Ipv4Packet | Ipv6Packet): Dissected['transport'] {
  const { payload } = ip;
  if (payload instanceof TcpSegment || payload instanceof UdpDatagram || payload instanceof IcmpMessage) {
    return payload;
  }
  if (isIcmpv6(payload)) return payload;
  if (ip.isFragment) return null;
  switch (ip.protocol) {
    case PROTOCOL_TCP:
      return parsed(payload, (bytes) => TcpSegment.parse(bytes, null));
    case PROTOCOL_UDP:
      return parsed(payload, (bytes) => UdpDatagram.parse(bytes, null));
    case PROTOCOL_ICMP:
      return parsed(payload, (bytes) => IcmpMessage.parse(bytes));
    case PROTOCOL_ICMPV6:
      return parsed(payload, (bytes) => parseIcmpv6(bytes, null));
    default:
      return null;
  }
}

function parsed<T>(payload: Pdu, parse: (bytes: Payload) => T): T | null {
  if (!(payload instanceof Payload)) return null;
  try {
    return parse(payload);
  } catch (error) {
    if (error instanceof DecodeError) return null;
    throw error;
  }
}
