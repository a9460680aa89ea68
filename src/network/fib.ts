/**
 * The forwarding information base: routes by longest prefix match, in two tables as Linux's default rules have them:
 * `local` (this node's own and broadcast addresses) before `main`. A lookup walks the prefix lengths in use from the
 * longest on, one hash probe each; the destination caches in front of it take the load.
 */
import type { IpAddress } from '../packet/ip-address.ts';
import { maskOf, type Prefix } from '../packet/prefix.ts';
import type { Nanos } from '../sim/time.ts';
import { EACCES, EEXIST, EHOSTUNREACH, EINVAL, ENETUNREACH } from './errno.ts';
import type { Interface } from './interface.ts';
import type { RouteMetrics } from './ports.ts';

export type RouteType = 'unicast' | 'local' | 'broadcast' | 'blackhole' | 'unreachable' | 'prohibit';

/** What was learned about one destination behind a route: by a redirect, or by fragmentation-needed messages. */
export interface RouteException {
  gateway: IpAddress | null;
  /** 0 = not known. */
  pmtu: number;
  isMtuLocked: boolean;
  expires: Nanos;
}

export interface FibRoute {
  /** Network address, unsigned 32 bits. */
  readonly network: number;
  readonly length: number;
  readonly type: RouteType;
  /** SCOPE_LINK for connected networks, SCOPE_UNIVERSE for those behind a gateway, SCOPE_HOST for own addresses. */
  readonly scope: number;
  readonly gateway: IpAddress | null;
  /** null for a route that refuses. */
  readonly iface: Interface | null;
  readonly preferredSource: IpAddress | null;
  /** Among equal prefixes the lower is preferred. */
  readonly metric: number;
  /** MTU of this route, 0 = the device's. */
  readonly mtu: number;
  /** What an administrator told TCP about the route; null = nothing. */
  readonly metrics: RouteMetrics | null;
  /** Put there by an address of an interface. */
  readonly isKernels: boolean;
  readonly exceptions: Map<IpAddress, RouteException>;
}

/** One table. */
export class FibTable {
  readonly #byLength: (Map<number, FibRoute[]> | null)[] = new Array(33).fill(null);
  /** Lengths in use, longest first. */
  #lengths: number[] = [];

  /** @param append false refuses a second route of the same prefix and metric @returns 0 or -EEXIST */
  insert(route: FibRoute, append: boolean): number {
    let networks = this.#byLength[route.length]!;
    if (networks === null) {
      networks = new Map();
      this.#byLength[route.length] = networks;
      this.#lengths = [...this.#lengths, route.length].sort((a, b) => b - a);
    }
    const same = networks.get(route.network) ?? [];
    if (!append && same.some(({ metric }) => metric === route.metric)) return -EEXIST;
    const behind = same.findIndex(({ metric }) => metric > route.metric);
    same.splice(behind < 0 ? same.length : behind, 0, route);
    networks.set(route.network, same);
    return 0;
  }

  /** Removes what `matches`. @returns how many */
  remove(matches: (route: FibRoute) => boolean): number {
    let removed = 0;
    for (const networks of this.#byLength) {
      if (networks === null) continue;
      for (const [network, routes] of networks) {
        const kept = routes.filter((route) => !matches(route));
        removed += routes.length - kept.length;
        if (kept.length === 0) networks.delete(network);
        else networks.set(network, kept);
      }
    }
    this.#lengths = this.#lengths.filter((length) => this.#byLength[length]!.size > 0);
    for (let length = 0; length <= 32; length++)
      if (!this.#lengths.includes(length)) this.#byLength[length] = null;
    return removed;
  }

  /**
   * @param bits destination, unsigned 32 bits
   * @param scope only routes at least as near as this count (SO_DONTROUTE asks for SCOPE_LINK)
   * @param out only routes through this interface count; null = any
   */
  lookup(bits: number, scope: number, out: Interface | null): FibRoute | null {
    for (const length of this.#lengths) {
      const routes = this.#byLength[length]!.get((bits & maskOf(length)) >>> 0);
      if (routes === undefined) continue;
      for (const route of routes) {
        if (route.scope < scope) continue;
        if (out !== null && route.iface !== null && route.iface !== out) continue;
        return route;
      }
    }
    return null;
  }

  /** All routes in the order of their prefixes. */
  all(): FibRoute[] {
    const found: FibRoute[] = [];
    for (const networks of this.#byLength)
      if (networks !== null) found.push(...[...networks.values()].flat());
    return found.sort((a, b) => a.network - b.network || a.length - b.length || a.metric - b.metric);
  }
}

export class Fib {
  readonly local: FibTable = new FibTable();
  readonly main: FibTable = new FibTable();

  /** @returns the route, or minus an errno: of a route that refuses, or ENETUNREACH when there is none */
  lookup(bits: number, scope: number, out: Interface | null): FibRoute | number {
    const route = this.local.lookup(bits, scope, out) ?? this.main.lookup(bits, scope, out);
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
}

/** Is this the route of exactly that prefix? */
export function isRouteOf(route: FibRoute, prefix: Prefix): boolean {
  return (
    route.length === prefix.length && route.network === (prefix.address.w3 & maskOf(prefix.length)) >>> 0
  );
}
