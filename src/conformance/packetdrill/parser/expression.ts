/**
 * Arguments of system calls: integers, words from the symbol table, `A|B`, strings, `...`, lists `[…]`,
 * structures `{name=value, …}` and the few functions that stand for addresses (`htons(80)`).
 */
import type { Expression, StructField } from '../ast.ts';
import { suggestion } from '../source.ts';
import { symbolNames, symbolValue } from '../symbols.ts';
import { type Cursor, integerOf } from './cursor.ts';

/** Nesting beyond this is nobody's script. */
const DEEPEST = 20;

const FUNCTIONS = ['htons', 'htonl', 'inet_addr', 'inet_pton'];

/** Expressions up to a closing mark, which is taken. */
export function parseArguments(cursor: Cursor, close: string, depth: number = 0): Expression[] {
  const items: Expression[] = [];
  if (cursor.skipMark(close)) return items;
  do items.push(parseExpression(cursor, depth + 1));
  while (cursor.skipMark(','));
  cursor.expectMark(close);
  return items;
}

function parseExpression(cursor: Cursor, depth: number): Expression {
  let left = parseOperand(cursor, depth);
  while (cursor.isMark('|')) {
    cursor.take();
    const right = parseOperand(cursor, depth);
    if (left.kind !== 'number' || right.kind !== 'number') {
      cursor.fail(left.at, "'|' joins numbers", 'two numbers or names of numbers');
    }
    left = { kind: 'number', at: left.at, value: (left.value | right.value) >>> 0, word: null };
  }
  return left;
}

function parseOperand(cursor: Cursor, depth: number): Expression {
  const token = cursor.peek();
  const { at } = token;
  if (depth > DEEPEST) cursor.fail(at, 'this is nested too deeply');
  if (cursor.skipMark('...')) return { kind: 'ellipsis', at };
  if (cursor.skipMark('[')) return { kind: 'list', at, items: parseArguments(cursor, ']', depth) };
  if (cursor.skipMark('{')) return { kind: 'struct', at, fields: parseFields(cursor, depth) };
  if (cursor.skipMark('-')) {
    return { kind: 'number', at, value: -cursor.expectInteger('a number', 0, 0xffffffff), word: null };
  }
  if (token.kind === 'string') return parseString(cursor);
  if (token.kind === 'atom') return parseWord(cursor, depth);
  cursor.failHere('a value: a number, a name, a string, [list], {structure} or ...');
}

/** Adjacent strings are one. */
function parseString(cursor: Cursor): Expression {
  const { at } = cursor.peek();
  let value = '';
  while (cursor.peek().kind === 'string') value += cursor.take().text;
  return { kind: 'string', at, value };
}

function parseWord(cursor: Cursor, depth: number): Expression {
  const { at, text } = cursor.take();
  const integer = integerOf(text);
  if (integer !== null) {
    if (integer > Number.MAX_SAFE_INTEGER) cursor.fail(at, `${text} is out of range`);
    return { kind: 'number', at, value: integer, word: null };
  }
  if (cursor.isMark('(')) {
    if (!FUNCTIONS.includes(text)) {
      cursor.fail(at, `unknown function '${text}'${suggestion(text, FUNCTIONS)}`, FUNCTIONS.join(', '));
    }
    cursor.take();
    return { kind: 'apply', at, name: text, args: parseArguments(cursor, ')', depth) };
  }
  const value = symbolValue(text);
  if (value === null) cursor.fail(at, `unknown word '${text}'${suggestion(text, symbolNames())}`);
  return { kind: 'number', at, value, word: text };
}

function parseFields(cursor: Cursor, depth: number): StructField[] {
  const fields: StructField[] = [];
  if (cursor.skipMark('}')) return fields;
  do fields.push(parseField(cursor, depth + 1));
  while (cursor.skipMark(','));
  cursor.expectMark('}');
  return fields;
}

function parseField(cursor: Cursor, depth: number): StructField {
  const token = cursor.peek();
  const isNamed = token.kind === 'atom' && (cursor.isMark('=', 1) || isFieldWithArgument(cursor));
  if (!isNamed) return { at: token.at, name: '', argument: null, value: parseExpression(cursor, depth) };
  cursor.take();
  let argument: Expression | null = null;
  if (cursor.skipMark('(')) {
    argument = parseExpression(cursor, depth);
    cursor.expectMark(')');
  }
  cursor.expectMark('=');
  return { at: token.at, name: token.text, argument, value: parseExpression(cursor, depth) };
}

/** `msg_iov(2)=` and not `htons(80)`: the bracket holds one token and '=' follows it. */
function isFieldWithArgument(cursor: Cursor): boolean {
  return cursor.isMark('(', 1) && cursor.isMark(')', 3) && cursor.isMark('=', 4);
}
