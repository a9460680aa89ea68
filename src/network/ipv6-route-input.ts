/**
 * Routing of IPv6 packets that arrive, in Linux's order: addresses that no packet may have, groups, this node's own
 * addresses, and the way on. Outcomes are cached per interface; refusals are not.
 */
import { ANY_V6, type IpAddress } from '../packet/ip-address.ts';
import { NEVER } from '../sim/time.ts';
import { EACCES, EHOSTUNREACH, ENETUNREACH } from './errno.ts';
import type { Interface } from './interface.ts';
import type { Ipv6FibRoute } from './ipv6-fib.ts';
import { Ipv6Route, type Ipv6RouteKind } from './ipv6-route.ts';
import { ALL_NODES, SCOPE_V6_INTERFACE } from './ipv6-scope.ts';
import type { Ipv6Tables } from './ipv6-tables.ts';

/** Why a packet is dropped before any route is asked: the reason that is counted. */
export type Ipv6Martian =
  | 'ip6.martian-source'
  | 'ip6.martian-destination'
  | 'ip6.not-joined'
  | 'ip6.not-forwarding';

/** @returns the route, or why the packet is dropped in silence */
export function routeIpv6Input(
  tables: Ipv6Tables,
  inbound: Interface,
  dst: IpAddress,
  src: IpAddress,
): Ipv6Route | Ipv6Martian {
  const route = decide(tables, inbound, dst, src);
  if (typeof route === 'object') inbound.v6!.inputRoutes.store(route);
  return route;
}

function decide(
  tables: Ipv6Tables,
  inbound: Interface,
  dst: IpAddress,
  src: IpAddress,
): Ipv6Route | Ipv6Martian {
  const { isLoopback } = inbound.device;
  if (src.isMulticast || (src.isLoopback && !isLoopback)) return 'ip6.martian-source';
  if (dst === ANY_V6 || (dst.isLoopback && !isLoopback)) return 'ip6.martian-destination';
  if (dst.isMulticast) {
    const scope = (dst.w0 >>> 16) & 15;
    if (scope === 0 || (scope === SCOPE_V6_INTERFACE && !isLoopback)) return 'ip6.martian-destination';
    if (dst !== ALL_NODES && !inbound.v6!.groups.has(dst)) return 'ip6.not-joined';
    return forUs(tables, inbound, dst, src, 'multicast', 0);
  }
  // What this node sends to itself comes through the loopback device, on whatever link the address is.
  if (tables.ownerOf(dst, isLoopback ? null : inbound) !== null)
    return forUs(tables, inbound, dst, src, 'local', 0);
  if (!inbound.v6!.config.forwarding) return 'ip6.not-forwarding';
  if (dst.isLinkLocal) return 'ip6.martian-destination';
  const found = tables.fib.lookup(dst, false, null, tables.simulator.now);
  if (typeof found === 'number') return forUs(tables, inbound, dst, src, 'unreachable', -found);
  return onward(tables, dst, src, found);
}

function onward(tables: Ipv6Tables, dst: IpAddress, src: IpAddress, fib: Ipv6FibRoute): Ipv6Route {
  const out = fib.iface!;
  const mtu = fib.mtu === 0 ? out.v6!.mtu : Math.min(fib.mtu, out.v6!.mtu);
  return new Ipv6Route({
    dst,
    src,
    kind: 'unicast',
    iface: out,
    nextHop: fib.gateway ?? dst,
    source: ANY_V6,
    mtu,
    forwardMtu: mtu,
    hopLimit: 0,
    error: 0,
    loopsBack: false,
    fib,
    expires: fib.expires,
    version: tables.version,
  });
}

function forUs(
  tables: Ipv6Tables,
  inbound: Interface,
  dst: IpAddress,
  src: IpAddress,
  kind: Ipv6RouteKind,
  error: number,
): Ipv6Route {
  const { mtu } = inbound.v6!;
  return new Ipv6Route({
    dst,
    src,
    kind,
    iface: inbound,
    nextHop: dst,
    source: ANY_V6,
    mtu,
    forwardMtu: mtu,
    hopLimit: 0,
    error,
    loopsBack: false,
    fib: null,
    expires: NEVER,
    version: tables.version,
  });
}

/** Is the errno of an `unreachable` route one that its sender is told of? A blackhole is not. */
export function isReported(error: number): boolean {
  return error === ENETUNREACH || error === EHOSTUNREACH || error === EACCES;
}
