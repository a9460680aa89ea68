/** What a user's check answered: nothing, or true, is well. */
import { ConfigError } from '../../sim/errors.ts';

/**
 * @param whose as in `the check of 'a deposit is made once'`
 * @throws ConfigError for a promise, for which nobody waits; Error when the answer is false
 */
export function requireYes(answer: unknown, whose: string): void {
  if (isPromise(answer)) {
    answer.then(undefined, () => {}); // nobody hears what it comes to
    const expected = 'a check that is not async: the run is over when it is called';
    throw new ConfigError(`${whose} returned a promise, and nobody waits for it`, [], expected);
  }
  if (answer === false) throw new Error(`${whose} returned false`);
}

export function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}
