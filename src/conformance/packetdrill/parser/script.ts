/**
 * A whole script: options, the block that runs before time 0, timed events, the block that runs at the end. Words
 * that `--define=WORD=value` (or the caller) defines are replaced as they are met.
 */
import type { Action, EventTime, Script, ScriptEvent, ScriptOption, ShellBlock } from '../ast.ts';
import {
  FAMILY_OF_IP_VERSION,
  familyOfName,
  refuseOtherName,
  refuseOtherShell,
  refuseOtherWord,
  type ScriptFamily,
} from '../family.ts';
import { type Token, tokenize } from '../lexer.ts';
import { parsePython } from '../python/parser.ts';
import { parseShell } from '../shell/parser.ts';
import type { SourceText } from '../source.ts';
import { refuseOtherCookie } from '../standard-defines.ts';
import { Cursor } from './cursor.ts';
import { parsePacket } from './packet.ts';
import { parseSystemCall } from './system-call.ts';
import { isTime, parseEndTime, parseTime } from './time.ts';

/** How a script is to be read. */
export interface ParseOptions {
  /** Words and what stands for them, by the family that the script runs in. Default: none. */
  readonly defines?: (family: ScriptFamily) => ReadonlyMap<string, string>;
  /** Default: what the script says itself, by `--ip_version` or by its name; else 'ipv4'. */
  readonly family?: ScriptFamily;
}

/**
 * Parses a script.
 * @throws ScriptError for anything that is not in the language; NotApplicable when it names another family than its own
 */
export function parseScript(source: SourceText, { defines, family: asked }: ParseOptions = {}): Script {
  const tokens = tokenize(source);
  const options = tokens.filter((token) => token.kind === 'option').map(parseOption);
  const own = ownFamily(options);
  const family = asked ?? own ?? (familyOfName(source.name) === 6 ? 'ipv6' : 'ipv4');
  refuseOtherName(source, family);
  const words = withOwnDefines(options, defines?.(family) ?? new Map());
  const written = tokens.slice(options.length);
  for (const { kind, at, text } of written) if (kind === 'atom') refuseOtherCookie(source, at, text, family);
  const body = substitute(written, words);
  for (const { kind, at, inner, text } of body) {
    if (kind === 'atom') refuseOtherWord(source, at, text, family);
    else if (kind === 'shell') refuseOtherShell(source, inner, text, family);
  }
  const cursor = new Cursor(source, body, family, family === own || familyOfName(source.name) !== null);
  const init = parseBlock(cursor);
  const events: ScriptEvent[] = [];
  while (isTime(cursor)) events.push(parseEvent(cursor));
  if (events.length === 0) cursor.failHere('an event: a time, then what happens');
  const cleanup = parseBlock(cursor);
  if (cursor.peek().kind !== 'end') cursor.failHere('the time of the next event, or the end of the script');
  return { source, family, options, init, events, cleanup };
}

/** What `--ip_version` of the script says; a value that means nothing is for `readOptions` to refuse. */
function ownFamily(options: readonly ScriptOption[]): ScriptFamily | null {
  const version = options.findLast(({ name }) => name === 'ip_version');
  return FAMILY_OF_IP_VERSION.get(version?.value ?? '') ?? null;
}

function parseOption(token: Token): ScriptOption {
  const equals = token.text.indexOf('=');
  const name = equals < 0 ? token.text : token.text.slice(0, equals);
  return { at: token.at, name, value: equals < 0 ? '' : token.text.slice(equals + 1) };
}

function withOwnDefines(
  options: readonly ScriptOption[],
  defines: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> {
  const all = new Map(defines);
  for (const { name, value } of options) {
    const equals = value.indexOf('=');
    if (name === 'define' && equals > 0 && !defines.has(value.slice(0, equals)))
      all.set(value.slice(0, equals), value.slice(equals + 1));
  }
  return all;
}

/** A defined word becomes a string ("…"), a shell block (`…`) or another word. */
function substitute(tokens: readonly Token[], defines: ReadonlyMap<string, string>): Token[] {
  return tokens.map((token) => {
    const value = token.kind === 'atom' ? defines.get(token.text) : undefined;
    if (value === undefined) return token;
    const quoted = /^"([\s\S]*)"$/.exec(value);
    if (quoted !== null) return { ...token, kind: 'string' as const, text: quoted[1]! };
    const shell = /^`([\s\S]*)`$/.exec(value);
    if (shell !== null) return { ...token, kind: 'shell' as const, text: shell[1]! };
    return { ...token, text: value };
  });
}

function parseBlock(cursor: Cursor): ShellBlock | null {
  const token = cursor.peek();
  if (token.kind !== 'shell') return null;
  cursor.take();
  return { kind: 'shell', at: token.at, program: parseShell(cursor.source, token.text, token.inner) };
}

function parseEvent(cursor: Cursor): ScriptEvent {
  const { at } = cursor.peek();
  const time = parseTime(cursor);
  const action = parseAction(cursor, time);
  if (time.kind === 'any' || time.to !== null) {
    const isOutbound = (action.kind === 'tcp' || action.kind === 'icmp') && action.direction === 'out';
    if (!isOutbound) cursor.fail(at, 'only an outbound packet may come at any time or within a range');
  }
  return { at, time, action };
}

function parseAction(cursor: Cursor, time: EventTime): Action {
  const end = parseEndTime(cursor, time);
  if (end !== null) return parseSystemCall(cursor, end);
  if (cursor.isMark('<') || cursor.isMark('>')) return parsePacket(cursor);
  const block = parseBlock(cursor);
  if (block !== null) return block;
  const token = cursor.peek();
  if (token.kind === 'code') {
    cursor.take();
    return { kind: 'code', at: token.at, program: parsePython(cursor.source, token.text, token.inner) };
  }
  return parseSystemCall(cursor, null);
}
