/** An address prefix such as 10.0.0.0/24. */
import { ConfigError } from '../sim/errors.ts';
import { IpAddress } from './ip-address.ts';

export interface Prefix {
  /** The address as written; {@link networkOf} clears the host bits. */
  readonly address: IpAddress;
  /** Number of leading bits that count: 0-32. */
  readonly length: number;
}

/** Reads `10.0.0.1/24`. @throws ConfigError when either half is wrong */
export function parsePrefix(text: string): Prefix {
  const slash = text.indexOf('/');
  const length = slash < 0 ? Number.NaN : Number(text.slice(slash + 1));
  if (!/^\d{1,2}$/.test(text.slice(slash + 1)) || slash < 0 || length > 32) {
    throw new ConfigError(`'${text}' is not an address with a prefix length`, [], 'as in 10.0.0.1/24');
  }
  return { address: IpAddress.parse(text.slice(0, slash)), length };
}

/** The mask of an IPv4 prefix length, unsigned 32 bits. */
export function maskOf(length: number): number {
  return length === 0 ? 0 : (0xffffffff << (32 - length)) >>> 0;
}

/** The IPv4 prefix with all host bits zero. */
export function networkOf(prefix: Prefix): Prefix {
  return { address: IpAddress.v4((prefix.address.w3 & maskOf(prefix.length)) >>> 0), length: prefix.length };
}

/** The directed broadcast address of an IPv4 prefix: all host bits one. */
export function broadcastOf(prefix: Prefix): IpAddress {
  return IpAddress.v4((prefix.address.w3 | ~maskOf(prefix.length)) >>> 0);
}

export function prefixContains(prefix: Prefix, address: IpAddress): boolean {
  return ((prefix.address.w3 ^ address.w3) & maskOf(prefix.length)) === 0;
}

export function formatPrefix(prefix: Prefix): string {
  return `${prefix.address}/${prefix.length}`;
}
