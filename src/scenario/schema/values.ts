/** The schema's words for single values: durations, rates, sizes, addresses, endpoints, filters. */
import * as v from 'valibot';
import { IpAddress } from '../../packet/ip-address.ts';
import { MacAddress } from '../../packet/mac-address.ts';
import { parsePrefix } from '../../packet/prefix.ts';
import { ConfigError } from '../../sim/errors.ts';
import { type Nanos, parseDuration } from '../../sim/time.ts';
import { parseFilter } from '../filter/parse.ts';
import { parseEndpoint } from './endpoint.ts';
import { notation } from './table.ts';
import { parseIndexes, parsePercentage, parseQueueLimit, parseRate, parseSize } from './units.ts';

const TIME_UNITS = ['ns', 'us', 'ms', 's', 'min', 'h'];
const RATE_UNITS = ['bps', 'kbps', 'Mbps', 'Gbps'];
const SIZE_UNITS = ['B', 'kB', 'KiB', 'MB', 'MiB', 'GB', 'GiB'];
/** As many digits as the text form reads. */
const MAX_INDEX = 999_999_999;
const NUMBER = '(\\d+(\\.\\d+)?|\\.\\d+)';

export const duration = notation(
  'a duration with its unit, as in 10ms',
  parseDuration,
  `^${NUMBER} ?(ns|us|µs|ms|s|min|h)$`,
  TIME_UNITS,
);
/** A time of the run, which begins at 0s. */
export const instant = notation(
  'a time of the run, as in 2s',
  readInstant,
  `^${NUMBER} ?(ns|us|µs|ms|s|min|h)$`,
  TIME_UNITS,
);
export const rate = notation(
  'a bit rate with its unit, as in 100Mbps',
  parseRate,
  `^(unlimited|${NUMBER} ?(bps|kbps|Mbps|Gbps))$`,
  RATE_UNITS,
);
export const size = notation(
  'a size with its unit, as in 64KiB',
  parseSize,
  `^${NUMBER} ?(B|kB|KiB|MB|MiB|GB|GiB)$`,
  SIZE_UNITS,
);
export const queueLimit = notation(
  'a number of packets or a size, as in 100 packets or 64KiB',
  parseQueueLimit,
  `^(\\d+ packets?|${NUMBER} ?(B|kB|KiB|MB|MiB|GB|GiB))$`,
  SIZE_UNITS,
);
export const percentage = notation('a probability, as in 1.5%', parsePercentage, `^${NUMBER} ?%$`);
export const address = notation(
  'an IPv4 address, as in 10.0.0.1',
  IpAddress.parseV4,
  '^(\\d{1,3}\\.){3}\\d{1,3}$',
);
export const address6 = notation(
  'an IPv6 address, as in fd00::1',
  readIpv6,
  '^[0-9a-fA-F:.]*:[0-9a-fA-F:.]*$',
);
export const prefix = notation(
  'an address with its prefix length, as in 10.0.0.1/24 or fd00::1/64',
  parsePrefix,
  '^((\\d{1,3}\\.){3}\\d{1,3}/\\d{1,2}|[0-9a-fA-F:.]*:[0-9a-fA-F:.]*/\\d{1,3})$',
);
export const mac = notation(
  'a MAC address, as in 02:00:00:00:00:0a',
  MacAddress.parse,
  '^[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){5}$',
);
/** Where to go: `10.0.0.1:80`, or a host of the scenario by name, `server:80`. */
export const endpoint = notation(
  'an address or host with a port, as in 10.0.0.1:80 or server:80',
  parseEndpoint,
);
export const filter = notation('a packet filter, as in tcp and dst port 80', parseFilter);
export const port = v.pipe(
  v.number('a port from 1 to 65535'),
  v.integer('a port from 1 to 65535'),
  v.minValue(1, 'a port from 1 to 65535'),
  v.maxValue(65535, 'a port from 1 to 65535'),
);
const indexNumber = v.pipe(
  v.number('a number'),
  v.integer('packets are counted with whole numbers'),
  v.minValue(1, 'packets are counted from 1'),
  v.maxValue(MAX_INDEX, `a number up to ${MAX_INDEX}`),
  v.transform((index): readonly number[] => [index]),
);
const indexText = notation(
  'packets by number, as in 1, 3, 5-8',
  parseIndexes,
  '^ *\\d+( *- *\\d+)?( *, *\\d+( *- *\\d+)?)* *$',
);
/** Which packets of those that match: `1, 3, 5-8`, one number, or a list: `[1, 3, 5-8]`. */
export const indexes = v.union([
  indexNumber,
  indexText,
  v.pipe(
    v.array(v.union([indexNumber, indexText])),
    v.minLength(1, 'at least one number'),
    v.transform((parts): readonly number[] => [...new Set(parts.flat())].sort((a, b) => a - b)),
  ),
]);
/** The name of something else in the scenario. */
export const reference = v.pipe(v.string('a name'), v.minLength(1, 'a name is missing'));
/** How many: a whole number from 0. */
export const count = v.pipe(
  v.number('a whole number'),
  v.integer('a whole number'),
  v.minValue(0, 'a number that is not negative'),
);

function readIpv6(text: string): IpAddress {
  const read = IpAddress.parse(text);
  if (read.family === 4)
    throw new ConfigError(`'${text}' is an IPv4 address`, [], 'an IPv6 address, as in fd00::1');
  return read;
}

function readInstant(text: string): Nanos {
  if (/^\s*-\s*[\d.]/.test(text))
    throw new ConfigError(`'${text}' lies in the past`, [], 'a time of the run, which begins at 0s');
  return parseDuration(text);
}
