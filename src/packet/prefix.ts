/** An address prefix such as 10.0.0.0/24 or fd00::/64. */
import { ConfigError } from '../sim/errors.ts';
import { IpAddress } from './ip-address.ts';

export interface Prefix {
  /** The address as written; {@link networkOf} clears the host bits. */
  readonly address: IpAddress;
  /** Number of leading bits that count: 0-32, or 0-128. */
  readonly length: number;
}

/** Reads `10.0.0.1/24` or `fd00::1/64`. @throws ConfigError when either half is wrong */
export function parsePrefix(text: string): Prefix {
  const slash = text.indexOf('/');
  const digits = text.slice(slash + 1);
  const longest = text.includes(':') ? 128 : 32;
  if (!/^\d{1,3}$/.test(digits) || slash < 0 || Number(digits) > longest) {
    throw new ConfigError(`'${text}' is not an address with a prefix length`, [], 'as in 10.0.0.1/24');
  }
  return { address: IpAddress.parse(text.slice(0, slash)), length: Number(digits) };
}

/** The mask of an IPv4 prefix length, unsigned 32 bits. */
export function maskOf(length: number): number {
  return length === 0 ? 0 : (0xffffffff << (32 - length)) >>> 0;
}

/**
 * The mask of one 32-bit word of an IPv6 prefix length.
 * @param word 0-3, the most significant first
 */
export function wordMask(length: number, word: number): number {
  const bits = length - word * 32;
  return bits <= 0 ? 0 : maskOf(bits >= 32 ? 32 : bits);
}

/** The prefix with all host bits zero. */
export function networkOf({ address, length }: Prefix): Prefix {
  if (address.family === 4) return { address: IpAddress.v4((address.w3 & maskOf(length)) >>> 0), length };
  return { address: withoutHostBits(address, length), length };
}

/** The IPv6 network address that `address` lies in. */
export function withoutHostBits(address: IpAddress, length: number): IpAddress {
  return IpAddress.v6(
    (address.w0 & wordMask(length, 0)) >>> 0,
    (address.w1 & wordMask(length, 1)) >>> 0,
    (address.w2 & wordMask(length, 2)) >>> 0,
    (address.w3 & wordMask(length, 3)) >>> 0,
  );
}

/** The directed broadcast address of an IPv4 prefix: all host bits one. IPv6 has none. */
export function broadcastOf(prefix: Prefix): IpAddress {
  return IpAddress.v4((prefix.address.w3 | ~maskOf(prefix.length)) >>> 0);
}

/** An address of the other family lies in no prefix. */
export function prefixContains({ address: own, length }: Prefix, address: IpAddress): boolean {
  if (own.family !== address.family) return false;
  if (own.family === 4) return ((own.w3 ^ address.w3) & maskOf(length)) === 0;
  return commonPrefixLength(own, address) >= length;
}

/** How many leading bits two IPv6 addresses share: 0-128. */
export function commonPrefixLength(a: IpAddress, b: IpAddress): number {
  if (a.w0 !== b.w0) return Math.clz32(a.w0 ^ b.w0);
  if (a.w1 !== b.w1) return 32 + Math.clz32(a.w1 ^ b.w1);
  if (a.w2 !== b.w2) return 64 + Math.clz32(a.w2 ^ b.w2);
  return 96 + Math.clz32(a.w3 ^ b.w3);
}

export function formatPrefix(prefix: Prefix): string {
  return `${prefix.address}/${prefix.length}`;
}
