/** Matchers of ICMP, ICMPv6 with neighbour discovery and multicast listener discovery, and IGMP. */
import { IcmpMessage } from '../../network/icmp.ts';
import { Icmpv6Message } from '../../network/icmpv6.ts';
import { IgmpMessage, IgmpReport } from '../../network/igmp.ts';
import { PROTOCOL_IGMP } from '../../network/ip-packet.ts';
import { MldQuery, MldReport } from '../../network/mld.ts';
import {
  NDP_NEIGHBOUR_ADVERTISEMENT,
  NeighbourMessage,
  RouterAdvertisement,
  RouterSolicitation,
} from '../../network/ndp.ts';
import type { IpAddress } from '../../packet/ip-address.ts';
import { Payload } from '../../packet/payload.ts';
import { DecodeError } from '../../sim/errors.ts';
import { ipAddress, macAddress, payload, value } from './fields.ts';
import { IP_FIELDS } from './ip.ts';
import { type Field, type PacketMatcher, type PacketView, protocolMatcher, type Wanted } from './matcher.ts';

/** Types by the names that RFC 792 and RFC 4443 give them. */
const ICMP_TYPES: Readonly<Record<string, number>> = {
  'echo-reply': 0,
  unreachable: 3,
  'source-quench': 4,
  redirect: 5,
  echo: 8,
  'time-exceeded': 11,
  'parameter-problem': 12,
  timestamp: 13,
  'timestamp-reply': 14,
};
const ICMPV6_TYPES: Readonly<Record<string, number>> = {
  unreachable: 1,
  'too-big': 2,
  'time-exceeded': 3,
  'parameter-problem': 4,
  echo: 128,
  'echo-reply': 129,
};

type AnyIcmp = IcmpMessage | Icmpv6Message;

const MESSAGE_FIELDS = {
  code: value(({ code }: AnyIcmp) => code),
  /** Of an echo request or reply. */
  id: value(({ rest }: AnyIcmp) => rest >>> 16),
  /** Of an echo request or reply. */
  seq: value(({ rest }: AnyIcmp) => rest & 0xffff),
  /** Echo data, or the quoted packet. */
  payload: payload((message: AnyIcmp) => message.payload),
};

const ICMP_FIELDS = {
  ...IP_FIELDS,
  ...MESSAGE_FIELDS,
  /** A number, or a name: echo, echo-reply, unreachable, redirect, time-exceeded, parameter-problem, ... */
  type: typeField(ICMP_TYPES),
  /** Next-hop MTU of `unreachable` with code 4 (RFC 1191). */
  mtu: value(({ rest }: AnyIcmp) => rest & 0xffff),
};

const ICMPV6_FIELDS = {
  ...IP_FIELDS,
  ...MESSAGE_FIELDS,
  /** A number, or a name: echo, echo-reply, unreachable, too-big, time-exceeded, parameter-problem. */
  type: typeField(ICMPV6_TYPES),
  /** Of `too-big`. */
  mtu: value(({ rest }: AnyIcmp) => rest),
};

type AnyNdp = NeighbourMessage | RouterSolicitation | RouterAdvertisement;

const NDP_FIELDS = {
  ...IP_FIELDS,
  /** Which of the four messages of RFC 4861. */
  message: value(ndpMessage),
  /** Whose MAC address is asked for or told. */
  target: ipAddress((message: AnyNdp) => (message instanceof NeighbourMessage ? message.target : null)),
  /** The link-layer address option. */
  mac: macAddress((message: AnyNdp) =>
    message instanceof RouterAdvertisement ? message.facts.mac : message.mac,
  ),
  /** Of a neighbour advertisement: it answers a solicitation. */
  solicited: value((message: AnyNdp) => message instanceof NeighbourMessage && message.isSolicited),
  /** Of a router advertisement: how long it serves as default router, seconds. */
  lifetime: value((message: AnyNdp) => (message instanceof RouterAdvertisement ? message.facts.lifetime : 0)),
};

const MLD_FIELDS = {
  ...IP_FIELDS,
  message: value((message: MldQuery | MldReport) => (message instanceof MldQuery ? 'query' : 'report')),
  /** The group of a query, or the first of a report. */
  group: ipAddress((message: MldQuery | MldReport) => groupOf(message)),
};

const IGMP_FIELDS = {
  ...IP_FIELDS,
  /** 0x11 query, 0x12, 0x16 and 0x22 reports, 0x17 leave. */
  type: value((message: IgmpMessage | IgmpReport) => (message instanceof IgmpReport ? 0x22 : message.type)),
  /** The group of a message, or the first of a report. */
  group: ipAddress((message: IgmpMessage | IgmpReport) => groupOf(message)),
};

const makeIcmp = protocolMatcher('icmp', transportOf(IcmpMessage), ICMP_FIELDS);
const makeIcmpv6 = protocolMatcher('icmpv6', transportOf(Icmpv6Message), ICMPV6_FIELDS);
const makeNdp = protocolMatcher('ndp', ndpOf, NDP_FIELDS);
const makeMld = protocolMatcher('mld', mldOf, MLD_FIELDS);
const makeIgmp = protocolMatcher('igmp', igmpOf, IGMP_FIELDS);

/** An ICMP message (RFC 792): `icmp({ type: 'unreachable', code: 3 })`. */
export function icmp(fields?: Wanted<typeof ICMP_FIELDS>): PacketMatcher {
  return makeIcmp(fields);
}

/** An ICMPv6 error or echo (RFC 4443): `icmpv6({ type: 'too-big', mtu: 1280 })`. */
export function icmpv6(fields?: Wanted<typeof ICMPV6_FIELDS>): PacketMatcher {
  return makeIcmpv6(fields);
}

/** Neighbour discovery (RFC 4861): `ndp({ message: 'neighbour-solicitation', target: 'fe80::1' })`. */
export function ndp(fields?: Wanted<typeof NDP_FIELDS>): PacketMatcher {
  return makeNdp(fields);
}

/** Multicast listener discovery (RFC 3810): `mld({ message: 'report', group: 'ff02::fb' })`. */
export function mld(fields?: Wanted<typeof MLD_FIELDS>): PacketMatcher {
  return makeMld(fields);
}

/** IGMP of any version (RFC 2236, RFC 3376): `igmp({ type: 0x22, group: '224.0.0.251' })`. */
export function igmp(fields?: Wanted<typeof IGMP_FIELDS>): PacketMatcher {
  return makeIgmp(fields);
}

function typeField(names: Readonly<Record<string, number>>): Field<AnyIcmp, number, number | string> {
  const byNumber = new Map(Object.entries(names).map(([name, number]) => [number, name]));
  return {
    read: ({ type }) => type,
    matches: (type, wanted) => type === (typeof wanted === 'string' ? names[wanted] : wanted),
    show: (type) => (typeof type === 'string' ? type : (byNumber.get(type) ?? `type ${type}`)),
  };
}

type NdpMessage =
  | 'router-solicitation'
  | 'router-advertisement'
  | 'neighbour-solicitation'
  | 'neighbour-advertisement';

function ndpMessage(message: AnyNdp): NdpMessage {
  if (message instanceof RouterSolicitation) return 'router-solicitation';
  if (message instanceof RouterAdvertisement) return 'router-advertisement';
  return message.type === NDP_NEIGHBOUR_ADVERTISEMENT ? 'neighbour-advertisement' : 'neighbour-solicitation';
}

function transportOf<T>(kind: new (...given: never[]) => T): (packet: PacketView) => T | null {
  return ({ transport }) => (transport instanceof kind ? transport : null);
}

function ndpOf({ transport }: PacketView): AnyNdp | null {
  const isNdp =
    transport instanceof NeighbourMessage ||
    transport instanceof RouterSolicitation ||
    transport instanceof RouterAdvertisement;
  return isNdp ? transport : null;
}

function mldOf({ transport }: PacketView): MldQuery | MldReport | null {
  return transport instanceof MldQuery || transport instanceof MldReport ? transport : null;
}

/** IGMP is not among the headers that captures are taken apart into: here it is. */
function igmpOf({ ip }: PacketView): IgmpMessage | IgmpReport | null {
  if (ip === null || ip.protocol !== PROTOCOL_IGMP || ip.isFragment) return null;
  const { payload } = ip;
  if (payload instanceof IgmpMessage || payload instanceof IgmpReport) return payload;
  if (!(payload instanceof Payload)) return null;
  try {
    return payload.view()[0] === 0x22 ? IgmpReport.parse(payload) : IgmpMessage.parse(payload);
  } catch (error) {
    if (error instanceof DecodeError) return null;
    throw error;
  }
}

function groupOf(message: MldQuery | MldReport | IgmpMessage | IgmpReport): IpAddress | null {
  return 'records' in message ? (message.records[0]?.group ?? null) : message.group;
}
