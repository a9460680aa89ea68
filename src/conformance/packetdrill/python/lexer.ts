/**
 * Tokens of Python expressions. A newline ends a statement unless brackets are open or a backslash stands before
 * it; indentation means nothing, since the subset has no blocks.
 */
import { ScriptError, type SourceText } from '../source.ts';

export interface PythonToken {
  readonly kind: 'name' | 'number' | 'string' | 'mark' | 'newline' | 'end';
  readonly text: string;
  readonly at: number;
  readonly end: number;
}

const PATTERN =
  /(?<blank>[ \t\r\f]+|\\\r?\n|#[^\n]*)|(?<newline>\n)|(?<number>0[xX][0-9a-fA-F]+|\d+\.\d*|\.\d+|\d+)|(?<name>[A-Za-z_]\w*)|(?<string>'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*")|(?<mark>==|!=|<=|>=|<<|>>|\/\/|[-+*/%&|^~()<>=,;])/y;

/** @param base offset of `code` within the script's text */
export function tokenizePython(source: SourceText, code: string, base: number): PythonToken[] {
  const tokens: PythonToken[] = [];
  let depth = 0;
  let at = 0;
  while (at < code.length) {
    PATTERN.lastIndex = at;
    const found = PATTERN.exec(code);
    if (found === null) {
      throw new ScriptError(source, base + at, `'${code[at]}' is not in this subset of Python`);
    }
    const text = found[0];
    const place = { text, at: base + at, end: base + at + text.length };
    const groups = found.groups!;
    if (text === '(') depth++;
    if (text === ')') depth--;
    if (groups.newline !== undefined) {
      if (depth <= 0) tokens.push({ kind: 'newline', ...place });
    } else if (groups.number !== undefined) tokens.push({ kind: 'number', ...place });
    else if (groups.name !== undefined) tokens.push({ kind: 'name', ...place });
    else if (groups.string !== undefined) tokens.push({ kind: 'string', ...place });
    else if (groups.mark !== undefined) tokens.push({ kind: 'mark', ...place });
    at += text.length;
  }
  tokens.push({ kind: 'end', text: '', at: base + code.length, end: base + code.length });
  return tokens;
}
