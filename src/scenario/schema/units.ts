/**
 * Quantities as people write them: `1Gbps`, `64KiB`, `1.5%`. Durations are in `src/sim/time.ts`.
 * Each reader throws a ConfigError that says what is expected; each writer gives a text that reads back the same.
 */
import { ConfigError } from '../../sim/errors.ts';

const RATE_UNITS: readonly (readonly [string, number])[] = [
  ['Gbps', 1e9],
  ['Mbps', 1e6],
  ['kbps', 1e3],
  ['bps', 1],
];

const SIZE_UNITS: readonly (readonly [string, number])[] = [
  ['GiB', 1073741824],
  ['GB', 1e9],
  ['MiB', 1048576],
  ['MB', 1e6],
  ['KiB', 1024],
  ['kB', 1e3],
  ['B', 1],
];

const RATE_WORDS = 'a bit rate with its unit: bps, kbps, Mbps or Gbps, as in 100Mbps; or unlimited';
const SIZE_WORDS = 'a size with its unit: B, kB, KiB, MB, MiB, GB or GiB, as in 64KiB';

/** Reads `1.5Mbps`. @returns bits per second, rounded to the nearest; Infinity for `unlimited` */
export function parseRate(text: string): number {
  if (text.trim() === 'unlimited') return Number.POSITIVE_INFINITY;
  const rate = quantity(text, RATE_UNITS);
  if (rate === null || rate < 1) throw new ConfigError(`'${text}' is not a bit rate`, [], RATE_WORDS);
  return rate;
}

/** Writes bits per second in the largest unit that shows them exactly. */
export function formatRate(bitsPerSecond: number): string {
  return bitsPerSecond === Number.POSITIVE_INFINITY ? 'unlimited' : written(bitsPerSecond, RATE_UNITS);
}

/** Reads `64KiB`. @returns bytes, rounded to the nearest */
export function parseSize(text: string): number {
  const size = quantity(text, SIZE_UNITS);
  if (size === null) throw new ConfigError(`'${text}' is not a size`, [], SIZE_WORDS);
  return size;
}

/** Writes bytes in the largest unit that shows them as a whole number. */
export function formatSize(bytes: number): string {
  return written(bytes, SIZE_UNITS);
}

/** What a queue holds at most: packets or bytes. */
export interface QueueLimit {
  readonly packets?: number;
  readonly bytes?: number;
}

/** Reads `100 packets` or a size. */
export function parseQueueLimit(text: string): QueueLimit {
  const packets = /^\s*(\d+)\s*packets?\s*$/.exec(text);
  if (packets !== null) {
    const count = Number(packets[1]);
    if (Number.isSafeInteger(count)) return { packets: count };
  } else {
    const bytes = quantity(text, SIZE_UNITS);
    if (bytes !== null) return { bytes };
  }
  throw new ConfigError(
    `'${text}' is not a queue limit`,
    [],
    'a number of packets or a size, as in 100 packets or 64KiB',
  );
}

/** Reads `1.5%`. @returns a probability from 0 to 1 */
export function parsePercentage(text: string): number {
  const match = /^\s*(\d+(?:\.\d+)?|\.\d+)\s*%\s*$/.exec(text);
  const percent = match === null ? Number.NaN : Number(match[1]);
  if (!(percent >= 0 && percent <= 100))
    throw new ConfigError(`'${text}' is not a probability`, [], 'from 0% to 100%, as in 1.5%');
  return percent / 100;
}

/** Reads a list of numbers and ranges, each counted from 1: `1, 3, 5-8`. @returns them in rising order, each once */
export function parseIndexes(text: string): readonly number[] {
  const indexes = new Set<number>();
  for (const part of text.split(',')) {
    const match = /^\s*(\d{1,9})(?:\s*-\s*(\d{1,9}))?\s*$/.exec(part);
    const first = match === null ? 0 : Number(match[1]);
    const last = match?.[2] === undefined ? first : Number(match[2]);
    if (first < 1 || last < first || last - first >= MAX_RANGE)
      throw new ConfigError(
        `'${text}' does not number packets`,
        [],
        'numbers and ranges counted from 1, as in 1, 3, 5-8',
      );
    for (let index = first; index <= last; index++) indexes.add(index);
  }
  return [...indexes].sort((a, b) => a - b);
}

const MAX_RANGE = 100_000;

function quantity(text: string, units: readonly (readonly [string, number])[]): number | null {
  const match = /^\s*(\d+(?:\.\d+)?|\.\d+)\s*([A-Za-z]+)\s*$/.exec(text);
  const unit = match === null ? undefined : units.find(([name]) => name === match[2]);
  if (match === null || unit === undefined) return null;
  const value = Math.round(Number(match[1]) * unit[1]);
  return Number.isSafeInteger(value) ? value : null;
}

function written(value: number, units: readonly (readonly [string, number])[]): string {
  const [name, factor] = units.find(([, size]) => value % size === 0 && value > 0) ?? units.at(-1)!;
  return `${value / factor}${name}`;
}
