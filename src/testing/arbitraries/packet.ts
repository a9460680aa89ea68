/** Whole IP packets and Ethernet frames, from link header to payload, every protocol in its place. */
import fc from 'fast-check';
import { ETHERTYPE_ARP, ETHERTYPE_IPV4, ETHERTYPE_IPV6, EthernetFrame } from '../../link/frame.ts';
import {
  PROTOCOL_ICMP,
  PROTOCOL_ICMPV6,
  PROTOCOL_IGMP,
  PROTOCOL_TCP,
  PROTOCOL_UDP,
} from '../../network/ip-packet.ts';
import { Ipv4Packet } from '../../network/ipv4.ts';
import { Ipv6Packet } from '../../network/ipv6.ts';
import { Ipv6Extension } from '../../network/ipv6-extension.ts';
import type { Pdu } from '../../packet/pdu.ts';
import { type AddressConstraints, ipv4Address, ipv6Address, macAddress } from './addresses.ts';
import { payload } from './bytes.ts';
import { arpPacket, icmpMessage, icmpv6Message, igmpMessage } from './control.ts';
import { tcpSegment, udpDatagram } from './transport.ts';

export type IpProtocol = 'tcp' | 'udp' | 'icmp' | 'igmp' | 'other';

export interface PacketConstraints {
  /** What it carries. Default: anything. */
  readonly carries?: readonly IpProtocol[];
  /** Where it comes from and goes to. Default: any address. */
  readonly from?: AddressConstraints;
  readonly to?: AddressConstraints;
  /** Whether it may be a fragment of a larger one; its payload is bytes then. Default: false. */
  readonly fragments?: boolean;
}

const PROTOCOLS: readonly IpProtocol[] = ['udp', 'tcp', 'icmp', 'igmp', 'other'];
/** Assigned for experiments (RFC 3692). */
const EXPERIMENTAL = 253;
const MORE_FRAGMENTS = 1;

interface Carried {
  readonly protocol: number;
  readonly pdu: Pdu;
}

/** Its checksums are right when bytes are made of it. Shrinks to an empty UDP datagram without options. */
export function ipv4Packet(constraints: PacketConstraints = {}): fc.Arbitrary<Ipv4Packet> {
  const { carries = PROTOCOLS, from = {}, to = {}, fragments = false } = constraints;
  return fc
    .record({
      src: ipv4Address(from),
      dst: ipv4Address(to),
      ttl: fc.integer({ min: 1, max: 255 }),
      tos: fc.nat(255),
      id: fc.nat(65535),
      dontFragment: fc.boolean(),
      options: optionBytes(),
      carried: carried(carries, 4),
      fragment: fragments
        ? fc.option(fc.record({ at: fc.nat(1000), more: fc.boolean() }))
        : fc.constant(null),
      piece: payload({ max: 64 }),
    })
    .map((one) => {
      const { src, dst, ttl, tos, id, options, carried: whole, fragment, piece } = one;
      const { protocol } = whole;
      if (fragment !== null) {
        const flags = fragment.more ? MORE_FRAGMENTS : 0;
        return new Ipv4Packet(src, dst, protocol, ttl, tos, id, flags, fragment.at * 8, options, piece);
      }
      return new Ipv4Packet(
        src,
        dst,
        protocol,
        ttl,
        tos,
        id,
        one.dontFragment ? 2 : 0,
        0,
        options,
        whole.pdu,
      );
    });
}

/** With up to two headers of options between it and its payload. Shrinks to an empty UDP datagram. */
export function ipv6Packet(constraints: Omit<PacketConstraints, 'fragments'> = {}): fc.Arbitrary<Ipv6Packet> {
  const { carries = PROTOCOLS, from = {}, to = {} } = constraints;
  return fc
    .record({
      src: ipv6Address(from),
      dst: ipv6Address(to),
      hopLimit: fc.integer({ min: 1, max: 255 }),
      trafficClass: fc.nat(255),
      label: fc.nat(0xfffff),
      extensions: fc.nat(2),
      carried: carried(carries, 6),
    })
    .map(({ src, dst, hopLimit, trafficClass, label, extensions, carried: { protocol, pdu } }) => {
      const headers = extensions === 0 ? null : Array.from({ length: extensions }, () => padding());
      return new Ipv6Packet(src, dst, protocol, hopLimit, trafficClass, label, headers, pdu);
    });
}

export interface FrameConstraints {
  /** What it carries. Default: anything. */
  readonly carries?: readonly IpProtocol[];
}

/** With or without a VLAN tag, and ARP or a packet of either family in it. */
export function ethernetFrame(constraints: FrameConstraints = {}): fc.Arbitrary<EthernetFrame> {
  const contents = fc.oneof<fc.Arbitrary<readonly [number, Pdu]>[]>(
    ipv4Packet(constraints).map((packet) => [ETHERTYPE_IPV4, packet] as const),
    ipv6Packet(constraints).map((packet) => [ETHERTYPE_IPV6, packet] as const),
    arpPacket().map((packet) => [ETHERTYPE_ARP, packet] as const),
  );
  const tag = fc.option(fc.integer({ min: 1, max: 4094 }), { nil: -1 });
  return fc
    .tuple(macAddress(), macAddress({ unicast: true }), contents, tag)
    .map(([dst, src, [type, pdu], tci]) => new EthernetFrame(dst, src, type, pdu, tci));
}

function carried(kinds: readonly IpProtocol[], family: 4 | 6): fc.Arbitrary<Carried> {
  const table: Readonly<Record<IpProtocol, fc.Arbitrary<Carried>>> = {
    udp: udpDatagram({ checksum: family === 6 ? 'always' : 'mostly' }).map((pdu) => ({
      protocol: PROTOCOL_UDP,
      pdu,
    })),
    tcp: tcpSegment().map((pdu) => ({ protocol: PROTOCOL_TCP, pdu })),
    icmp:
      family === 4
        ? icmpMessage().map((pdu) => ({ protocol: PROTOCOL_ICMP, pdu }))
        : icmpv6Message().map((pdu) => ({ protocol: PROTOCOL_ICMPV6, pdu })),
    igmp: igmpMessage().map((pdu) => ({ protocol: PROTOCOL_IGMP, pdu })),
    other: payload({ max: 64 }).map((pdu) => ({ protocol: EXPERIMENTAL, pdu })),
  };
  return fc.oneof(
    { withCrossShrink: true },
    ...kinds.filter((kind) => family === 4 || kind !== 'igmp').map((kind) => table[kind]),
  );
}

/** No-operations and an end: options that every host skips (RFC 791 3.1). */
function optionBytes(): fc.Arbitrary<Uint8Array | null> {
  return fc.nat(3).map((words) => (words === 0 ? null : new Uint8Array(4 * words).fill(1)));
}

const DESTINATION_OPTIONS = 60;
const PADN = 1;

/** Destination options with nothing but padding (RFC 8200 4.2). */
function padding(): Ipv6Extension {
  return new Ipv6Extension(DESTINATION_OPTIONS, Uint8Array.of(0, 0, PADN, 4, 0, 0, 0, 0));
}
