/**
 * Addresses as the specification writes them: dotted decimal, or RFC 5952 text. A mapped address (::ffff:10.0.0.1) means
 * IPv4 and is kept as such; what an AF_INET6 socket shows of it is mapped again (L38).
 */
import { IpAddress, type IpFamily } from '../../packet/ip-address.ts';

/** The wildcards. */
export const ANY_V4 = '0.0.0.0';
export const ANY_V6 = '::';

export function isAny(address: string): boolean {
  return address === ANY_V4 || address === ANY_V6;
}

export function anyOf(family: IpFamily): string {
  return family === 6 ? ANY_V6 : ANY_V4;
}

export function familyOf(address: string): IpFamily {
  return address.includes(':') ? 6 : 4;
}

export function isMapped(address: string): boolean {
  return familyOf(address) === 6 && IpAddress.parse(address).isV4Mapped;
}

/** The IPv4 address in a mapped one; any other address in its canonical text. */
export function unmapped(address: string): string {
  return familyOf(address) === 4 ? address : IpAddress.parse(address).unmapped().toString();
}

/** What a socket of the family shows of an address. */
export function shownIn(family: IpFamily, address: string): string {
  return family === 6 && familyOf(address) === 4 ? IpAddress.parse(address).mapped().toString() : address;
}

/** fe80::/10, and groups of a link: the same address may be on every link. */
export function needsLink(address: string): boolean {
  if (familyOf(address) === 4) return false;
  const { isLinkLocal, isMulticast, w0 } = IpAddress.parse(address);
  return isLinkLocal || (isMulticast && ((w0 >>> 16) & 15) <= SCOPE_LINK);
}

/** `10.0.0.1:80`, `[fd00::1]:80` */
export function endText(address: string, port: number | '*'): string {
  return familyOf(address) === 6 ? `[${address}]:${port}` : `${address}:${port}`;
}

const SCOPE_LINK = 2;
