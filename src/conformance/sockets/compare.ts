/**
 * Are two results the same? Field by field; the list of a SO_REUSEPORT group is no field of its own: it says between
 * which sockets the kernel's hash could choose, and the runner has repeated the recorded choice.
 */
import type { Result, ResultObject, Value } from './case.ts';

export function sameResult(expected: Result, got: Result): boolean {
  return canonical(expected) === canonical(got);
}

/** A result as an object: a bare value is its `r`. */
export function asObject(result: Result): ResultObject {
  return isObject(result) ? result : { r: result };
}

/** The socket that the result names as the winner: the first listener whose queue grew, else the first receiver. */
export function winnerOf(result: Result): number | null {
  if (!isObject(result)) return null;
  if (result.q !== undefined) return result.q[0]!;
  const first = result.rx?.[0];
  return Array.isArray(first) ? ((first as readonly Value[])[0] as number) : null;
}

export function isObject(result: Result): result is ResultObject {
  return typeof result === 'object' && !Array.isArray(result);
}

/** Names of the fields in which two results differ. */
export function differingFields(expected: Result, got: Result): string[] {
  const a = asObject(expected) as unknown as Record<string, unknown>;
  const b = asObject(got) as unknown as Record<string, unknown>;
  return FIELDS.filter((field) => JSON.stringify(a[field]) !== JSON.stringify(b[field]));
}

const FIELDS = ['r', 'l', 'p', 'from', 'ts', 'rx', 'q', 'err', 'o'];

function canonical(result: Result): string {
  const object = asObject(result) as unknown as Record<string, unknown>;
  return FIELDS.map((field) => JSON.stringify(object[field]) ?? '').join('|');
}
