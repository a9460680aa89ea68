/**
 * An address with its zone (RFC 4007 11): `fe80::1%eth0`. A link-local address means something only together with a
 * link, which text names by interface. Inside the engine the zone is the device that a packet is to leave by.
 */
import { ConfigError } from '../sim/errors.ts';
import { IpAddress } from './ip-address.ts';
import { splitZone } from './ipv6-text.ts';

export interface ZonedAddress {
  readonly address: IpAddress;
  /** Name of an interface; null = none is given. */
  readonly zone: string | null;
}

/**
 * Reads an address of either family, with a zone where one makes sense.
 * @throws ConfigError for a malformed address, or a zone behind an address that is the same on every link
 */
export function parseZonedAddress(text: string): ZonedAddress {
  const split = splitZone(text);
  const address = IpAddress.parse(split.address);
  if (split.zone !== null && !hasZone(address))
    throw new ConfigError(`'${text}' has a zone, but the address is no link-local one`, [], split.address);
  return { address, zone: split.zone };
}

export function formatZonedAddress({ address, zone }: ZonedAddress): string {
  return zone === null ? address.toString() : `${address}%${zone}`;
}

/** Is the address ambiguous without a link: fe80::/10, or a group of interface-local or link-local scope? */
export function hasZone(address: IpAddress): boolean {
  if (address.family === 4) return false;
  const scope = (address.w0 >>> 16) & 15;
  return address.isLinkLocal || (address.isMulticast && (scope === 1 || scope === 2));
}
