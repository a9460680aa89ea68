/** Static routes in the words of ip-route(8): `10.2.0.0/16 via 10.1.0.1 dev eth0 metric 5`, `blackhole 10.9.0.0/16`. */
import { ANY_V4, ANY_V6, IpAddress } from '../../packet/ip-address.ts';
import { type Prefix, parsePrefix } from '../../packet/prefix.ts';
import { ConfigError } from '../../sim/errors.ts';

export type RouteKind = 'unicast' | 'blackhole' | 'unreachable' | 'prohibit';

export interface StaticRoute {
  readonly kind: RouteKind;
  readonly to: Prefix;
  readonly via: IpAddress | null;
  readonly device: string | null;
  readonly metric: number;
}

const REFUSING: readonly RouteKind[] = ['blackhole', 'unreachable', 'prohibit'];
const EXPECTED = 'a route as ip-route writes it, as in 10.2.0.0/16 via 10.1.0.1, or blackhole 10.9.0.0/16';

/** @throws ConfigError when the text is no route */
export function parseRoute(text: string): StaticRoute {
  const words = text.trim().split(/\s+/);
  const refusing = REFUSING.find((kind) => kind === words[0]);
  if (refusing !== undefined) words.shift();
  const destination = words.shift() ?? '';
  const options = readOptions(words, text);
  const to = parseDestination(destination, options.via, text);
  if (options.via !== null && options.via.family !== to.address.family)
    throw new ConfigError(`'${text}' mixes IPv4 and IPv6`, [], EXPECTED);
  const kind = refusing ?? 'unicast';
  if ((kind === 'unicast') !== (options.via !== null || options.device !== null))
    throw new ConfigError(`'${text}' does not say where packets go`, [], EXPECTED);
  return { kind, to, ...options };
}

/** The default route is of the family of its gateway, and of IPv4 without one. */
function parseDestination(word: string, via: IpAddress | null, text: string): Prefix {
  if (word === 'default') return { address: via?.family === 6 ? ANY_V6 : ANY_V4, length: 0 };
  if (word === '') throw new ConfigError(`'${text}' is not a route`, [], EXPECTED);
  return parsePrefix(word);
}

function readOptions(words: readonly string[], text: string): Pick<StaticRoute, 'via' | 'device' | 'metric'> {
  let via: IpAddress | null = null;
  let device: string | null = null;
  let metric = 0;
  for (let i = 0; i < words.length; i += 2) {
    const value = words[i + 1];
    if (value === undefined) throw new ConfigError(`'${text}' ends after '${words[i]}'`, [], EXPECTED);
    if (words[i] === 'via') via = IpAddress.parse(value);
    else if (words[i] === 'dev') device = value;
    else if (words[i] === 'metric' && /^\d{1,9}$/.test(value)) metric = Number(value);
    else throw new ConfigError(`'${words[i]} ${value}' is not part of a route`, [], EXPECTED);
  }
  return { via, device, metric };
}
