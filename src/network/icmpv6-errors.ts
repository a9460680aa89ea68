/**
 * ICMPv6 errors that this node sends (RFC 4443 2.4, 3): about what none is sent, from which address, how much is
 * quoted. As Linux's icmp6_send decides.
 */
import { ANY_V6, type IpAddress } from '../packet/ip-address.ts';
import { Payload } from '../packet/payload.ts';
import { bytesOf } from '../packet/pdu.ts';
import {
  ICMPV6_FIRST_INFORMATIONAL,
  ICMPV6_HEADER_SIZE,
  ICMPV6_PARAMETER_PROBLEM,
  ICMPV6_TOO_BIG,
  ICMPV6_UNREACHABLE,
  Icmpv6Message,
  UNREACHABLE_ADDRESS,
} from './icmpv6.ts';
import type { Icmpv6Limits } from './icmpv6-limits.ts';
import { PROTOCOL_ICMPV6 } from './ip-packet.ts';
import { IPV6_HEADER_SIZE, IPV6_MIN_MTU, type Ipv6Packet } from './ipv6.ts';
import { type Ipv6Output, ipv6ControlFields } from './ipv6-output.ts';
import { routeIpv6Output } from './ipv6-route-output.ts';
import type { Ipv6Tables } from './ipv6-tables.ts';
import type { PacketOrigin } from './packet-origin.ts';

/** As much of the packet as fits into a message of the minimum MTU. */
const LARGEST_QUOTE = IPV6_MIN_MTU - IPV6_HEADER_SIZE - ICMPV6_HEADER_SIZE;

export class Icmpv6Errors {
  readonly #tables: Ipv6Tables;
  readonly #output: Ipv6Output;
  readonly #limits: Icmpv6Limits;

  constructor(tables: Ipv6Tables, output: Ipv6Output, limits: Icmpv6Limits) {
    this.#tables = tables;
    this.#output = output;
    this.#limits = limits;
  }

  /**
   * Sends an error about `packet` to its source, if there may be one.
   * @param rest bytes 4-7 of the message: MTU, pointer, or 0
   * @param evenToGroups an option of the packet asks for an answer whatever its destination
   * @param size how much of the packet is left to quote, bytes
   */
  send(
    packet: Ipv6Packet,
    origin: PacketOrigin,
    type: number,
    code: number,
    rest: number,
    evenToGroups: boolean = false,
    size: number = packet.size,
  ): void {
    const mayAnswerGroups = type === ICMPV6_TOO_BIG || (type === ICMPV6_PARAMETER_PROBLEM && evenToGroups);
    if (!mayReport(packet, origin, mayAnswerGroups)) return;
    const tables = this.#tables;
    const { now } = tables.simulator;
    if (!this.#limits.allowsNode(type, now)) {
      tables.drops.drop('icmp6.rate-limited', null);
      return;
    }
    const { src } = packet;
    const out = src.isLinkLocal ? origin.inbound : null;
    const route = routeIpv6Output(tables, src, this.#sourceOf(packet, origin), {
      out,
      onLinkOnly: false,
      foreignSource: false,
    });
    if (typeof route === 'number') {
      tables.drops.drop('icmp6.no-route', null);
      return;
    }
    if (!this.#limits.allowsPeer(type, src, route, now)) {
      tables.drops.drop('icmp6.rate-limited', null);
      return;
    }
    const quote = new Payload(bytesOf(packet)).slice(0, Math.min(LARGEST_QUOTE, size));
    const message = new Icmpv6Message(type, code, rest, quote);
    this.#output.originate(route, route.source, src, PROTOCOL_ICMPV6, message, ipv6ControlFields(0));
  }

  /** The neighbour of a packet that waited did not answer. A packet of our own is reported to ourselves. */
  sendAddressUnreachable(packet: Ipv6Packet, origin: PacketOrigin): void {
    this.send(packet, origin, ICMPV6_UNREACHABLE, UNREACHABLE_ADDRESS, 0);
  }

  /** The address that the packet was sent to, when it is ours; else what selection chooses. */
  #sourceOf(packet: Ipv6Packet, origin: PacketOrigin): IpAddress | null {
    const inbound = origin.inbound?.device.isLoopback === true ? null : origin.inbound;
    return this.#tables.ownerOf(packet.dst, inbound) === null ? null : packet.dst;
  }
}

/** RFC 4443 2.4 e: no error about errors, about what went to many, or to a source that is not one node. */
function mayReport(packet: Ipv6Packet, origin: PacketOrigin, mayAnswerGroups: boolean): boolean {
  const { src, dst, payload } = packet;
  if (src === ANY_V6 || src.isMulticast) return false;
  if ((!origin.isHostFrame || origin.isGroup || dst.isMulticast) && !mayAnswerGroups) return false;
  if (packet.protocol !== PROTOCOL_ICMPV6) return true;
  if (payload instanceof Icmpv6Message) return !payload.isError;
  if (!(payload instanceof Payload)) return true; // discovery's messages inform
  const { fragment } = packet;
  if (fragment !== null && fragment.fragmentOffset !== 0) return true; // nobody can tell what it is
  return payload.size > 0 && payload.bytes[payload.start]! >= ICMPV6_FIRST_INFORMATIONAL;
}
