/**
 * Endpoints as FTP writes them: six numbers for PORT and PASV (RFC 959 4.1.2), `192,168,1,5,195,80`; with IPv6 the
 * extended forms of EPRT and EPSV (RFC 2428), `|2|fd00::1|50000|` and `(|||50000|)`.
 */
import { IpAddress } from '../packet/ip-address.ts';
import { ConfigError } from '../sim/errors.ts';
import type { Endpoint } from '../sockets/api.ts';

/** @param address IPv4, or IPv4 mapped */
export function formatHostPort({ address, port }: Endpoint): string {
  return `${address.unmapped().toString().replaceAll('.', ',')},${port >>> 8},${port & 255}`;
}

/** Finds six numbers in `text`. @returns null when they are not there or above 255 */
export function parseHostPort(text: string): Endpoint | null {
  const numbers = /(\d{1,3}),(\d{1,3}),(\d{1,3}),(\d{1,3}),(\d{1,3}),(\d{1,3})/
    .exec(text)
    ?.slice(1)
    .map(Number);
  if (numbers === undefined || numbers.some((number) => number > 255)) return null;
  const bits = numbers.slice(0, 4).reduce((sum, byte) => sum * 256 + byte, 0);
  return { address: IpAddress.v4(bits), port: numbers[4]! * 256 + numbers[5]! };
}

/** Must the extended forms be used? */
export function isExtended(address: IpAddress): boolean {
  return address.unmapped().family === 6;
}

/** The argument of EPRT. */
export function formatExtended({ address, port }: Endpoint): string {
  return `|${address.family === 6 ? 2 : 1}|${address}|${port}|`;
}

/** @returns null when `text` is no argument of EPRT */
export function parseExtended(text: string): Endpoint | null {
  const match = /^\|([12])\|([0-9A-Fa-f.:]+)\|(\d{1,5})\|$/.exec(text);
  const port = Number(match?.[3]);
  if (match === null || port > 65535) return null;
  try {
    const address = IpAddress.parse(match[2]!);
    return address.family === (match[1] === '2' ? 6 : 4) ? { address, port } : null;
  } catch (error) {
    if (error instanceof ConfigError) return null;
    throw error;
  }
}

/** The port in the reply to EPSV: the address is that of the control connection. @returns null when there is none */
export function parseExtendedPort(text: string): number | null {
  const port = Number(/\(\|\|\|(\d{1,5})\|\)/.exec(text)?.[1] ?? 65536);
  return port > 65535 ? null : port;
}
