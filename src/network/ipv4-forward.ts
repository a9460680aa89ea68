/**
 * Forwarding (RFC 1812 5.2, 5.3; Linux's order): TTL, strict source route, MTU, then the TTL falls, a redirect may go
 * back, options are filled in, and the packet leaves. The plain case is one neighbour probe, one packet, one frame.
 */
import { ETHERTYPE_IPV4, EthernetFrame } from '../link/frame.ts';
import { readU32 } from '../packet/bytes.ts';
import { EACCES, EHOSTUNREACH, ENETUNREACH } from './errno.ts';
import {
  EXCEEDED_TTL,
  ICMP_REDIRECT,
  ICMP_TIME_EXCEEDED,
  ICMP_UNREACHABLE,
  REDIRECT_HOST,
  UNREACHABLE_FILTERED,
  UNREACHABLE_FRAGMENTATION,
  UNREACHABLE_HOST,
  UNREACHABLE_NET,
  UNREACHABLE_SOURCE_ROUTE,
} from './icmp.ts';
import type { IcmpErrors } from './icmp-errors.ts';
import type { InterfaceArrival } from './interface-arrival.ts';
import type { Ipv4Packet } from './ipv4.ts';
import { JIFFY } from './ipv4-config.ts';
import type { ParsedOptions } from './ipv4-options.ts';
import type { Ipv4Output } from './ipv4-output.ts';
import type { Ipv4Route } from './ipv4-route.ts';
import type { Ipv4Tables } from './ipv4-tables.ts';
import { outboundAddress } from './own-address.ts';
import type { PeerTable } from './peers.ts';

export class Ipv4Forward {
  readonly #tables: Ipv4Tables;
  readonly #output: Ipv4Output;
  readonly #errors: IcmpErrors;
  readonly #peers: PeerTable;

  constructor(tables: Ipv4Tables, output: Ipv4Output, errors: IcmpErrors, peers: PeerTable) {
    this.#tables = tables;
    this.#output = output;
    this.#errors = errors;
    this.#peers = peers;
  }

  /** Any case. */
  forward(packet: Ipv4Packet, route: Ipv4Route, arrival: InterfaceArrival): void {
    const { drops } = this.#tables;
    const { options } = arrival;
    if (!arrival.isHostFrame) {
      drops.drop('ip.forward-group-frame', packet);
      return;
    }
    if (packet.ttl <= 1) {
      drops.drop('ip.ttl-exceeded', packet);
      this.#errors.send(packet, arrival, ICMP_TIME_EXCEEDED, EXCEEDED_TTL, 0);
      return;
    }
    if (options?.isStrict === true && route.usesGateway) {
      drops.drop('ip.source-route-failed', packet);
      this.#errors.send(packet, arrival, ICMP_UNREACHABLE, UNREACHABLE_SOURCE_ROUTE, 0);
      return;
    }
    if (packet.size > route.forwardMtu && packet.df) {
      drops.drop('ip.fragmentation-needed', packet);
      const { forwardMtu } = route;
      this.#errors.send(packet, arrival, ICMP_UNREACHABLE, UNREACHABLE_FRAGMENTATION, forwardMtu);
      return;
    }
    let next = packet.withTtl(packet.ttl - 1);
    if (route.deservesRedirect && (options === null || options.sourceRoute < 0))
      this.#redirect(next, route, arrival);
    if (options !== null) next = this.#fillIn(next, route, options);
    this.#output.transmit(route, next, route.forwardMtu, arrival);
  }

  /** Routing refuses a packet that arrived: a router says so, within a budget per source; a host keeps silent. */
  refuse(packet: Ipv4Packet, route: Ipv4Route, arrival: InterfaceArrival): void {
    const { drops, config, simulator } = this.#tables;
    drops.drop('ip.no-route', packet);
    if (!arrival.inbound.config.forwarding) return;
    const code = unreachableCode(route.error);
    if (code < 0) return;
    const peer = this.#peers.of(packet.src, simulator.now);
    if (peer.spend(simulator.now, config.errorCost, config.errorBurst))
      this.#errors.send(packet, arrival, ICMP_UNREACHABLE, code, 0);
    else drops.drop('icmp.rate-limited', null);
  }

  /** Tells the source of a better first hop, ever more rarely while it does not listen. */
  #redirect(packet: Ipv4Packet, route: Ipv4Route, arrival: InterfaceArrival): void {
    const { config, simulator } = this.#tables;
    const now = Math.floor(simulator.now / JIFFY);
    const peer = this.#peers.of(packet.src, simulator.now);
    if (now > peer.last + config.redirectSilence) {
      peer.tokens = 0;
      peer.redirects = 0;
    }
    if (peer.redirects >= config.redirectNumber) {
      peer.last = now;
      return;
    }
    if (peer.redirects > 0 && now <= peer.last + (config.redirectLoad << peer.redirects)) return;
    this.#errors.send(packet, arrival, ICMP_REDIRECT, REDIRECT_HOST, route.nextHop.w3);
    peer.last = now;
    peer.redirects++;
  }

  /** Writes this router's outbound address where the options ask for it, and turns to the next hop of a source route. */
  #fillIn(packet: Ipv4Packet, route: Ipv4Route, options: ParsedOptions): Ipv4Packet {
    const { bytes, nextSourceHop } = options;
    let { dst } = packet;
    if (options.recordNeedsAddress) {
      options.writeRecordedAddress(outboundAddress(this.#tables, dst, route));
      options.isChanged = true;
    }
    if (nextSourceHop !== null) {
      const slot = slotOf(options, nextSourceHop.w3);
      if (slot >= 0) dst = nextSourceHop;
      const own = outboundAddress(this.#tables, dst, route);
      if (slot >= 0) {
        own.writeV4(bytes, options.sourceRoute + slot - 1);
        bytes[options.sourceRoute + 2] = slot + 4;
      }
      if (options.timestampNeedsAddress) options.writeTimestampAddress(own);
      options.isChanged = true;
    }
    return options.isChanged ? packet.withOptions(dst, bytes) : packet;
  }
}

/** The plain case: no options, a resolved next hop, nothing to say about it. @returns false when it is not that */
export function forwardPlainly(packet: Ipv4Packet, route: Ipv4Route): boolean {
  const { neighbour, device } = route;
  if (neighbour === null || !neighbour.isConnected || packet.ttl <= 1) return false;
  if (packet.size > route.forwardMtu || route.deservesRedirect) return false;
  device.send(new EthernetFrame(neighbour.mac, device.mac, ETHERTYPE_IPV4, packet.withTtl(packet.ttl - 1)));
  return true;
}

/** The 1-based place of a hop in the unused part of the source route, or -1. */
function slotOf({ bytes, sourceRoute }: ParsedOptions, hop: number): number {
  const length = bytes[sourceRoute + 1]!;
  for (let slot = bytes[sourceRoute + 2]!; slot + 3 <= length; slot += 4) {
    const at = sourceRoute + slot - 1;
    if (readU32(bytes, at) === hop) return slot;
  }
  return -1;
}

/** @returns the ICMP code for an errno of routing, -1 for a blackhole */
function unreachableCode(error: number): number {
  switch (error) {
    case EHOSTUNREACH:
      return UNREACHABLE_HOST;
    case ENETUNREACH:
      return UNREACHABLE_NET;
    case EACCES:
      return UNREACHABLE_FILTERED;
    default:
      return -1;
  }
}
