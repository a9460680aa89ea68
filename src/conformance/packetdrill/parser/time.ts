/**
 * When an event happens: `T`, `+T`, `*`, `T1~T2`, `+T1~+T2`; and the `...end` of a blocking call. Seconds in
 * the script, integer nanoseconds in the tree.
 */
import type { Nanos } from '../../../sim/time.ts';
import type { EventTime } from '../ast.ts';
import type { Cursor } from './cursor.ts';

/** Scripts last at most this long: 30 days of virtual time, far within exact integers of nanoseconds. */
const LONGEST_SECONDS = 30 * 86400;

/** Does an event begin here? */
export function isTime(cursor: Cursor): boolean {
  const { kind } = cursor.peek();
  if (kind === 'decimal') return true;
  if (kind === 'atom') return /^\d+$/.test(cursor.peek().text);
  return cursor.isMark('+') || cursor.isMark('*');
}

export function parseTime(cursor: Cursor): EventTime {
  if (cursor.skipMark('*')) return { kind: 'any', from: 0, to: null };
  const relative = cursor.skipMark('+');
  const from = parseSeconds(cursor, 'a time in seconds, +seconds or *');
  let to: Nanos | null = null;
  const at = cursor.peek().at;
  if (cursor.skipMark('~')) {
    if (relative) cursor.expectMark('+');
    to = parseSeconds(cursor, 'the end of a time range');
    if (to < from) cursor.fail(at, 'this time range ends before it begins');
  }
  return { kind: relative ? 'relative' : 'absolute', from, to };
}

/** `...end` of a blocking call, or null. */
export function parseEndTime(cursor: Cursor, start: EventTime): Nanos | null {
  const { at } = cursor.peek();
  if (!cursor.skipMark('...')) return null;
  const end = parseSeconds(cursor, 'when the blocking call returns, in seconds');
  if (start.kind === 'any' || start.to !== null) cursor.fail(at, 'a blocking call starts at one exact time');
  if (end < start.from) cursor.fail(at, 'this call returns before it starts');
  return end;
}

function parseSeconds(cursor: Cursor, what: string): Nanos {
  const token = cursor.peek();
  if (token.kind !== 'decimal' && !(token.kind === 'atom' && /^\d+$/.test(token.text))) cursor.failHere(what);
  cursor.take();
  const seconds = Number(token.text);
  if (seconds > LONGEST_SECONDS) {
    cursor.fail(token.at, `${token.text} s is too late`, `at most ${LONGEST_SECONDS} s`);
  }
  return Math.round(seconds * 1e9);
}
