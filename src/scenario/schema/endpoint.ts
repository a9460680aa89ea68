/** `10.0.0.1:80`, `[fd00::1]:80`, `[fe80::1%eth0]:80`, `server:80`, `*:80`: an address or the name of a host, and a port. */
import { endpointText } from '../../packet/endpoint-text.ts';
import type { IpAddress } from '../../packet/ip-address.ts';
import { parseZonedAddress } from '../../packet/zoned-address.ts';
import { ConfigError } from '../../sim/errors.ts';

/** An address as written. One of `host` and `address` is not null; with `*`, any address, both are. */
export interface NamedHost {
  /** A name that the scenario must know. */
  readonly host: string | null;
  readonly address: IpAddress | null;
  /** The interface that a link-local IPv6 address is on: of the host that uses it. */
  readonly zone: string | null;
}

/** An endpoint as written. */
export interface NamedEndpoint extends NamedHost {
  readonly port: number;
}

const EXPECTED = 'an address or host with a port, as in 10.0.0.1:80, [fd00::1]:80 or server:80';

/** @throws ConfigError when it is none */
export function parseEndpoint(text: string): NamedEndpoint {
  const match = /^(?:\[([^\]\s]+)\]|([^:[\]\s]+)):(\S+)$/.exec(text.trim());
  if (match === null) throw new ConfigError(`'${text}' is not an endpoint`, [], EXPECTED);
  const [, bracketed, plain, port] = match as unknown as [string, string?, string?, string?];
  return { ...parseHost(bracketed ?? plain!), port: parsePort(port!) };
}

/** Reads `*` (any address), an address, or a name. */
export function parseHost(text: string): NamedHost {
  if (text === '*') return { host: null, address: null, zone: null };
  if (/^[\d.]+$/.test(text) || text.includes(':')) return { host: null, ...parseZonedAddress(text) };
  if (!/^[A-Za-z][\w-]*$/.test(text))
    throw new ConfigError(`'${text}' is neither an address nor the name of a host`, [], EXPECTED);
  return { host: text, address: null, zone: null };
}

/** Reads a port, 0-65535. */
export function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65535)
    throw new ConfigError(`'${text}' is not a port`, [], 'a whole number from 0 to 65535');
  return port;
}

export function formatEndpoint({ host, address, zone, port }: NamedEndpoint): string {
  if (address === null) return `${host ?? '*'}:${port}`;
  const text = endpointText(address, port);
  return zone === null ? text : text.replace(']', `%${zone}]`);
}
