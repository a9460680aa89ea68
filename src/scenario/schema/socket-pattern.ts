/** Names sockets as a socket table does: `tcp 10.0.0.1:80 10.0.0.2:5678`, local end first, `*` for anything. */
import { IpAddress } from '../../packet/ip-address.ts';
import { ConfigError } from '../../sim/errors.ts';
import { parsePort } from './endpoint.ts';

/** An end of a socket; null = anything. */
export interface EndPattern {
  readonly address: IpAddress | null;
  readonly port: number | null;
}

export interface SocketPattern {
  readonly protocol: 'tcp' | 'udp';
  readonly local: EndPattern;
  readonly remote: EndPattern;
}

const EXPECTED = 'protocol, local end, remote end, * for anything, as in tcp 10.0.0.1:80 *:*';

/** Reads a protocol and one or two ends; a missing remote end may be anything. */
export function parseSocketPattern(text: string): SocketPattern {
  const words = text.trim().split(/\s+/);
  const [protocol, local, remote] = words;
  if ((protocol !== 'tcp' && protocol !== 'udp') || local === undefined || words.length > 3)
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
  const match = /^(\*|[\d.]+):(\*|\d+)$/.exec(text);
  if (match === null) throw new ConfigError(`'${text}' is not the end of a socket`, [], EXPECTED);
  return {
    address: match[1] === '*' ? null : IpAddress.parse(match[1]!),
    port: match[2] === '*' ? null : parsePort(match[2]!),
  };
}

function formatEndPattern({ address, port }: EndPattern): string {
  return `${address ?? '*'}:${port ?? '*'}`;
}
