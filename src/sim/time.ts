/**
 * Simulated time: integer nanoseconds in a `number`, exact up to 2^53 ns (104 days).
 * Text such as `1.5ms` is read and written here and nowhere else.
 */
import { ConfigError } from './errors.ts';

/** An instant or a span in integer nanoseconds. */
export type Nanos = number;

export const MICROSECOND: Nanos = 1_000;
export const MILLISECOND: Nanos = 1_000_000;
export const SECOND: Nanos = 1_000_000_000;
/** The instant that never comes: the deadline of a timer that is off. */
export const NEVER: Nanos = Number.POSITIVE_INFINITY;

const UNITS: Readonly<Record<string, Nanos>> = {
  ns: 1,
  us: MICROSECOND,
  µs: MICROSECOND,
  ms: MILLISECOND,
  s: SECOND,
  min: 60 * SECOND,
  h: 3600 * SECOND,
};

/**
 * Reads a span such as `10ms`, `1.5 s` or `2min`.
 * @returns integer nanoseconds, rounded to the nearest
 * @throws ConfigError when there is no number, no known unit, or the span is beyond 104 days
 */
export function parseDuration(text: string): Nanos {
  const match = /^\s*(\d+(?:\.\d+)?|\.\d+)\s*([a-zµ]+)\s*$/.exec(text);
  const unit = match === null ? undefined : UNITS[match[2]!];
  if (match === null || unit === undefined) {
    throw new ConfigError(
      `'${text}' is not a duration`,
      [],
      'a number with a unit: ns, us, ms, s, min or h, as in 10ms',
    );
  }
  const ns = Math.round(Number(match[1]) * unit);
  if (!Number.isSafeInteger(ns))
    throw new ConfigError(`'${text}' is beyond 104 days`, [], 'at most 9007199s');
  return ns;
}

/** Writes a span in the largest unit that shows it exactly: `1.5ms`, `250ns`, `3s`. */
export function formatDuration(ns: Nanos): string {
  if (ns === NEVER) return 'never';
  if (ns < 0) return `-${formatDuration(-ns)}`;
  if (ns >= SECOND || ns === 0) return `${trimmed(ns / SECOND, 9)}s`;
  if (ns >= MILLISECOND) return `${trimmed(ns / MILLISECOND, 6)}ms`;
  if (ns >= MICROSECOND) return `${trimmed(ns / MICROSECOND, 3)}us`;
  return `${ns}ns`;
}

/** Writes an instant in seconds with all nine decimals, as captures do: `1.000000123`. */
export function formatTime(ns: Nanos): string {
  const seconds = Math.floor(ns / SECOND);
  return `${seconds}.${String(ns - seconds * SECOND).padStart(9, '0')}`;
}

function trimmed(value: number, decimals: number): string {
  return value.toFixed(decimals).replace(/\.?0+$/, '');
}
