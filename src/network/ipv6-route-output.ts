/**
 * Routing of packets that this node makes: by which interface, to which neighbour, from which source (RFC 8200,
 * RFC 6724). A link-local destination or group needs an interface, given or implied by its source.
 */
import { ANY_V6, type IpAddress } from '../packet/ip-address.ts';
import { NEVER } from '../sim/time.ts';
import { EADDRNOTAVAIL, EINVAL, ENETUNREACH } from './errno.ts';
import type { Interface } from './interface.ts';
import type { OutputConstraints } from './ipv4-route-output.ts';
import type { Ipv6FibRoute } from './ipv6-fib.ts';
import { pathMtuTo } from './ipv6-path-mtu.ts';
import { Ipv6Route } from './ipv6-route.ts';
import type { Ipv6Tables } from './ipv6-tables.ts';

/** @param src the source that is asked for, or null @returns the route, or minus an errno */
export function routeIpv6Output(
  tables: Ipv6Tables,
  dst: IpAddress,
  src: IpAddress | null,
  { out, onLinkOnly }: OutputConstraints,
): Ipv6Route | number {
  if (dst === ANY_V6 || dst.family !== 6 || src?.isMulticast === true) return -EINVAL;
  if (out !== null && !usable(out)) return -ENETUNREACH;
  const link = out ?? linkOf(tables, dst, src);
  if (dst.isMulticast) {
    const group = link ?? tables.defaultInterface()?.base ?? null;
    return group === null ? -ENETUNREACH : toNeighbour(tables, dst, src, group, null);
  }
  if (out === null ? tables.ownerOf(dst, link) !== null : tables.isOn(dst, out)) {
    const loopback = tables.loopback();
    if (loopback === null) return -ENETUNREACH;
    return make(tables, dst, src, src ?? dst, 'local', loopback.base, null);
  }
  if (dst.isLoopback) return -ENETUNREACH;
  const { now } = tables.simulator;
  if (dst.isLinkLocal && link === null) return -EINVAL;
  const found = tables.fib.lookup(dst, onLinkOnly, dst.isLinkLocal ? link : out, now);
  if (typeof found === 'number') return found;
  return toNeighbour(tables, dst, src, found.iface!, found);
}

/** The link that an ambiguous destination is meant on: that of a link-local source. */
function linkOf(tables: Ipv6Tables, dst: IpAddress, src: IpAddress | null): Interface | null {
  if (src === null || !(dst.isLinkLocal || dst.isMulticast)) return null;
  return tables.ownerOf(src, null);
}

function usable({ device, v6 }: Interface): boolean {
  return device.isEnabled && v6 !== null && v6.isEnabled;
}

function toNeighbour(
  tables: Ipv6Tables,
  dst: IpAddress,
  src: IpAddress | null,
  out: Interface,
  fib: Ipv6FibRoute | null,
): Ipv6Route | number {
  const source = src ?? fib?.preferredSource ?? tables.selectSource(out, dst);
  if (source === null) return -EADDRNOTAVAIL;
  return make(tables, dst, src, source, dst.isMulticast ? 'multicast' : 'unicast', out, fib);
}

function make(
  tables: Ipv6Tables,
  dst: IpAddress,
  src: IpAddress | null,
  source: IpAddress,
  kind: 'unicast' | 'local' | 'multicast',
  out: Interface,
  fib: Ipv6FibRoute | null,
): Ipv6Route {
  const v6 = out.v6!;
  const learned = fib === null ? null : pathMtuTo(fib, dst, tables.simulator.now);
  const ownMtu = fib === null || fib.mtu === 0 ? v6.mtu : Math.min(fib.mtu, v6.mtu);
  return new Ipv6Route({
    dst,
    src,
    kind,
    iface: out,
    nextHop: fib?.gateway ?? dst,
    source,
    mtu: learned === null ? ownMtu : Math.min(ownMtu, learned.mtu),
    forwardMtu: ownMtu,
    hopLimit: kind === 'multicast' ? 1 : v6.hopLimit,
    error: 0,
    loopsBack: kind === 'multicast' && !out.device.isLoopback && v6.groups.has(dst),
    fib,
    expires: Math.min(learned?.expires ?? NEVER, fib?.expires ?? NEVER),
    version: tables.version,
  });
}
