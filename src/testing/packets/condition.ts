/** What may stand in a matcher instead of a value: `tcp({ dstPort: between(1, 1023), ttl: not(64) })`. */

/** A predicate with words for reports. Make your own with {@link satisfies}. */
export interface Condition<T> {
  /** As it is shown behind `expected`: `at least 3`. */
  readonly text: string;
  test(value: T): boolean;
}

/** A value, or a condition on it. */
export type Expected<Written, Value = Written> = Written | Condition<Value>;

/** Any condition of one's own. @param text its words, as in `expected an even port` */
export function satisfies<T>(text: string, test: (value: T) => boolean): Condition<T> {
  return { text, test };
}

/** `value >= least` */
export function atLeast(least: number): Condition<number> {
  return { text: `at least ${least}`, test: (value) => value >= least };
}

/** `value <= most` */
export function atMost(most: number): Condition<number> {
  return { text: `at most ${most}`, test: (value) => value <= most };
}

/** Both bounds belong to it. */
export function between(least: number, most: number): Condition<number> {
  return { text: `${least} to ${most}`, test: (value) => value >= least && value <= most };
}

/** One of these values; for texts as matchers show them: `anyOf('10.0.0.1', '10.0.0.2')`. */
export function anyOf<T extends number | string | boolean | null>(...values: readonly T[]): Condition<T> {
  return { text: `one of ${values.join(', ')}`, test: (value) => values.includes(value) };
}

/** Any value but this one. */
export function not<T extends number | string | boolean | null>(value: T): Condition<T> {
  return { text: `not ${value}`, test: (found) => found !== value };
}

export function isCondition(expected: unknown): expected is Condition<unknown> {
  return typeof expected === 'object' && expected !== null && 'test' in expected && 'text' in expected;
}
