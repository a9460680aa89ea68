/**
 * Just enough routing to know which source address and device a destination gets: connected networks, and one optional
 * default device. Kernel: ip_route_output, ip6_route_output.
 */
import type { ErrnoName } from '../../network/errno.ts';
import { IpAddress } from '../../packet/ip-address.ts';
import { commonPrefixLength } from '../../packet/prefix.ts';
import { ANY_V4, ANY_V6, familyOf, isAny, needsLink } from './address.ts';
import { isLoopbackDevice, isOnNetwork, kindOf, ownerOf, type SpecHost, type SpecInterface } from './host.ts';

export interface SpecRoute {
  readonly kind: 'local' | 'unicast' | 'broadcast' | 'multicast';
  /** The device that packets leave by; for `local` the one that owns the destination. */
  readonly device: string;
  readonly source: string;
  readonly destination: string;
}

/**
 * Route lookup for a packet of our own.
 * @param source bound source address or a wildcard; one of the other family counts as none
 * @param device SO_BINDTODEVICE or null; with IPv4 it makes everything on-link (K25)
 * @param foreignSource IP_TRANSPARENT: the source need not be an address of this host
 */
export function routeTo(
  host: SpecHost,
  to: string,
  source: string,
  device: string | null,
  foreignSource: boolean = false,
): SpecRoute | ErrnoName {
  const family = familyOf(to);
  const hasSource = !isAny(source) && familyOf(source) === family;
  if (family === 6) return findRoute6(host, to, hasSource ? source : ANY_V6, device);
  return routeTo4(host, to, hasSource ? source : ANY_V4, device, foreignSource);
}

/**
 * sendto() to 0.0.0.0: an own address, by the loopback interface whatever the device; a lookup sees it come by the device
 * that was asked for. connect() asks for a way to that address again.
 */
export function routeToThisHost(
  host: SpecHost,
  { source, device }: { readonly source: string; readonly device: string | null },
): SpecRoute | ErrnoName {
  const own = isAny(source) || familyOf(source) === 6 ? hostScope(host, device) : source;
  const found = routeTo4(host, own, own, null, false);
  if (typeof found === 'string') return found;
  return { ...found, device: device ?? host.interfaces.find((one) => one.loopback)?.name ?? found.device };
}

function routeTo4(
  host: SpecHost,
  to: string,
  source: string,
  device: string | null,
  foreignSource: boolean,
): SpecRoute | ErrnoName {
  const sourceKind = kindOf(host, source);
  if (!foreignSource && sourceKind !== 'any' && sourceKind !== 'local') return 'ENETUNREACH';
  const found = findRoute4(host, to, source, device);
  if (typeof found === 'string' || found.kind === 'local') return found;
  const leavesLoopback = isLoopback(found.source) && !isLoopbackDevice(host, found.device);
  return leavesLoopback ? 'EINVAL' : found;
}

function findRoute4(
  host: SpecHost,
  to: string,
  source: string,
  device: string | null,
): SpecRoute | ErrnoName {
  if (to === ANY_V4) {
    const own = source === ANY_V4 ? hostScope(host, device) : source;
    return findRoute4(host, own, own, device);
  }
  const { isMulticast, isLimitedBroadcast } = IpAddress.parse(to);
  if (isMulticast || isLimitedBroadcast) {
    const by = device ?? (source === ANY_V4 ? host.defaultDevice : ownerOf(host, source));
    return by === null
      ? 'ENETUNREACH'
      : onLink(host, isMulticast ? 'multicast' : 'broadcast', by, source, to);
  }
  const connected = connectedRoute(host, to, source, device);
  if (connected !== null) return connected;
  const by = device ?? host.defaultDevice;
  if (by === null) return 'ENETUNREACH';
  // What is pushed out of the loopback device comes back, whatever its destination.
  return onLink(host, isLoopbackDevice(host, by) ? 'local' : 'unicast', by, source, to);
}

/** A destination on a network that one of the interfaces (or just `device`) is on. */
function connectedRoute(host: SpecHost, to: string, source: string, device: string | null): SpecRoute | null {
  const parsed = IpAddress.parse(to);
  for (const one of host.interfaces) {
    const network = one.addresses.find((own) => isOnNetwork(own, parsed));
    if (network === undefined || (device !== null && device !== one.name)) continue;
    const from = source === ANY_V4 ? network.address : source;
    if (network.broadcast === to) return onLink(host, 'broadcast', one.name, from, to);
    const isOwn = one.loopback || one.addresses.some((own) => own.address === to);
    return isOwn ? localRoute(host, to, from) : onLink(host, 'unicast', one.name, from, to);
  }
  return null;
}

/** The address that stands for "this host" on a device: its own, or 127.0.0.1. */
function hostScope(host: SpecHost, device: string | null): string {
  return device === null || isLoopbackDevice(host, device) ? '127.0.0.1' : primaryOf(host, device);
}

function onLink(
  host: SpecHost,
  kind: SpecRoute['kind'],
  device: string,
  source: string,
  destination: string,
): SpecRoute {
  return { kind, device, source: source === ANY_V4 ? primaryOf(host, device) : source, destination };
}

/**
 * To ourselves. The packet crosses the loopback device, but a lookup sees the interface that owns the address
 * (inet_iif): a socket bound to eth0 gets what is sent to eth0's address from within.
 */
function localRoute(host: SpecHost, to: string, source: string): SpecRoute {
  const device = ownerOf(host, to) ?? 'lo';
  return { kind: 'local', device, source: isAny(source) ? to : source, destination: to };
}

/** The address a device gives to packets that have none; a loopback device borrows one that is valid elsewhere. */
function primaryOf(host: SpecHost, device: string): string {
  const own = host.interfaces.find((one) => one.name === device && !one.loopback);
  const others = host.interfaces.filter((one) => !one.loopback);
  const addresses = [own, ...others].flatMap((one) => one?.addresses ?? []);
  return addresses.find((one) => one.family === 4)?.address ?? '127.0.0.1';
}

function isLoopback(address: string): boolean {
  return address.startsWith('127.');
}

/** IPv6: a device that was named counts for connected networks, too; link-local addresses and groups need one. */
function findRoute6(
  host: SpecHost,
  asked: string,
  source: string,
  device: string | null,
): SpecRoute | ErrnoName {
  const to = asked === ANY_V6 ? '::1' : asked;
  const parsed = IpAddress.parse(to);
  if (IpAddress.parse(source).isMulticast) return 'EINVAL';
  const isOfLink = parsed.isLinkLocal || parsed.isMulticast;
  const link = device ?? (isOfLink && source !== ANY_V6 ? ownerOf(host, source) : null);
  if (parsed.isMulticast) {
    const by = link ?? host.defaultDevice ?? host.interfaces.find((one) => !one.loopback)?.name ?? null;
    return by === null ? 'ENETUNREACH' : onLink6(host, 'multicast', by, source, to);
  }
  const owners = host.interfaces.filter((one) => one.addresses.some((own) => own.address === to));
  const isOwn = device === null ? owners.length > 0 : owners.some((one) => one.name === device);
  if (isOwn) return localRoute(host, to, source);
  if (parsed.isLoopback) return 'ENETUNREACH';
  if (needsLink(to) && link === null) return 'EINVAL';
  const by = device ?? link;
  const reached = host.interfaces
    .filter((one) => by === null || one.name === by)
    .map((one) => ({ name: one.name, length: longestMatch(one, parsed) }))
    .filter((one) => one.length >= 0)
    .sort((a, b) => b.length - a.length)[0];
  const out = reached?.name ?? host.defaultDevice;
  return out === null ? 'ENETUNREACH' : onLink6(host, 'unicast', out, source, to);
}

/** Length of the longest prefix of the interface's that the address lies in; -1 for none. */
function longestMatch({ addresses }: SpecInterface, to: IpAddress): number {
  return Math.max(-1, ...addresses.filter((own) => isOnNetwork(own, to)).map((own) => own.length));
}

function onLink6(
  host: SpecHost,
  kind: SpecRoute['kind'],
  device: string,
  source: string,
  to: string,
): SpecRoute | ErrnoName {
  const from = source === ANY_V6 ? sourceTo(host, device, to) : source;
  return from === null ? 'EADDRNOTAVAIL' : { kind, device, source: from, destination: to };
}

/** RFC 6724 section 5 in short: of fitting scope, of the outgoing interface, of the longest common prefix. */
function sourceTo(host: SpecHost, device: string, to: string): string | null {
  const wanted = IpAddress.parse(to);
  const candidates = host.interfaces.flatMap(({ name, addresses }) =>
    addresses
      .filter((own) => own.family === 6)
      .map((own) => {
        const parsed = IpAddress.parse(own.address);
        const bits = Math.min(commonPrefixLength(parsed, wanted), own.length);
        return { own, name, bits, fits: fitsScope(parsed, to) };
      }),
  );
  const near = candidates.filter((one) => !needsLink(to) || one.name === device);
  const rank = (one: (typeof near)[number]) =>
    (one.fits ? 1024 : 0) + (one.name === device ? 512 : 0) + one.bits;
  return near.sort((a, b) => rank(b) - rank(a))[0]?.own.address ?? null;
}

/** A link-local source is for its link, ::1 for this host, all others for everywhere. */
function fitsScope(source: IpAddress, to: string): boolean {
  return !source.isLoopback && source.isLinkLocal === needsLink(to);
}
