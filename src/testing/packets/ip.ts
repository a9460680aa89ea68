/** Matchers of IPv4 and IPv6 packets, and the fields of IP that the matchers of everything above know as well. */
import { Ipv4Packet } from '../../network/ipv4.ts';
import { Ipv6Packet } from '../../network/ipv6.ts';
import type { Pdu } from '../../packet/pdu.ts';
import { ipAddress, payload, value } from './fields.ts';
import { type PacketMatcher, type PacketView, protocolMatcher, type Wanted } from './matcher.ts';

type AnyIp = Ipv4Packet | Ipv6Packet;

/** Fields that both families have; they are read from the packet, whatever it carries. */
export const IP_FIELDS = {
  /** Address of the sender. */
  src: ipAddress((_: unknown, { ip }) => ip?.src ?? null),
  /** Address of the receiver. */
  dst: ipAddress((_: unknown, { ip }) => ip?.dst ?? null),
  /** Time to live, or hop limit. */
  ttl: value((_: unknown, { ip }) => ip?.ttl ?? -1),
  /** The whole byte: DSCP and ECN. */
  tos: value((_: unknown, { ip }) => ip?.tos ?? -1),
};

const FRAGMENT_FIELDS = {
  /** Number of what the packet carries: 6 is TCP, 17 UDP, 1 ICMP. */
  protocol: value(({ protocol }: AnyIp) => protocol),
  /** Identification; 0 of an IPv6 packet that is whole. */
  id: value(({ id }: AnyIp) => id),
  /** It is one piece of a larger packet. */
  fragment: value(({ isFragment }: AnyIp) => isFragment),
  /** More fragments follow. */
  mf: value(({ mf }: AnyIp) => mf),
  /** Where a fragment belongs, bytes. */
  offset: value(({ offset }: AnyIp) => offset),
  /** Headers and payload, bytes. */
  size: value(({ size }: AnyIp) => size),
  payload: payload((packet: AnyIp): Pdu => packet.payload),
};

const IPV4_FIELDS = {
  ...IP_FIELDS,
  ...FRAGMENT_FIELDS,
  /** Don't fragment. */
  df: value(({ df }: Ipv4Packet) => df),
  /** Bytes of options. */
  options: value(({ options }: Ipv4Packet) => options?.length ?? 0),
};

const IPV6_FIELDS = {
  ...IP_FIELDS,
  ...FRAGMENT_FIELDS,
  flowLabel: value(({ flowLabel }: Ipv6Packet) => flowLabel),
  /** Number of extension headers. */
  extensions: value(({ extensions }: Ipv6Packet) => extensions?.length ?? 0),
};

const makeIp = protocolMatcher('ip', ({ ip }: PacketView) => ip, { ...IP_FIELDS, ...FRAGMENT_FIELDS });
const makeIpv4 = protocolMatcher(
  'ipv4',
  ({ ip }: PacketView) => (ip instanceof Ipv4Packet ? ip : null),
  IPV4_FIELDS,
);
const makeIpv6 = protocolMatcher(
  'ipv6',
  ({ ip }: PacketView) => (ip instanceof Ipv6Packet ? ip : null),
  IPV6_FIELDS,
);

/** A packet of either family: `ip({ src: '10.0.0.1', fragment: true })`. */
export function ip(fields?: Wanted<typeof IP_FIELDS & typeof FRAGMENT_FIELDS>): PacketMatcher {
  return makeIp(fields);
}

/** An IPv4 packet (RFC 791), whatever it carries. */
export function ipv4(fields?: Wanted<typeof IPV4_FIELDS>): PacketMatcher {
  return makeIpv4(fields);
}

/** An IPv6 packet (RFC 8200), whatever it carries. */
export function ipv6(fields?: Wanted<typeof IPV6_FIELDS>): PacketMatcher {
  return makeIpv6(fields);
}
