/**
 * Routing of packets that this node sends (RFC 1122 3.3.1; Linux's order of checks): the source must be one of ours,
 * own addresses go by the loopback device, a bound device makes everything on-link.
 */
import { ANY_V4, type IpAddress, LOOPBACK_V4 } from '../packet/ip-address.ts';
import { NEVER } from '../sim/time.ts';
import { EINVAL, ENETUNREACH, ENODEV } from './errno.ts';
import type { FibRoute } from './fib.ts';
import { type Interface, SCOPE_HOST, SCOPE_LINK, SCOPE_UNIVERSE } from './interface.ts';
import { IPV4_MAX_SIZE } from './ipv4.ts';
import { Ipv4Route } from './ipv4-route.ts';
import type { Ipv4Tables } from './ipv4-tables.ts';
import { exceptionFor } from './route-exceptions.ts';

/** What constrains the way of a packet besides its addresses. */
export interface OutputConstraints {
  /** Leave by this interface only; null = as routes say. */
  readonly out: Interface | null;
  /** SO_DONTROUTE: no gateways. */
  readonly onLinkOnly: boolean;
  /** The source need not be ours. */
  readonly foreignSource: boolean;
}

export const UNCONSTRAINED: OutputConstraints = { out: null, onLinkOnly: false, foreignSource: false };

/** @param src the source that is asked for, or null @returns the route, or minus an errno */
export function routeOutput(
  tables: Ipv4Tables,
  dst: IpAddress,
  src: IpAddress | null,
  constraints: OutputConstraints,
): Ipv4Route | number {
  const { out } = constraints;
  const bySource = src === null ? null : routeBySource(tables, dst, src, constraints);
  if (bySource !== null) return bySource;
  if (out !== null) {
    if (!tables.interfaces.includes(out)) return -ENODEV;
    if (!out.device.isEnabled) return -ENETUNREACH;
    if (dst.w3 >>> 8 === 0xe00000 || dst.isLimitedBroadcast) return onLink(tables, dst, src, out);
  }
  if (dst === ANY_V4) return routeToAny(tables, src, out);
  const scope = constraints.onLinkOnly ? SCOPE_LINK : SCOPE_UNIVERSE;
  const found = tables.fib.lookup(dst.w3, scope, out);
  // Whoever insists on an interface is taken to know that the destination is there.
  if (typeof found === 'number') return out === null ? found : onLink(tables, dst, src, out);
  return along(tables, dst, src, out, found);
}

/** What the source alone decides: whether it may be used, and the interface of broadcasts and groups; null = no more. */
function routeBySource(
  tables: Ipv4Tables,
  dst: IpAddress,
  src: IpAddress,
  { out, foreignSource }: OutputConstraints,
): Ipv4Route | number | null {
  if (src.isMulticast || src.isLimitedBroadcast || src === ANY_V4) return -EINVAL;
  const owner = ownerOf(tables, src);
  const choosesInterface = out === null && (dst.isMulticast || dst.isLimitedBroadcast);
  if (owner === null) return choosesInterface || !foreignSource ? -ENETUNREACH : null;
  return choosesInterface ? make(tables, dst, src, src, owner, null, 'unicast') : null;
}

/** The destination is a neighbour on `out`, whatever the tables say. */
function onLink(
  tables: Ipv4Tables,
  dst: IpAddress,
  src: IpAddress | null,
  out: Interface,
): Ipv4Route | number {
  const source = src ?? tables.selectSource(out, null, SCOPE_LINK);
  return make(tables, dst, src, source, out, null, 'unicast');
}

/** The way that a route of the tables shows. @param out the interface that was asked for, or null */
function along(
  tables: Ipv4Tables,
  dst: IpAddress,
  src: IpAddress | null,
  out: Interface | null,
  found: FibRoute,
): Ipv4Route | number {
  if (found.type === 'local') {
    const loopback = tables.loopback();
    if (loopback === null) return -ENETUNREACH;
    return make(tables, dst, src, src ?? found.preferredSource ?? dst, loopback, found, 'local');
  }
  const isOnGroup = out !== null && dst.isMulticast;
  const source =
    src ?? (isOnGroup ? tables.selectSource(out, null, SCOPE_UNIVERSE) : tables.sourceFor(found));
  const type = found.type === 'broadcast' ? 'broadcast' : 'unicast';
  return make(tables, dst, src, source, found.iface!, found, type);
}

/** 0.0.0.0 as a destination means this node. */
function routeToAny(tables: Ipv4Tables, src: IpAddress | null, out: Interface | null): Ipv4Route | number {
  const loopback = tables.loopback();
  if (loopback === null) return -ENETUNREACH;
  const chosen = out === null ? null : tables.selectSource(out, null, SCOPE_HOST);
  const self = src ?? (chosen === null || chosen === ANY_V4 ? LOOPBACK_V4 : chosen);
  const route = make(tables, ANY_V4, src, self, loopback, null, 'local');
  return typeof route === 'number' ? route : new Ipv4Route({ ...route, nextHop: self, arrivesOn: out });
}

function make(
  tables: Ipv4Tables,
  dst: IpAddress,
  src: IpAddress | null,
  source: IpAddress,
  out: Interface,
  found: FibRoute | null,
  type: 'unicast' | 'local' | 'broadcast',
): Ipv4Route | number {
  const { device } = out;
  if (source.isLoopback && !device.isLoopback && !out.config.routeLocalnet) return -EINVAL;
  const kind = dst.isLimitedBroadcast ? 'broadcast' : dst.isMulticast ? 'multicast' : type;
  // A group that only a default route covers is reached on the link itself, not through the gateway.
  const isStray = kind === 'broadcast' || (kind === 'multicast' && (found === null || found.length < 4));
  const fib = isStray ? null : found;
  const learned = fib === null ? null : exceptionFor(fib, dst, tables.simulator.now);
  const gateway = learned?.gateway ?? fib?.gateway ?? null;
  const deviceMtu = Math.min(fib === null || fib.mtu === 0 ? device.mtu : fib.mtu, IPV4_MAX_SIZE);
  const mtu = learned === null || learned.pmtu === 0 ? deviceMtu : Math.min(deviceMtu, learned.pmtu);
  return new Ipv4Route({
    dst,
    src,
    kind,
    iface: out,
    nextHop: gateway ?? dst,
    usesGateway: gateway !== null,
    source,
    mtu,
    isMtuLocked: learned?.isMtuLocked ?? false,
    forwardMtu: mtu,
    error: 0,
    // What leaves by the loopback interface comes back anyway, and only once.
    loopsBack: !device.isLoopback && (kind === 'broadcast' || (kind === 'multicast' && out.groups.has(dst))),
    deservesRedirect: false,
    fib,
    expires: learned?.expires ?? NEVER,
    version: tables.version,
  });
}

/** Own addresses include all of 127/8, which is a local route and no address of an interface. */
function ownerOf(tables: Ipv4Tables, address: IpAddress): Interface | null {
  const owner = tables.ownerOf(address);
  if (owner !== null) return owner;
  const route = tables.fib.local.lookup(address.w3, SCOPE_UNIVERSE, null);
  return route?.type === 'local' ? route.iface : null;
}
