/**
 * Arriving IPv6 packets (RFC 8200 4; Linux's order): hop-by-hop options, route, then forward, deliver or refuse.
 * Delivery goes through the chain of extension headers, each once, puts fragments together, and gives the payload to
 * raw listeners and to its protocol.
 */
import type { Payload } from '../packet/payload.ts';
import { DecodeError } from '../sim/errors.ts';
import { ICMPV6_PARAMETER_PROBLEM, PROBLEM_FIELD, PROBLEM_NEXT_HEADER, PROBLEM_OPTION } from './icmpv6.ts';
import type { Icmpv6Errors } from './icmpv6-errors.ts';
import type { Interface } from './interface.ts';
import { InterfaceArrival } from './interface-arrival.ts';
import { IPV6_HEADER_SIZE, Ipv6Packet } from './ipv6.ts';
import {
  chainSize,
  EXTENSION_DESTINATION,
  EXTENSION_FRAGMENT,
  EXTENSION_HOP_BY_HOP,
  isExtension,
  NO_NEXT_HEADER,
} from './ipv6-extension.ts';
import { forwardIpv6Plainly, type Ipv6Forward } from './ipv6-forward.ts';
import { judgeOptions } from './ipv6-options.ts';
import type { Ipv6ReassemblyTable } from './ipv6-reassembly-table.ts';
import type { Ipv6Route } from './ipv6-route.ts';
import { routeIpv6Input } from './ipv6-route-input.ts';
import type { Ipv6Tables } from './ipv6-tables.ts';
import type { Protocols } from './protocols.ts';

/** Where the fixed header names what comes next. */
const NEXT_HEADER_AT = 6;
/** Types of routing headers: RFC 6554, RFC 8754. */
const ROUTING_RPL = 3;
const ROUTING_SEGMENTS = 4;

export class Ipv6Input {
  readonly #tables: Ipv6Tables;
  readonly #forward: Ipv6Forward;
  readonly #errors: Icmpv6Errors;
  readonly #reassembly: Ipv6ReassemblyTable;
  readonly #protocols: Protocols<Ipv6Packet>;
  readonly #arrivals = new Map<Interface, InterfaceArrival>();

  constructor(
    tables: Ipv6Tables,
    forward: Ipv6Forward,
    errors: Icmpv6Errors,
    reassembly: Ipv6ReassemblyTable,
    protocols: Protocols<Ipv6Packet>,
  ) {
    this.#tables = tables;
    this.#forward = forward;
    this.#errors = errors;
    this.#reassembly = reassembly;
    this.#protocols = protocols;
  }

  /** @param isHostFrame the frame was addressed to this node alone */
  receive(inbound: Interface, isHostFrame: boolean, packet: Ipv6Packet): void {
    const tables = this.#tables;
    const known = inbound.v6!.inputRoutes.find(packet.dst, packet.src, tables.version, tables.simulator.now);
    const route = known ?? routeIpv6Input(tables, inbound, packet.dst, packet.src);
    if (typeof route === 'string') {
      tables.drops.drop(route, packet);
      return;
    }
    const isPlain = packet.extensions === null && isHostFrame && route.kind === 'unicast';
    if (isPlain && forwardIpv6Plainly(packet, route)) return;
    const arrival = this.arrivalOf(inbound);
    arrival.begin(isHostFrame, route);
    if (packet.nextHeader === EXTENSION_HOP_BY_HOP && !this.#passesHopByHop(packet, arrival)) return;
    if (route.kind === 'unicast') this.#forward.forward(packet, route, arrival);
    else if (route.kind === 'unreachable') this.#forward.refuse(packet, route, arrival);
    else this.deliver(packet, arrival);
  }

  /** The bytes of a frame say that they are an IPv6 packet. */
  receiveBytes(inbound: Interface, isHostFrame: boolean, bytes: Payload): void {
    let packet: Ipv6Packet;
    try {
      packet = Ipv6Packet.parse(bytes);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      this.#tables.drops.drop(`ip6.${error.reason}`, bytes);
      return;
    }
    this.receive(inbound, isHostFrame, packet);
  }

  /** A multicast of this node's own comes back: it is delivered without asking routes again. */
  receiveOwn(iface: Interface, packet: Ipv6Packet): void {
    const arrival = this.arrivalOf(iface);
    arrival.entered = arrival.device;
    arrival.isByLocalRoute = true;
    arrival.isHostFrame = false;
    arrival.isUnicast = false;
    arrival.isForUs = true;
    arrival.isGroup = true;
    arrival.options = null;
    this.deliver(packet, arrival);
  }

  /**
   * A packet of this node comes back through the loopback device. As on IPv4, on its way to an address of this node it
   * shows itself as having come in where that address is.
   */
  receiveLooped(loopback: Interface, packet: Ipv6Packet, route: Ipv6Route): void {
    if (packet.extensions !== null || route.kind !== 'local') {
      this.receive(loopback, true, packet);
      return;
    }
    const arrival = this.arrivalOf(this.#tables.ownerOf(packet.dst, null) ?? loopback);
    arrival.beginLooped(loopback.device, true);
    this.deliver(packet, arrival);
  }

  /** The reused facts about what `iface` is receiving. */
  arrivalOf(iface: Interface): InterfaceArrival {
    let arrival = this.#arrivals.get(iface);
    if (arrival === undefined) {
      arrival = new InterfaceArrival(iface);
      this.#arrivals.set(iface, arrival);
    }
    return arrival;
  }

  /** Gives a packet for this node to whom it concerns, once it is whole. */
  deliver(packet: Ipv6Packet, arrival: InterfaceArrival): void {
    if (packet.extensions !== null && !this.#passesChain(packet, 0, arrival)) return;
    if (packet.isFragment) {
      const whole = this.#reassembly.add(packet, arrival);
      if (whole === null) return;
      const seen = packet.extensions!.length - 1;
      if (whole.extensions !== null && !this.#passesChain(whole, seen, arrival, true)) return;
      this.#toProtocol(whole, arrival);
    } else this.#toProtocol(packet, arrival);
  }

  #toProtocol(packet: Ipv6Packet, arrival: InterfaceArrival): void {
    if (this.#protocols.deliver(packet, arrival)) return;
    const { drops } = this.#tables;
    if (packet.protocol === NO_NEXT_HEADER) drops.drop('ip6.no-next-header', packet);
    else if (isExtension(packet.protocol)) {
      drops.drop('ip6.truncated-extension', packet);
      if (packet.protocol === EXTENSION_FRAGMENT)
        this.#complain(packet, arrival, PROBLEM_FIELD, packet.headerSize);
      else if (packet.protocol === EXTENSION_HOP_BY_HOP) {
        const pointer = fieldNaming(packet, packet.extensions?.length ?? 0);
        this.#complain(packet, arrival, PROBLEM_NEXT_HEADER, pointer);
      }
    } else {
      drops.drop('ip6.unknown-protocol', packet);
      this.#complain(
        packet,
        arrival,
        PROBLEM_NEXT_HEADER,
        fieldNaming(packet, packet.extensions?.length ?? 0),
      );
    }
  }

  /** Every node on the way looks at these. @returns false when the packet has been dropped */
  #passesHopByHop(packet: Ipv6Packet, arrival: InterfaceArrival): boolean {
    if (packet.extensions === null) {
      this.#tables.drops.drop('ip6.truncated-extension', packet);
      return false;
    }
    return this.#passesOptions(packet, 0, this.#tables.config.maxHopByHopOptions, arrival);
  }

  /** The headers from the one numbered `first` on, as their destination sees them. @returns false when dropped */
  #passesChain(packet: Ipv6Packet, first: number, arrival: InterfaceArrival, isPutTogether = false): boolean {
    const { drops, config } = this.#tables;
    const extensions = packet.extensions!;
    let wasFragment = isPutTogether;
    for (let i = first; i < extensions.length; i++) {
      const extension = extensions[i]!;
      switch (extension.type) {
        case EXTENSION_HOP_BY_HOP:
          if (i === 0) break; // has been looked at on arrival
          drops.drop('ip6.misplaced-extension', packet);
          this.#complain(packet, arrival, PROBLEM_NEXT_HEADER, fieldNaming(packet, i));
          return false;
        case EXTENSION_DESTINATION:
          if (!this.#passesOptions(packet, i, config.maxDestinationOptions, arrival)) return false;
          break;
        case EXTENSION_FRAGMENT:
          if (wasFragment) {
            drops.drop('ip6.second-fragment-header', packet);
            this.#complain(packet, arrival, PROBLEM_FIELD, offsetOf(packet, i));
            return false;
          }
          wasFragment = true; // of a whole packet (RFC 6946), or the last one
          break;
        default:
          if (!this.#passesRouting(packet, i, arrival)) return false;
      }
    }
    return true;
  }

  /** Only what has no hop left to visit goes on; segment routing and RPL are off, and silent about it. */
  #passesRouting(packet: Ipv6Packet, i: number, arrival: InterfaceArrival): boolean {
    const { bytes } = packet.extensions![i]!;
    const isForOneHost = arrival.isHostFrame && !arrival.isGroup;
    const isSilent = !isForOneHost || bytes[2] === ROUTING_RPL || bytes[2] === ROUTING_SEGMENTS;
    if (!isSilent && bytes[3] === 0) return true;
    this.#tables.drops.drop('ip6.routing-header', packet);
    if (!isSilent) this.#complain(packet, arrival, PROBLEM_FIELD, offsetOf(packet, i) + 2);
    return false;
  }

  #passesOptions(packet: Ipv6Packet, i: number, most: number, arrival: InterfaceArrival): boolean {
    const verdict = judgeOptions(packet.extensions![i]!, most);
    if (verdict.kind === 'fine') return true;
    this.#tables.drops.drop('ip6.bad-options', packet);
    if (verdict.kind === 'problem') {
      const code = verdict.isUnknownOption ? PROBLEM_OPTION : PROBLEM_FIELD;
      this.#complain(packet, arrival, code, offsetOf(packet, i) + verdict.at, verdict.evenToGroups);
    }
    return false;
  }

  #complain(
    packet: Ipv6Packet,
    arrival: InterfaceArrival,
    code: number,
    pointer: number,
    evenToGroups: boolean = false,
  ): void {
    this.#errors.send(packet, arrival, ICMPV6_PARAMETER_PROBLEM, code, pointer, evenToGroups);
  }
}

/** Where the extension header numbered `i` begins. */
function offsetOf({ extensions }: Ipv6Packet, i: number): number {
  return IPV6_HEADER_SIZE + chainSize(extensions!.slice(0, i));
}

/** Where what follows the first `i` extension headers is named. */
function fieldNaming(packet: Ipv6Packet, i: number): number {
  return i === 0 ? NEXT_HEADER_AT : offsetOf(packet, i - 1);
}
