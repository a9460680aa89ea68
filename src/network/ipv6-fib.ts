/**
 * The IPv6 forwarding information base: longest prefix match over 128 bits. As for IPv4 a lookup walks the prefix
 * lengths in use from the longest on with one hash probe each. The words before the one in which a length ends are mixed
 * once for all lengths, so that a probe costs what it costs with 32 bits; equal keys are told apart by the words. This
 * node's own addresses are not in it: the tables ask for those first.
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
  /** One for each length in use, longest first. */
  #lengths: OneLength[] = [];

  /** @returns 0, or -EEXIST when there is a route of the same prefix, metric and way */
  insert(route: Ipv6FibRoute): number {
    const { routes } = this.#ofNetwork(route);
    const isKnown = routes.some(
      (known) =>
        known.metric === route.metric &&
        (known.origin === route.origin ? known.iface === route.iface : false) &&
        (route.origin === 'static' || known.gateway === route.gateway),
    );
    if (isKnown) return -EEXIST;
    const behind = routes.findIndex(({ metric }) => metric > route.metric);
    routes.splice(behind < 0 ? routes.length : behind, 0, route);
    return 0;
  }

  /** Removes what `matches`. @returns how many */
  remove(matches: (route: Ipv6FibRoute) => boolean): number {
    const all = this.all();
    const kept = all.filter((route) => !matches(route));
    if (kept.length === all.length) return 0;
    this.#lengths = [];
    for (const route of kept) this.#ofNetwork(route).routes.push(route);
    return all.length - kept.length;
  }

  /**
   * The most specific route that holds.
   * @param onLinkOnly only routes without a gateway count (SO_DONTROUTE)
   * @param out only routes through this interface count; null = any
   */
  find(dst: IpAddress, onLinkOnly: boolean, out: Interface | null, now: Nanos): Ipv6FibRoute | null {
    const w0 = dst.w0 | 0;
    const w1 = dst.w1 | 0;
    const mixed1 = Math.imul(w0, MIX_1);
    for (const { length, mask, networks } of this.#lengths) {
      const key =
        length <= 32
          ? w0 & mask
          : length <= 64
            ? mixed1 ^ (w1 & mask)
            : longKey(dst, mixed1 ^ w1, length, mask);
      let network = networks.get(key) ?? null;
      while (network !== null && !isOf(network, length, w0, w1, dst)) network = network.next;
      if (network === null) continue;
      for (const route of network.routes) {
        if (onLinkOnly && route.gateway !== null) continue;
        if (out !== null && route.iface !== null && route.iface !== out) continue;
        if (route.expires !== NEVER && route.expires < now) continue;
        return route;
      }
    }
    return null;
  }

  /** The routes of exactly this prefix; a new entry when there are none yet. */
  #ofNetwork({ network: { w0, w1, w2, w3 }, network, length }: Ipv6FibRoute): OneNetwork {
    const { mask, networks } = this.#ofLength(length);
    const mixed1 = Math.imul(w0, MIX_1);
    const key =
      length <= 32 ? w0 | 0 : length <= 64 ? mixed1 ^ w1 : longKey(network, mixed1 ^ w1, length, mask);
    const first = networks.get(key) ?? null;
    for (let known = first; known !== null; known = known.next)
      if (known.w0 === (w0 | 0) && known.w1 === (w1 | 0) && known.w2 === (w2 | 0) && known.w3 === (w3 | 0))
        return known;
    const made: OneNetwork = { w0: w0 | 0, w1: w1 | 0, w2: w2 | 0, w3: w3 | 0, routes: [], next: first };
    networks.set(key, made);
    return made;
  }

  #ofLength(length: number): OneLength {
    const known = this.#lengths.find((one) => one.length === length);
    if (known !== undefined) return known;
    const word = length === 0 ? 0 : (length - 1) >>> 5;
    const made: OneLength = { length, mask: wordMask(length, word) | 0, networks: new Map() };
    this.#lengths = [...this.#lengths, made].sort((a, b) => b.length - a.length);
    return made;
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
    for (const { networks } of this.#lengths)
      for (const first of networks.values())
        for (let one: OneNetwork | null = first; one !== null; one = one.next) found.push(...one.routes);
    return found.sort(
      (a, b) => compareAddresses(a.network, b.network) || a.length - b.length || a.metric - b.metric,
    );
  }
}

/** The routes of one prefix length. */
interface OneLength {
  readonly length: number;
  /** Of the word in which the length ends. */
  readonly mask: number;
  /** By key: the words up to the one in which the length ends, mixed, and that one. */
  readonly networks: Map<number, OneNetwork>;
}

/** The routes of one prefix, the least metric first. Its words are signed, so that they lie here and not behind a pointer. */
interface OneNetwork {
  readonly w0: number;
  readonly w1: number;
  readonly w2: number;
  readonly w3: number;
  readonly routes: Ipv6FibRoute[];
  /** Another prefix with the same key. */
  readonly next: OneNetwork | null;
}

const MIX_1 = 0x9e3779b1;
const MIX_2 = 0x85ebca6b;
const MIX_3 = 0xc2b2ae35;

/** The key of a length above 64. @param mixed the first word, mixed, with the second */
function longKey({ w2, w3 }: IpAddress, mixed: number, length: number, mask: number): number {
  const mixed2 = Math.imul(mixed, MIX_2);
  return length <= 96 ? mixed2 ^ (w2 & mask) : Math.imul(mixed2 ^ w2, MIX_3) ^ (w3 & mask);
}

/** The key is that of the network: are the words before the one in which the length ends the same? */
function isOf(network: OneNetwork, length: number, w0: number, w1: number, dst: IpAddress): boolean {
  if (length <= 32) return true;
  if (network.w0 !== w0) return false;
  if (length <= 64) return true;
  return network.w1 === w1 && (length <= 96 || network.w2 === (dst.w2 | 0));
}

/** The order of IPv6 addresses as numbers. */
export function compareAddresses(a: IpAddress, b: IpAddress): number {
  return a.w0 - b.w0 || a.w1 - b.w1 || a.w2 - b.w2 || a.w3 - b.w3;
}

/** Is this the route of exactly that prefix? */
export function isIpv6RouteOf(route: Ipv6FibRoute, { address, length }: Prefix): boolean {
  return route.length === length && route.network === withoutHostBits(address, length);
}
