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
 * Route lookup for a packet of our own (ip_route_output).
 * @param source bound source address or the wildcard
 * @param device SO_BINDTODEVICE or null; it makes everything on-link (K25)
 */
export function routeTo(
  host: SpecHost,
  to: string,
  source: string,
  device: string | null,
): SpecRoute | ErrnoName {
  const found = findRoute(host, to, source, device);
  if (typeof found === 'string') return found;
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
  const hasSource = source !== '0.0.0.0';
  if (bits === 0) return localRoute(host, hasSource ? source : '127.0.0.1', source);
  const isGroup = bits >>> 28 === 14;
  const isLimited = bits === 0xffffffff;
  const kind = isGroup ? 'multicast' : isLimited ? 'broadcast' : null;
  if (kind !== null) {
    const by = device ?? (hasSource ? ownerOf(host, source) : host.defaultDevice);
    if (by === null) return 'ENETUNREACH';
    return { kind, device: by, source: hasSource ? source : primaryOf(host, by), destination: to };
  }
  for (const one of host.interfaces) {
    if (device !== null && device !== one.name) continue;
    const own = one.addresses.find((a) => a.address === to || (one.loopback && sameNetwork(a, bits)));
    const network = one.addresses.find((a) => sameNetwork(a, bits));
    if (own !== undefined && own.broadcast !== to) {
      return localRoute(host, to, hasSource ? source : (network?.address ?? to));
    }
    if (network === undefined) continue;
    const isBroadcast = network.broadcast === to;
    return {
      kind: isBroadcast ? 'broadcast' : 'unicast',
      device: one.name,
      source: hasSource ? source : network.address,
      destination: to,
    };
  }
  const by = device ?? host.defaultDevice;
  if (by === null) return 'ENETUNREACH';
  return { kind: 'unicast', device: by, source: hasSource ? source : primaryOf(host, by), destination: to };
}

/**
 * To ourselves. The packet crosses the loopback device, but a lookup sees the interface that owns the address
 * (inet_iif): a socket bound to eth0 gets what is sent to eth0's address from within.
 */
function localRoute(host: SpecHost, to: string, source: string): SpecRoute {
  const device = ownerOf(host, to) ?? 'lo';
  return { kind: 'local', device, source: source === '0.0.0.0' ? to : source, destination: to };
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
