/** A packet filter at work: from its syntax to a function of a frame. Corrupted and undecodable parts match nothing. */
import { EthernetFrame } from '../../link/frame.ts';
import { IcmpMessage } from '../../network/icmp.ts';
import { Icmpv6Message } from '../../network/icmpv6.ts';
import { type AnyIcmpv6, isIcmpv6 } from '../../network/icmpv6-messages.ts';
import {
  PROTOCOL_ICMP,
  PROTOCOL_ICMPV6,
  PROTOCOL_IGMP,
  PROTOCOL_TCP,
  PROTOCOL_UDP,
} from '../../network/ip-packet.ts';
import { Ipv4Packet } from '../../network/ipv4.ts';
import { Ipv6Packet } from '../../network/ipv6.ts';
import { type Dissected, dissect } from '../../observe/dissect.ts';
import type { IpAddress } from '../../packet/ip-address.ts';
import { BROADCAST_MAC } from '../../packet/mac-address.ts';
import { bytesOf, type Pdu } from '../../packet/pdu.ts';
import { prefixContains } from '../../packet/prefix.ts';
import { TcpSegment } from '../../transport/tcp/header.ts';
import { UdpDatagram } from '../../transport/udp.ts';
import type { Comparison, Filter, FilterNode, ProtocolWord, QuantityWord, Side } from './syntax.ts';

export type FrameMatcher = (frame: Pdu) => boolean;

/** All addresses that belong to a host of the scenario. */
export type Resolve = (host: string) => readonly IpAddress[];

/** A frame and what is in it. */
interface View extends Dissected {
  readonly frame: Pdu;
}

type Test = (view: View) => boolean;

/** @returns a function that says whether a frame matches; null, no filter, matches everything */
export function matcherOf(filter: Filter | null, resolve: Resolve): FrameMatcher {
  if (filter === null) return () => true;
  const test = compile(filter.root, resolve);
  return (frame) => test({ frame, ...dissect(frame) });
}

function compile(node: FilterNode, resolve: Resolve): Test {
  switch (node.kind) {
    case 'and':
    case 'or': {
      const [left, right] = [compile(node.left, resolve), compile(node.right, resolve)];
      return node.kind === 'and' ? (view) => left(view) && right(view) : (view) => left(view) || right(view);
    }
    case 'not': {
      const of = compile(node.of, resolve);
      return (view) => !of(view);
    }
    case 'protocol':
      return protocolTest(node.protocol);
    case 'property':
      return PROPERTIES[node.property];
    case 'host': {
      if (node.address === null && node.host === null) return ({ ip }) => ip !== null;
      const addresses = node.address === null ? resolve(node.host ?? '') : [node.address];
      return addressTest(node.side, (address) => addresses.includes(address));
    }
    case 'net':
      return addressTest(node.side, (address) => prefixContains(node.net, address));
    case 'port':
      return portTest(node.side, node.first, node.last);
    case 'ether':
      return ({ frame }) =>
        frame instanceof EthernetFrame &&
        ((node.side !== 'dst' && frame.src === node.mac) || (node.side !== 'src' && frame.dst === node.mac));
    case 'vlan':
      return ({ frame }) =>
        frame instanceof EthernetFrame &&
        frame.tci >= 0 &&
        (node.vlan === null || (frame.tci & 0xfff) === node.vlan);
    case 'flags':
      return ({ transport }) => {
        if (!(transport instanceof TcpSegment)) return false;
        const flags = transport.flags & 0xff;
        return node.exact ? flags === node.set : (flags & node.set) === node.set;
      };
    case 'compare':
      return (view) => {
        const value = quantityOf(view, node.quantity);
        return value !== null && compares(value, node.comparison, node.value);
      };
    case 'contains':
      return containsTest(node.text);
  }
}

const PROTOCOL_NUMBERS = {
  icmp: PROTOCOL_ICMP,
  icmp6: PROTOCOL_ICMPV6,
  igmp: PROTOCOL_IGMP,
  tcp: PROTOCOL_TCP,
  udp: PROTOCOL_UDP,
} as const;

function protocolTest(protocol: ProtocolWord): Test {
  if (protocol === 'arp') return ({ arp }) => arp !== null;
  if (protocol === 'ip') return ({ ip }) => ip instanceof Ipv4Packet;
  if (protocol === 'ip6') return ({ ip }) => ip instanceof Ipv6Packet;
  const number = PROTOCOL_NUMBERS[protocol];
  return ({ ip }) => ip !== null && ip.protocol === number;
}

const PROPERTIES = {
  broadcast: ({ frame, ip }: View) =>
    (frame instanceof EthernetFrame && frame.dst === BROADCAST_MAC) || ip?.dst.isLimitedBroadcast === true,
  multicast: ({ frame, ip }: View) =>
    (frame instanceof EthernetFrame && frame.dst.isGroup && frame.dst !== BROADCAST_MAC) ||
    ip?.dst.isMulticast === true,
  fragment: ({ ip }: View) => ip?.isFragment === true,
};

/** For ARP the sender and target addresses count, as tcpdump has it. */
function addressTest(side: Side, is: (address: IpAddress) => boolean): Test {
  return ({ ip, arp }) => {
    const src = ip?.src ?? arp?.senderIp;
    const dst = ip?.dst ?? arp?.targetIp;
    return (
      (side !== 'dst' && src !== undefined && is(src)) || (side !== 'src' && dst !== undefined && is(dst))
    );
  };
}

function portTest(side: Side, first: number, last: number): Test {
  return ({ transport }) => {
    if (!(transport instanceof TcpSegment || transport instanceof UdpDatagram)) return false;
    const { srcPort, dstPort } = transport;
    return (
      (side !== 'dst' && srcPort >= first && srcPort <= last) ||
      (side !== 'src' && dstPort >= first && dstPort <= last)
    );
  };
}

function quantityOf({ ip, transport }: View, quantity: QuantityWord): number | null {
  switch (quantity) {
    case 'length':
      return payloadOf(transport)?.size ?? null;
    case 'ttl':
      return ip?.ttl ?? null;
    case 'tos':
      return ip?.tos ?? null;
    case 'id':
      return ip?.id ?? null;
    case 'window':
      return transport instanceof TcpSegment ? transport.wnd : null;
    case 'icmptype':
      return isIcmp(transport) ? transport.type : null;
    case 'icmpcode':
      return transport instanceof IcmpMessage || transport instanceof Icmpv6Message ? transport.code : null;
  }
}

function isIcmp(transport: Dissected['transport']): transport is IcmpMessage | AnyIcmpv6 {
  return transport instanceof IcmpMessage || isIcmpv6(transport);
}

function payloadOf(transport: Dissected['transport']): Pdu | null {
  return transport !== null && 'payload' in transport ? transport.payload : null;
}

function compares(value: number, comparison: Comparison, to: number): boolean {
  switch (comparison) {
    case '<':
      return value < to;
    case '<=':
      return value <= to;
    case '=':
      return value === to;
    case '!=':
      return value !== to;
    case '>=':
      return value >= to;
    case '>':
      return value > to;
  }
}

/** Looks for the UTF-8 bytes of `text` in the transport payload. */
function containsTest(text: string): Test {
  const wanted = latin(new TextEncoder().encode(text));
  return ({ transport }) => {
    const payload = payloadOf(transport);
    return payload !== null && payload.size >= wanted.length && latin(bytesOf(payload)).includes(wanted);
  };
}

/** One character per byte, so that strings can be searched instead of bytes. */
function latin(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
}
