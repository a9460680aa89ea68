/**
 * The IPv6 forwarding information base: longest prefix match over 128 bits. As for IPv4 a lookup walks the prefix
 * lengths in use from the longest on with one hash probe each; the hash mixes the words that count, and equal hashes
 * are told apart by comparing words. This node's own addresses are not in it: the tables ask for those first.
 */
import type { IpAddress } from '../packet/ip-address.ts';
import { type Prefix, withoutHostBits, wordMask } from '../packet/prefix.ts';
import { type Nanos, NEVER } from '../sim/time.ts';
import { EACCES, EEXIST, EHOSTUNREACH, EINVAL, ENETUNREACH } from './errno.ts';
import type { RouteType } from './fib.ts';
import type { Interface } from './interface.ts';
import type { RouteMetrics } from './ports.ts';

/** A smaller path MTU towards one destination (RFC 8201). */
export interface PathMtu {
  readonly mtu: number;
  readonly expires: Nanos;
}

export interface Ipv6FibRoute {
  /** Network address, host bits zero. */
  readonly network: IpAddress;
  readonly length: number;
  readonly type: Exclude<RouteType, 'local' | 'broadcast'>;
  readonly gateway: IpAddress | null;
  /** null for a route that refuses. */
  readonly iface: Interface | null;
  readonly preferredSource: IpAddress | null;
  /** Among equal prefixes the lower is preferred. */
  readonly metric: number;
  /** MTU of this route, 0 = the interface's. */
  readonly mtu: number;
  readonly metrics: RouteMetrics | null;
  /** Who put it there: an address of an interface, a person, or a router's advertisement. */
  readonly origin: 'kernel' | 'static' | 'advertised';
  /** Until when it holds. */
  expires: Nanos;
  readonly pathMtus: Map<IpAddress, PathMtu>;
}

export class Ipv6Fib {
  /** By length, then by hash of the network. */
  readonly #byLength: (Map<number, Ipv6FibRoute[]> | null)[] = new Array(129).fill(null);
  /** Lengths in use, longest first. */
  #lengths: number[] = [];

  /** @returns 0, or -EEXIST when there is a route of the same prefix, metric and way */
  insert(route: Ipv6FibRoute): number {
    let networks = this.#byLength[route.length]!;
    if (networks === null) {
      networks = new Map();
      this.#byLength[route.length] = networks;
      this.#lengths = [...this.#lengths, route.length].sort((a, b) => b - a);
    }
    const key = hashOf(route.network, route.length);
    const same = networks.get(key) ?? [];
    const isKnown = same.some(
      (known) =>
        known.network === route.network &&
        known.metric === route.metric &&
        (known.origin === route.origin ? known.iface === route.iface : false) &&
        (route.origin === 'static' || known.gateway === route.gateway),
    );
    if (isKnown) return -EEXIST;
    const behind = same.findIndex(({ metric }) => metric > route.metric);
    same.splice(behind < 0 ? same.length : behind, 0, route);
    networks.set(key, same);
    return 0;
  }

  /** Removes what `matches`. @returns how many */
  remove(matches: (route: Ipv6FibRoute) => boolean): number {
    let removed = 0;
    for (const networks of this.#byLength) {
      if (networks === null) continue;
      for (const [key, routes] of networks) {
        const kept = routes.filter((route) => !matches(route));
        removed += routes.length - kept.length;
        if (kept.length === 0) networks.delete(key);
        else networks.set(key, kept);
      }
    }
    this.#lengths = this.#lengths.filter((length) => this.#byLength[length]!.size > 0);
    for (let length = 0; length <= 128; length++)
      if (!this.#lengths.includes(length)) this.#byLength[length] = null;
    return removed;
  }

  /**
   * The most specific route that holds.
   * @param onLinkOnly only routes without a gateway count (SO_DONTROUTE)
   * @param out only routes through this interface count; null = any
   */
  find(dst: IpAddress, onLinkOnly: boolean, out: Interface | null, now: Nanos): Ipv6FibRoute | null {
    for (const length of this.#lengths) {
      const routes = this.#byLength[length]!.get(hashOf(dst, length));
      if (routes === undefined) continue;
      for (const route of routes) {
        if (!covers(route, dst)) continue;
        if (onLinkOnly && route.gateway !== null) continue;
        if (out !== null && route.iface !== null && route.iface !== out) continue;
        if (route.expires !== NEVER && route.expires < now) continue;
        return route;
      }
    }
    return null;
  }

  /** @returns the route, or minus an errno: of a route that refuses, or ENETUNREACH when there is none */
  lookup(dst: IpAddress, onLinkOnly: boolean, out: Interface | null, now: Nanos): Ipv6FibRoute | number {
    const route = this.find(dst, onLinkOnly, out, now);
    if (route === null) return -ENETUNREACH;
    switch (route.type) {
      case 'blackhole':
        return -EINVAL;
      case 'unreachable':
        return -EHOSTUNREACH;
      case 'prohibit':
        return -EACCES;
      default:
        return route;
    }
  }

  /** All routes in the order of their prefixes. */
  all(): Ipv6FibRoute[] {
    const found: Ipv6FibRoute[] = [];
    for (const networks of this.#byLength)
      if (networks !== null) found.push(...[...networks.values()].flat());
    return found.sort(
      (a, b) => compareAddresses(a.network, b.network) || a.length - b.length || a.metric - b.metric,
    );
  }
}

/** The order of IPv6 addresses as numbers. */
export function compareAddresses(a: IpAddress, b: IpAddress): number {
  return a.w0 - b.w0 || a.w1 - b.w1 || a.w2 - b.w2 || a.w3 - b.w3;
}

/** Is this the route of exactly that prefix? */
export function isIpv6RouteOf(route: Ipv6FibRoute, { address, length }: Prefix): boolean {
  return route.length === length && route.network === withoutHostBits(address, length);
}

/** The words of the prefix, mixed to 32 bits. */
function hashOf(address: IpAddress, length: number): number {
  if (length <= 32) return address.w0 & wordMask(length, 0);
  if (length <= 64) return Math.imul(address.w0, 0x9e3779b1) ^ (address.w1 & wordMask(length, 1));
  const upper = Math.imul(Math.imul(address.w0, 0x9e3779b1) ^ address.w1, 0x85ebca6b);
  if (length <= 96) return upper ^ (address.w2 & wordMask(length, 2));
  return Math.imul(upper ^ address.w2, 0xc2b2ae35) ^ (address.w3 & wordMask(length, 3));
}

function covers({ network, length }: Ipv6FibRoute, dst: IpAddress): boolean {
  if (length <= 32) return ((network.w0 ^ dst.w0) & wordMask(length, 0)) === 0;
  if (network.w0 !== dst.w0) return false;
  if (length <= 64) return ((network.w1 ^ dst.w1) & wordMask(length, 1)) === 0;
  if (network.w1 !== dst.w1) return false;
  if (length <= 96) return ((network.w2 ^ dst.w2) & wordMask(length, 2)) === 0;
  return network.w2 === dst.w2 && ((network.w3 ^ dst.w3) & wordMask(length, 3)) === 0;
}
