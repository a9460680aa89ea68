/**
 * The host as the specification sees it: interfaces with addresses of both families, and what an address is to it. Where
 * packets go is in `route.ts`.
 */
import { IpAddress, type IpFamily } from '../../packet/ip-address.ts';
import { broadcastOf, parsePrefix, wordMask } from '../../packet/prefix.ts';
import type { InterfaceSnapshot } from './snapshot.ts';

/** Four 32-bit words, as `IpAddress` has them for either family. */
type Words = readonly [number, number, number, number];

export interface SpecAddress {
  readonly address: string;
  readonly family: IpFamily;
  /** Prefix length. */
  readonly length: number;
  readonly network: Words;
  readonly mask: Words;
  /** The directed broadcast address; '' where there is none. */
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

/** What an address is to this host (Linux's inet_addr_type, ipv6_addr_type). */
export function kindOf(host: SpecHost, address: string): AddressKind {
  const parsed = IpAddress.parse(address);
  if (parsed.isUnspecified) return 'any';
  if (parsed.isMulticast) return 'multicast';
  if (parsed.isLimitedBroadcast) return 'broadcast';
  for (const { loopback, addresses } of host.interfaces) {
    for (const own of addresses) {
      if (own.address === address || (loopback && isAllOfLoopback(own, parsed))) {
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

/** Does a packet to `address` arriving on any interface belong to this host (weak host model)? */
export function isOurs(host: SpecHost, address: string): boolean {
  const kind = kindOf(host, address);
  return kind === 'local' || kind === 'broadcast' || kind === 'multicast';
}

/** The interface that owns an address. */
export function ownerOf(host: SpecHost, address: string): string | null {
  const parsed = IpAddress.parse(address);
  for (const { name, loopback, addresses } of host.interfaces) {
    if (addresses.some((own) => own.address === address || (loopback && isAllOfLoopback(own, parsed))))
      return name;
  }
  return null;
}

export function isLoopbackDevice(host: SpecHost, name: string): boolean {
  return host.interfaces.some((one) => one.name === name && one.loopback);
}

/** The address lies in the network that this one is on. */
export function isOnNetwork(own: SpecAddress, { family, w0, w1, w2, w3 }: IpAddress): boolean {
  const [n0, n1, n2, n3] = own.network;
  const [m0, m1, m2, m3] = own.mask;
  return (
    family === own.family &&
    (w0 & m0) >>> 0 === n0 &&
    (w1 & m1) >>> 0 === n1 &&
    (w2 & m2) >>> 0 === n2 &&
    (w3 & m3) >>> 0 === n3
  );
}

/** All of 127.0.0.0/8 is this host; of IPv6 only ::1. */
function isAllOfLoopback(own: SpecAddress, address: IpAddress): boolean {
  return address.family === 4 && address.isLoopback && isOnNetwork(own, address);
}

function readAddress(text: string): SpecAddress {
  const { address, length } = parsePrefix(text);
  const { family, w0, w1, w2, w3 } = address;
  // The words before those of an IPv4 address always count.
  const bits = family === 4 ? length + 96 : length;
  const mask: Words = [wordMask(bits, 0), wordMask(bits, 1), wordMask(bits, 2), wordMask(bits, 3)];
  const hasBroadcast = family === 4 && length < 31;
  return {
    address: address.toString(),
    family,
    length,
    network: [(w0 & mask[0]) >>> 0, (w1 & mask[1]) >>> 0, (w2 & mask[2]) >>> 0, (w3 & mask[3]) >>> 0],
    mask,
    broadcast: hasBroadcast ? broadcastOf({ address, length }).toString() : '',
  };
}
