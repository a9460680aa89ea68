/** `name(arguments) = result [ERRNO] [(note)]`. The note is for people: it is skipped. */
import type { Nanos } from '../../../sim/time.ts';
import type { SystemCall } from '../ast.ts';
import { suggestion } from '../source.ts';
import { errnoValue, isSystemCall, SYSTEM_CALLS, symbolNames } from '../symbols.ts';
import { type Cursor, integerOf } from './cursor.ts';
import { parseArguments } from './expression.ts';

/** @param end when the call must return, if it blocks */
export function parseSystemCall(cursor: Cursor, end: Nanos | null): SystemCall {
  const { at, text: name } = cursor.expectAtom('a packet (< or >), a system call, a `command` or %{ code }%');
  if (!isSystemCall(name)) {
    cursor.fail(at, `unknown system call '${name}'${suggestion(name, SYSTEM_CALLS)}`);
  }
  cursor.expectMark('(');
  const args = parseArguments(cursor, ')');
  cursor.expectMark('=');
  const result = parseResult(cursor);
  const errno = parseErrno(cursor, result);
  skipNote(cursor);
  return { kind: 'call', at, name, args, end, result, errno };
}

function parseResult(cursor: Cursor): number {
  const sign = cursor.skipMark('-') ? -1 : 1;
  return sign * cursor.expectInteger('the result of the call', 0, Number.MAX_SAFE_INTEGER);
}

function parseErrno(cursor: Cursor, result: number): number | null {
  const token = cursor.peek();
  if (token.kind !== 'atom' || integerOf(token.text) !== null) return null;
  const errno = errnoValue(token.text);
  if (errno === null) {
    cursor.fail(
      token.at,
      `unknown errno '${token.text}'${suggestion(token.text, symbolNames())}`,
      'an errno such as EAGAIN',
    );
  }
  if (result !== -1) cursor.fail(token.at, 'only a call that gives -1 has an errno');
  cursor.take();
  return errno;
}

function skipNote(cursor: Cursor): void {
  if (!cursor.isMark('(')) return;
  const open = cursor.take();
  let depth = 1;
  while (depth > 0) {
    const token = cursor.take();
    if (token.kind === 'end') cursor.fail(open.at, 'this note does not end', "')'");
    if (token.kind === 'mark' && token.text === '(') depth++;
    if (token.kind === 'mark' && token.text === ')') depth--;
  }
}
