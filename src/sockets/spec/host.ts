/**
 * The host as the specification sees it: interfaces with addresses, and just enough routing to know which source
 * address and device a destination gets. Connected networks only, and one optional default device.
 */
import type { ErrnoName } from '../../network/errno.ts';
import { IpAddress } from '../../packet/ip-address.ts';
import { broadcastOf, maskOf, parsePrefix } from '../../packet/prefix.ts';
import type { InterfaceSnapshot } from './snapshot.ts';

export interface SpecAddress {
  readonly address: string;
  readonly network: number;
  readonly mask: number;
  readonly broadcast: string;
}

export interface SpecInterface {
  readonly name: string;
  readonly loopback: boolean;
  readonly addresses: readonly SpecAddress[];
}

export interface SpecHost {
  readonly interfaces: readonly SpecInterface[];
  /** Where destinations off every connected network go; null = nowhere (ENETUNREACH). */
  readonly defaultDevice: string | null;
  /** Ports below this one need privilege (`ip_unprivileged_port_start`). */
  readonly unprivilegedPortStart: number;
  /** `ip_local_port_range`, inclusive; null = the profile's own. */
  readonly portRange: readonly [number, number] | null;
  /** `somaxconn` */
  readonly maxBacklog: number;
}

const ANY_ADDRESS = '0.0.0.0';

export type AddressKind = 'any' | 'local' | 'broadcast' | 'multicast' | 'foreign';

export interface SpecRoute {
  readonly kind: 'local' | 'unicast' | 'broadcast' | 'multicast';
  /** The device that packets leave by; for `local` the one that owns the destination. */
  readonly device: string;
  readonly source: string;
  readonly destination: string;
}

/** @param interfaces with prefixes, as `10.0.0.1/24` @throws ConfigError for an address that is none */
export function makeHost(interfaces: readonly InterfaceSnapshot[], rest: Partial<SpecHost> = {}): SpecHost {
  return {
    interfaces: interfaces.map((one) => ({ ...one, addresses: one.addresses.map(readAddress) })),
    defaultDevice: null,
    unprivilegedPortStart: 1024,
    portRange: null,
    maxBacklog: 4096,
    ...rest,
  };
}

/** What an address is to this host (Linux's inet_addr_type). */
export function kindOf(host: SpecHost, address: string): AddressKind {
  const bits = bitsOf(address);
  if (bits === 0) return 'any';
  if (bits >>> 28 === 14) return 'multicast';
  if (bits === 0xffffffff) return 'broadcast';
  for (const { loopback, addresses } of host.interfaces) {
    for (const own of addresses) {
      if (own.address === address || (loopback && sameNetwork(own, bits) && bits >>> 24 === 127)) {
        return own.broadcast === address ? 'broadcast' : 'local';
      }
      if (own.broadcast === address) return 'broadcast';
    }
  }
  return 'foreign';
}

/**
 * What a packet's destination is to a lookup. What was pushed out of the loopback device for another network comes back
 * as it left: addressed to one host, be it the directed broadcast address of a network elsewhere.
 */
export function arrivesAs(
  host: SpecHost,
  packet: { readonly dst: string; readonly device: string },
): AddressKind {
  const kind = kindOf(host, packet.dst);
  if (kind !== 'broadcast' || packet.dst === '255.255.255.255') return kind;
  const isPushed = isLoopbackDevice(host, packet.device) && ownerOf(host, packet.dst) !== packet.device;
  return isPushed ? 'local' : kind;
}

/**
 * Route lookup for a packet of our own (ip_route_output).
 * @param source bound source address or the wildcard
 * @param device SO_BINDTODEVICE or null; it makes everything on-link (K25)
 * @param foreignSource IP_TRANSPARENT: the source need not be an address of this host
 */
export function routeTo(
  host: SpecHost,
  to: string,
  source: string,
  device: string | null,
  foreignSource: boolean = false,
): SpecRoute | ErrnoName {
  const sourceKind = kindOf(host, source);
  if (!foreignSource && sourceKind !== 'any' && sourceKind !== 'local') return 'ENETUNREACH';
  const found = findRoute(host, to, source, device);
  if (typeof found === 'string' || found.kind === 'local') return found;
  const leavesLoopback = isLoopback(found.source) && !isLoopbackDevice(host, found.device);
  return leavesLoopback ? 'EINVAL' : found;
}

/** Does a packet to `address` arriving on any interface belong to this host (weak host model)? */
export function isOurs(host: SpecHost, address: string): boolean {
  const kind = kindOf(host, address);
  return kind === 'local' || kind === 'broadcast' || kind === 'multicast';
}

/** The interface that owns an address. */
export function ownerOf(host: SpecHost, address: string): string | null {
  const bits = bitsOf(address);
  for (const { name, loopback, addresses } of host.interfaces) {
    if (addresses.some((own) => own.address === address || (loopback && sameNetwork(own, bits)))) return name;
  }
  return null;
}

export function isLoopbackDevice(host: SpecHost, name: string): boolean {
  return host.interfaces.some((one) => one.name === name && one.loopback);
}

function findRoute(host: SpecHost, to: string, source: string, device: string | null): SpecRoute | ErrnoName {
  const bits = bitsOf(to);
  if (bits === 0) {
    const own = source === ANY_ADDRESS ? hostScope(host, device) : source;
    return findRoute(host, own, own, device);
  }
  const isGroup = bits >>> 28 === 14;
  if (isGroup || bits === 0xffffffff) {
    const by = device ?? (source === ANY_ADDRESS ? host.defaultDevice : ownerOf(host, source));
    return by === null ? 'ENETUNREACH' : onLink(host, isGroup ? 'multicast' : 'broadcast', by, source, to);
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
  const bits = bitsOf(to);
  for (const one of host.interfaces) {
    const network = one.addresses.find((a) => sameNetwork(a, bits));
    if (network === undefined || (device !== null && device !== one.name)) continue;
    const from = source === ANY_ADDRESS ? network.address : source;
    if (network.broadcast === to) return onLink(host, 'broadcast', one.name, from, to);
    const isOwn = one.loopback || one.addresses.some((a) => a.address === to);
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
  return { kind, device, source: source === ANY_ADDRESS ? primaryOf(host, device) : source, destination };
}

/**
 * To ourselves. The packet crosses the loopback device, but a lookup sees the interface that owns the address
 * (inet_iif): a socket bound to eth0 gets what is sent to eth0's address from within.
 */
function localRoute(host: SpecHost, to: string, source: string): SpecRoute {
  const device = ownerOf(host, to) ?? 'lo';
  return { kind: 'local', device, source: source === ANY_ADDRESS ? to : source, destination: to };
}

/** The address a device gives to packets that have none; a loopback device borrows one that is valid elsewhere. */
function primaryOf(host: SpecHost, device: string): string {
  const own = host.interfaces.find((one) => one.name === device && !one.loopback)?.addresses[0];
  const other = host.interfaces.find((one) => !one.loopback && one.addresses.length > 0)?.addresses[0];
  return (own ?? other)?.address ?? '127.0.0.1';
}

function readAddress(text: string): SpecAddress {
  const prefix = parsePrefix(text);
  const mask = maskOf(prefix.length);
  return {
    address: prefix.address.toString(),
    network: (prefix.address.w3 & mask) >>> 0,
    mask,
    broadcast: prefix.length >= 31 ? '' : broadcastOf(prefix).toString(),
  };
}

function sameNetwork(own: SpecAddress, bits: number): boolean {
  return (bits & own.mask) >>> 0 === own.network;
}

function isLoopback(address: string): boolean {
  return address.startsWith('127.');
}

function bitsOf(address: string): number {
  return IpAddress.parse(address).w3;
}
