/** Values of options: what is wrong with them, what was expected, and the nearest valid word. */
import { ConfigError } from '../sim/errors.ts';
import { nearest } from '../sim/nearest.ts';
import { formatDuration, type Nanos, parseDuration } from '../sim/time.ts';
import { UsageError } from './exit.ts';

/** One of several words. @throws UsageError */
export function oneOf<T extends string>(option: string, value: string, words: readonly T[]): T {
  const found = words.find((word) => word === value);
  if (found !== undefined) return found;
  const like = nearest(value, words);
  const hint = like === null ? '' : `\n  did you mean '${like}'?`;
  throw new UsageError(
    `error: ${option} ${value}: there is no such thing\n  expected: ${words.join(', ')}${hint}`,
  );
}

/** A time of the run, at most `latest`. @throws UsageError */
export function instantOf(option: string, value: string, latest: Nanos): Nanos {
  let time: Nanos;
  try {
    time = parseDuration(value);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new UsageError(
      `error: ${option} ${value}: ${error.message}\n  expected: ${error.expected ?? 'a time'}`,
    );
  }
  if (time <= latest) return time;
  throw new UsageError(
    `error: ${option} ${value}: this is after the end of the run\n  expected: a time up to ${formatDuration(latest)}, or a later until:`,
  );
}

/** A whole number from `least` on. @throws UsageError */
export function wholeNumber(option: string, value: string, least: number): number {
  const number = Number(value);
  if (/^\d+$/.test(value) && Number.isSafeInteger(number) && number >= least) return number;
  throw new UsageError(`error: ${option} ${value}: not a count\n  expected: a whole number from ${least} on`);
}
