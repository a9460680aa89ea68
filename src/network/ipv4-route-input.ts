/**
 * Routing of packets that arrive (RFC 1812 5.2, 5.3.7; Linux's order of checks): martian addresses, broadcasts,
 * groups, this node's own addresses, and the way on. Outcomes are cached per interface; refusals are not.
 */
import { ANY_V4, type IpAddress } from '../packet/ip-address.ts';
import { NEVER } from '../sim/time.ts';
import { EHOSTUNREACH } from './errno.ts';
import type { FibRoute } from './fib.ts';
import { type Interface, SCOPE_UNIVERSE } from './interface.ts';
import { Ipv4Route, type Ipv4RouteKind } from './ipv4-route.ts';
import type { Ipv4Tables } from './ipv4-tables.ts';
import { exceptionFor } from './route-exceptions.ts';
import { validateSource } from './source-validation.ts';

/** Why a packet is dropped before any route is asked: the reason that is counted. */
export type Martian = 'ip.martian-source' | 'ip.martian-destination' | 'ip.not-joined' | 'ip.reverse-path';

/** @returns the route, or why the packet is dropped in silence */
export function routeInput(
  tables: Ipv4Tables,
  inbound: Interface,
  dst: IpAddress,
  src: IpAddress,
): Ipv4Route | Martian {
  const route = dst.isMulticast
    ? routeGroup(tables, inbound, dst, src)
    : routeOther(tables, inbound, dst, src);
  if (typeof route === 'object') inbound.inputRoutes.store(route);
  return route;
}

function routeGroup(
  tables: Ipv4Tables,
  inbound: Interface,
  dst: IpAddress,
  src: IpAddress,
): Ipv4Route | Martian {
  if (!inbound.groups.has(dst)) return 'ip.not-joined';
  if (src.isMulticast || src.isLimitedBroadcast) return 'ip.martian-source';
  if (src.isLoopback && !inbound.config.routeLocalnet && !inbound.device.isLoopback)
    return 'ip.martian-source';
  if (src === ANY_V4) {
    if (!isLinkLocalGroup(dst)) return 'ip.martian-source';
  } else if (isMartian(tables, inbound, src)) return 'ip.martian-source';
  return forUs(tables, inbound, dst, src, 'multicast', 0);
}

function routeOther(
  tables: Ipv4Tables,
  inbound: Interface,
  dst: IpAddress,
  src: IpAddress,
): Ipv4Route | Martian {
  const { config, device } = inbound;
  if (src.isMulticast || src.isLimitedBroadcast) return 'ip.martian-source';
  if (dst.isLimitedBroadcast || (src === ANY_V4 && dst === ANY_V4))
    return routeBroadcast(tables, inbound, dst, src);
  if (src === ANY_V4) return 'ip.martian-source';
  if (dst === ANY_V4) return 'ip.martian-destination';
  if (!device.isLoopback && !config.routeLocalnet) {
    if (dst.isLoopback) return 'ip.martian-destination';
    if (src.isLoopback) return 'ip.martian-source';
  }
  const found = tables.fib.lookup(dst.w3, SCOPE_UNIVERSE, null);
  if (typeof found === 'number')
    return forUs(tables, inbound, dst, src, 'unreachable', config.forwarding ? -found : EHOSTUNREACH);
  if (found.type === 'broadcast' && !config.bcForwarding) return routeBroadcast(tables, inbound, dst, src);
  if (found.type === 'local') {
    if (isMartian(tables, inbound, src)) return 'ip.martian-source';
    return forUs(tables, inbound, dst, src, 'local', 0);
  }
  if (!config.forwarding) return forUs(tables, inbound, dst, src, 'unreachable', EHOSTUNREACH);
  if (found.type !== 'unicast' && found.type !== 'broadcast') return 'ip.martian-destination';
  return onward(tables, inbound, dst, src, found);
}

function routeBroadcast(
  tables: Ipv4Tables,
  inbound: Interface,
  dst: IpAddress,
  src: IpAddress,
): Ipv4Route | Martian {
  if (src !== ANY_V4 && isMartian(tables, inbound, src)) return 'ip.martian-source';
  return forUs(tables, inbound, dst, src, 'broadcast', 0);
}

function onward(
  tables: Ipv4Tables,
  inbound: Interface,
  dst: IpAddress,
  src: IpAddress,
  fib: FibRoute,
): Ipv4Route | Martian {
  const out = fib.iface!;
  const verdict = validateSource(tables, src, inbound, out);
  if (verdict === 'martian') return inbound.config.rpFilter === 0 ? 'ip.martian-source' : 'ip.reverse-path';
  const now = tables.simulator.now;
  const learned = exceptionFor(fib, dst, now);
  const gateway = learned?.gateway ?? fib.gateway;
  const mtu = fib.mtu === 0 ? out.device.mtu : fib.mtu;
  const pmtu = learned === null || learned.pmtu === 0 ? mtu : Math.min(mtu, learned.pmtu);
  const sharesLink = out.config.sharedMedia || tables.isOnLink(out, src, fib.gateway);
  return new Ipv4Route({
    dst,
    src,
    kind: 'unicast',
    iface: out,
    nextHop: gateway ?? dst,
    usesGateway: gateway !== null,
    source: ANY_V4,
    mtu: pmtu,
    isMtuLocked: learned?.isMtuLocked ?? false,
    forwardMtu: tables.config.forwardUsePmtu || learned?.isMtuLocked === true ? pmtu : mtu,
    error: 0,
    loopsBack: false,
    deservesRedirect:
      out === inbound && verdict === 'good-neighbour' && out.config.sendRedirects && sharesLink,
    fib,
    expires: learned?.expires ?? NEVER,
    version: tables.version,
  });
}

function forUs(
  tables: Ipv4Tables,
  inbound: Interface,
  dst: IpAddress,
  src: IpAddress,
  kind: Ipv4RouteKind,
  error: number,
): Ipv4Route {
  const { mtu } = inbound.device;
  return new Ipv4Route({
    dst,
    src,
    kind,
    iface: inbound,
    nextHop: dst,
    usesGateway: false,
    source: ANY_V4,
    mtu,
    isMtuLocked: false,
    forwardMtu: mtu,
    error,
    loopsBack: false,
    deservesRedirect: false,
    fib: null,
    expires: NEVER,
    version: tables.version,
  });
}

/** Packets of this node come back through the loopback device as they left: their source is no news. */
function isMartian(tables: Ipv4Tables, inbound: Interface, src: IpAddress): boolean {
  return !inbound.device.isLoopback && validateSource(tables, src, inbound, null) === 'martian';
}

/** 224.0.0.0/24 */
function isLinkLocalGroup(address: IpAddress): boolean {
  return address.w3 >>> 8 === 0xe00000;
}
