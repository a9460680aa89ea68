/** The result of one expectation. */

export interface Verdict {
  /** What was expected, in words. */
  readonly name: string;
  readonly ok: boolean;
  /** What was found. */
  readonly detail: string;
}

export interface Bounds {
  readonly count: number | null;
  readonly min: number | null;
  readonly max: number | null;
}

/** Is `count` what the bounds say? */
export function isWithin(count: number, { count: exact, min, max }: Bounds): boolean {
  if (exact !== null) return count === exact;
  return (min === null || count >= min) && (max === null || count <= max);
}

/** `exactly 3`, `at least 2 and at most 5`. */
export function boundsText({ count, min, max }: Bounds): string {
  if (count !== null) return count === 0 ? 'no' : `exactly ${count}`;
  if (min !== null && max !== null) return `${min} to ${max}`;
  return min !== null ? `at least ${min}` : `at most ${max}`;
}
