/**
 * Forwarding of IPv6 packets (RFC 8200 3, 5; Linux's order): hop limit, source, MTU; then the hop limit falls and the
 * packet leaves. Nothing is fragmented on the way. The plain case is one neighbour probe, one packet, one frame.
 */
import { ETHERTYPE_IPV6, EthernetFrame } from '../link/frame.ts';
import { ANY_V6 } from '../packet/ip-address.ts';
import { EACCES, EHOSTUNREACH } from './errno.ts';
import {
  EXCEEDED_HOP_LIMIT,
  ICMPV6_TIME_EXCEEDED,
  ICMPV6_TOO_BIG,
  ICMPV6_UNREACHABLE,
  UNREACHABLE_ADDRESS,
  UNREACHABLE_BEYOND_SCOPE,
  UNREACHABLE_NO_ROUTE,
  UNREACHABLE_PROHIBITED,
} from './icmpv6.ts';
import type { Icmpv6Errors } from './icmpv6-errors.ts';
import type { InterfaceArrival } from './interface-arrival.ts';
import { IPV6_MIN_MTU, type Ipv6Packet } from './ipv6.ts';
import type { Ipv6Output } from './ipv6-output.ts';
import type { Ipv6Route } from './ipv6-route.ts';
import { isReported } from './ipv6-route-input.ts';
import type { Ipv6Tables } from './ipv6-tables.ts';

export class Ipv6Forward {
  readonly #tables: Ipv6Tables;
  readonly #output: Ipv6Output;
  readonly #errors: Icmpv6Errors;

  constructor(tables: Ipv6Tables, output: Ipv6Output, errors: Icmpv6Errors) {
    this.#tables = tables;
    this.#output = output;
    this.#errors = errors;
  }

  /** Any case. */
  forward(packet: Ipv6Packet, route: Ipv6Route, arrival: InterfaceArrival): void {
    const { drops } = this.#tables;
    const { src } = packet;
    if (!arrival.isHostFrame) {
      drops.drop('ip6.forward-group-frame', packet);
      return;
    }
    if (packet.ttl <= 1) {
      drops.drop('ip6.hop-limit-exceeded', packet);
      this.#errors.send(packet, arrival, ICMPV6_TIME_EXCEEDED, EXCEEDED_HOP_LIMIT, 0);
      return;
    }
    if (src === ANY_V6) {
      drops.drop('ip6.martian-source', packet);
      return;
    }
    if (src.isLinkLocal) {
      drops.drop('ip6.beyond-scope', packet);
      this.#errors.send(packet, arrival, ICMPV6_UNREACHABLE, UNREACHABLE_BEYOND_SCOPE, 0);
      return;
    }
    const mtu = Math.max(route.forwardMtu, IPV6_MIN_MTU);
    if (packet.size > mtu) {
      drops.drop('ip6.too-big', packet);
      this.#errors.send(packet, arrival, ICMPV6_TOO_BIG, 0, mtu);
      return;
    }
    this.#output.transmit(route, packet.withTtl(packet.ttl - 1), arrival);
  }

  /** Routing refuses a packet that arrived: a router says so. */
  refuse(packet: Ipv6Packet, route: Ipv6Route, arrival: InterfaceArrival): void {
    this.#tables.drops.drop('ip6.no-route', packet);
    if (!isReported(route.error)) return;
    this.#errors.send(packet, arrival, ICMPV6_UNREACHABLE, codeOf(route.error), 0);
  }
}

/** The plain case: no extension headers, a resolved next hop, nothing to say about it. @returns false when it is not that */
export function forwardIpv6Plainly(packet: Ipv6Packet, route: Ipv6Route): boolean {
  const { neighbour, device } = route;
  if (neighbour === null || !neighbour.isConnected || packet.ttl <= 1) return false;
  if (packet.size > route.forwardMtu || packet.src.isLinkLocal || packet.src === ANY_V6) return false;
  device.send(new EthernetFrame(neighbour.mac, device.mac, ETHERTYPE_IPV6, packet.withTtl(packet.ttl - 1)));
  return true;
}

function codeOf(error: number): number {
  if (error === EACCES) return UNREACHABLE_PROHIBITED;
  return error === EHOSTUNREACH ? UNREACHABLE_ADDRESS : UNREACHABLE_NO_ROUTE;
}
