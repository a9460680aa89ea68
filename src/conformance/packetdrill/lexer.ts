/**
 * Words of the script language. Newlines mean nothing; `//` and block comments are skipped; back-quoted shell text
 * and `%{ }%` code come out whole. What a run of letters and digits means (an integer, a cookie in hexadecimal, a
 * name, a set of flags) is for the parser to say: here it is an 'atom'.
 */
import { ScriptError, type SourceText } from './source.ts';

export type TokenKind = 'atom' | 'decimal' | 'string' | 'shell' | 'code' | 'option' | 'mark' | 'end';

export interface Token {
  readonly kind: TokenKind;
  /** The characters, without quotes and with escapes resolved. */
  readonly text: string;
  /** Where the token begins, and where its `text` begins (behind an opening quote). */
  readonly at: number;
  readonly inner: number;
  readonly end: number;
}

/** Splits a script. @throws ScriptError for a comment, string or block that does not end */
export function tokenize(source: SourceText): Token[] {
  const tokens: Token[] = [];
  let at = skipBlanks(source, 0);
  let atTop = true;
  while (at < source.text.length) {
    const token = readToken(source, at, atTop);
    atTop = token.kind === 'option';
    tokens.push(token);
    at = skipBlanks(source, token.end);
  }
  tokens.push({ kind: 'end', text: '', at, inner: at, end: at });
  return tokens;
}

function readToken(source: SourceText, at: number, atTop: boolean): Token {
  const { text } = source;
  const char = text[at]!;
  if (atTop && text.startsWith('--', at)) return readOption(source, at);
  if (char === '`') return readDelimited(source, at, 'shell', 1, '`');
  if (text.startsWith('%{', at)) return readDelimited(source, at, 'code', 2, '}%');
  if (char === '"') return readString(source, at);
  if (text.startsWith('...', at)) return mark(at, '...');
  const decimal = match(DECIMAL, text, at);
  if (decimal !== null) return { kind: 'decimal', text: decimal, at, inner: at, end: at + decimal.length };
  const atom = match(ATOM, text, at);
  if (atom !== null) return { kind: 'atom', text: atom, at, inner: at, end: at + atom.length };
  return mark(at, char);
}

/** `0.5` or `.5`, but not the `0` of `0...1`. */
const DECIMAL = /\d*\.\d+/y;
const ATOM = /[A-Za-z0-9_]+/y;

function match(pattern: RegExp, text: string, at: number): string | null {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? null;
}

function mark(at: number, text: string): Token {
  return { kind: 'mark', text, at, inner: at, end: at + text.length };
}

/** `--name=value`: ends at a blank outside quotes and back-quotes. */
function readOption(source: SourceText, at: number): Token {
  let end = at;
  let quote = '';
  for (; end < source.text.length; end++) {
    const char = source.text[end]!;
    if (quote !== '') {
      if (char === quote) quote = '';
    } else if (char === '"' || char === '`') quote = char;
    else if (/\s/.test(char)) break;
  }
  return { kind: 'option', text: source.text.slice(at + 2, end), at, inner: at + 2, end };
}

/** Text up to a closing mark; in shell text a backslash keeps a back-quote from closing it. */
function readDelimited(
  source: SourceText,
  at: number,
  kind: 'shell' | 'code',
  open: number,
  close: string,
): Token {
  const inner = at + open;
  let end = source.text.indexOf(close, inner);
  while (kind === 'shell' && end > inner && source.text[end - 1] === '\\')
    end = source.text.indexOf(close, end + 1);
  if (end < 0) throw new ScriptError(source, at, `this ${kind} block does not end`, `'${close}'`);
  return { kind, text: source.text.slice(inner, end), at, inner, end: end + close.length };
}

const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  '0': '\0',
  '\\': '\\',
  '"': '"',
  "'": "'",
  a: '\x07',
  b: '\b',
  f: '\f',
  v: '\v',
};

function readString(source: SourceText, at: number): Token {
  let text = '';
  let i = at + 1;
  for (; i < source.text.length && source.text[i] !== '"'; i++) {
    const char = source.text[i]!;
    if (char === '\n') break;
    if (char !== '\\') {
      text += char;
      continue;
    }
    const hex = match(HEX_ESCAPE, source.text, i);
    if (hex !== null) {
      text += String.fromCharCode(Number.parseInt(hex.slice(2), 16));
      i += hex.length - 1;
      continue;
    }
    const escaped = ESCAPES[source.text[i + 1] ?? ''];
    if (escaped === undefined) throw new ScriptError(source, i, 'unknown escape in a string', 'as in C');
    text += escaped;
    i++;
  }
  if (source.text[i] !== '"') throw new ScriptError(source, at, 'this string does not end', "'\"'");
  return { kind: 'string', text, at, inner: at + 1, end: i + 1 };
}

const HEX_ESCAPE = /\\x[0-9a-fA-F]{1,2}/y;
const BLANK = /\s+/y;

function skipBlanks(source: SourceText, from: number): number {
  const { text } = source;
  let at = from;
  for (;;) {
    at += match(BLANK, text, at)?.length ?? 0;
    if (text.startsWith('//', at)) {
      const newline = text.indexOf('\n', at);
      at = newline < 0 ? text.length : newline;
    } else if (text.startsWith('/*', at)) {
      const close = text.indexOf('*/', at + 2);
      if (close < 0) throw new ScriptError(source, at, 'this comment does not end', "'*/'");
      at = close + 2;
    } else return at;
  }
}
