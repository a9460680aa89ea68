/** The tokens of the filter and call languages: words, strings in double quotes, and punctuation, with their places. */
import { TextError } from '../document/text-error.ts';

export interface Token {
  readonly kind: 'word' | 'string' | 'mark' | 'end';
  /** A word or mark as written; the contents of a string. */
  readonly text: string;
  readonly offset: number;
  readonly length: number;
}

const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  r: '\r',
  t: '\t',
  0: '\0',
  '\\': '\\',
  '"': '"',
};

/**
 * @param marks punctuation, longer ones before their beginnings
 * @returns the tokens, closed by one of kind 'end'
 * @throws TextError for a string without an end or an unknown escape
 */
export function tokenize(text: string, marks: readonly string[]): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    const next = readToken(text, at, marks);
    if (next !== null) tokens.push(next);
    at += next === null ? 1 : next.length;
  }
  tokens.push({ kind: 'end', text: '', offset: text.length, length: 0 });
  return tokens;
}

/** @returns the token at an offset, or null for white space */
function readToken(text: string, at: number, marks: readonly string[]): Token | null {
  if (/\s/.test(text[at]!)) return null;
  if (text[at] === '"') return readString(text, at);
  const mark = marks.find((candidate) => text.startsWith(candidate, at));
  if (mark !== undefined) return { kind: 'mark', text: mark, offset: at, length: mark.length };
  let end = at + 1;
  while (end < text.length && !/[\s"]/.test(text[end]!) && !marks.some((mark) => text.startsWith(mark, end)))
    end++;
  return { kind: 'word', text: text.slice(at, end), offset: at, length: end - at };
}

function readString(text: string, start: number): Token {
  let value = '';
  let at = start + 1;
  while (at < text.length && text[at] !== '"') {
    if (text[at] === '\\') {
      const unit = ESCAPES[text[at + 1] ?? ''];
      if (unit === undefined)
        throw new TextError(
          `unknown escape '${text.slice(at, at + 2)}'`,
          at,
          2,
          '\\n, \\r, \\t, \\0, \\\\ or \\"',
        );
      value += unit;
      at += 2;
    } else value += text[at++];
  }
  if (at >= text.length) throw new TextError('the string has no end', start, at - start, 'a closing "');
  return { kind: 'string', text: value, offset: start, length: at + 1 - start };
}
