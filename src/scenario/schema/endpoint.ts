/** `10.0.0.1:80`, `[fd00::1]:80`, `server:80`, `*:80`: an address or the name of a host of the scenario, and a port. */
import { ANY_V4, IpAddress } from '../../packet/ip-address.ts';
import { ConfigError } from '../../sim/errors.ts';

/** An endpoint as written. `host` is a name that the scenario must know; exactly one of the two is not null. */
export interface NamedEndpoint {
  readonly host: string | null;
  readonly address: IpAddress | null;
  readonly port: number;
}

const EXPECTED = 'an address or host with a port, as in 10.0.0.1:80 or server:80';

/** @throws ConfigError when it is none */
export function parseEndpoint(text: string): NamedEndpoint {
  const match = /^(?:\[([^\]\s]+)\]|([^:\s]+)):(\S+)$/.exec(text.trim());
  if (match === null) throw new ConfigError(`'${text}' is not an endpoint`, [], EXPECTED);
  const [, bracketed, plain, port] = match as unknown as [string, string?, string?, string?];
  return { ...parseHost(bracketed ?? plain!), port: parsePort(port!) };
}

/** Reads `*` (any address), an address, or a name. */
export function parseHost(text: string): Pick<NamedEndpoint, 'host' | 'address'> {
  if (text === '*') return { host: null, address: ANY_V4 };
  if (/^[\d.]+$/.test(text) || text.includes(':')) return { host: null, address: IpAddress.parse(text) };
  if (!/^[A-Za-z][\w-]*$/.test(text))
    throw new ConfigError(`'${text}' is neither an address nor the name of a host`, [], EXPECTED);
  return { host: text, address: null };
}

/** Reads a port, 0-65535. */
export function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65535)
    throw new ConfigError(`'${text}' is not a port`, [], 'a whole number from 0 to 65535');
  return port;
}

export function formatEndpoint({ host, address, port }: NamedEndpoint): string {
  return address?.family === 6 ? `[${address}]:${port}` : `${host ?? address}:${port}`;
}
