/**
 * Names sockets as a socket table does: `tcp 10.0.0.1:80 10.0.0.2:5678`, local end first, `*` for anything. `tcp` is a
 * socket of either family, `tcp6` one of AF_INET6, whose IPv4 addresses are mapped: `tcp6 [::ffff:10.0.0.1]:80`.
 */
import { IpAddress } from '../../packet/ip-address.ts';
import { ConfigError } from '../../sim/errors.ts';
import { parsePort } from './endpoint.ts';

/** An end of a socket; null = anything. */
export interface EndPattern {
  readonly address: IpAddress | null;
  readonly port: number | null;
}

const PROTOCOLS = ['tcp', 'udp', 'tcp6', 'udp6'] as const;

export interface SocketPattern {
  readonly protocol: (typeof PROTOCOLS)[number];
  readonly local: EndPattern;
  readonly remote: EndPattern;
}

const EXPECTED = 'protocol, local end, remote end, * for anything, as in tcp 10.0.0.1:80 *:*';

/** Reads a protocol and one or two ends; a missing remote end may be anything. */
export function parseSocketPattern(text: string): SocketPattern {
  const words = text.trim().split(/\s+/);
  const [word, local, remote] = words;
  const protocol = PROTOCOLS.find((known) => known === word);
  if (protocol === undefined || local === undefined || words.length > 3)
    throw new ConfigError(`'${text}' does not name a socket`, [], EXPECTED);
  return { protocol, local: parseEndPattern(local), remote: parseEndPattern(remote ?? '*:*') };
}

export function formatSocketPattern({ protocol, local, remote }: SocketPattern): string {
  return `${protocol} ${formatEndPattern(local)} ${formatEndPattern(remote)}`;
}

/** @param address of the socket @param port of the socket */
export function endMatches(pattern: EndPattern, address: IpAddress, port: number): boolean {
  return (
    (pattern.address === null || pattern.address === address) &&
    (pattern.port === null || pattern.port === port)
  );
}

function parseEndPattern(text: string): EndPattern {
  const match = /^(?:(\*|[\d.]+)|\[([^\]\s]+)\]):(\*|\d+)$/.exec(text);
  if (match === null) throw new ConfigError(`'${text}' is not the end of a socket`, [], EXPECTED);
  const [, plain, bracketed, port] = match as unknown as [string, string?, string?, string?];
  return {
    address: plain === '*' ? null : IpAddress.parse(bracketed ?? plain!),
    port: port === '*' ? null : parsePort(port!),
  };
}

function formatEndPattern({ address, port }: EndPattern): string {
  return `${address?.family === 6 ? `[${address}]` : (address ?? '*')}:${port ?? '*'}`;
}
