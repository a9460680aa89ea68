/**
 * A reading position in a list of tokens, with the questions that a recursive-descent parser asks.
 * Every failure names the place, what stands there and what was expected.
 */

import type { ScriptFamily } from '../family.ts';
import type { Token } from '../lexer.ts';
import { ScriptError, type SourceText } from '../source.ts';

export class Cursor {
  readonly source: SourceText;
  /** What the script runs in: some words mean other numbers in the other one. */
  readonly family: ScriptFamily;
  /** The script itself says that it is about this family. */
  readonly isFamilyOwn: boolean;
  readonly #tokens: readonly Token[];
  #next = 0;

  /** @param tokens ends with a token of kind 'end' */
  constructor(source: SourceText, tokens: readonly Token[], family: ScriptFamily, isFamilyOwn: boolean) {
    this.source = source;
    this.family = family;
    this.isFamilyOwn = isFamilyOwn;
    this.#tokens = tokens;
  }

  /** The token `ahead` of the next one, without taking it. */
  peek(ahead: number = 0): Token {
    return this.#tokens[Math.min(this.#next + ahead, this.#tokens.length - 1)]!;
  }

  take(): Token {
    const token = this.peek();
    if (token.kind !== 'end') this.#next++;
    return token;
  }

  isMark(text: string, ahead: number = 0): boolean {
    const token = this.peek(ahead);
    return token.kind === 'mark' && token.text === text;
  }

  isWord(text: string): boolean {
    const token = this.peek();
    return token.kind === 'atom' && token.text === text;
  }

  /** Takes the mark if it is next. @returns whether it was */
  skipMark(text: string): boolean {
    if (!this.isMark(text)) return false;
    this.#next++;
    return true;
  }

  skipWord(text: string): boolean {
    if (!this.isWord(text)) return false;
    this.#next++;
    return true;
  }

  expectMark(text: string): Token {
    if (!this.isMark(text)) this.failHere(`'${text}'`);
    return this.take();
  }

  expectWord(text: string): void {
    if (!this.skipWord(text)) this.failHere(`'${text}'`);
  }

  /** A run of letters, digits and underscores. */
  expectAtom(what: string): Token {
    if (this.peek().kind !== 'atom') this.failHere(what);
    return this.take();
  }

  /** An integer in [min, max], decimal or with 0x. */
  expectInteger(what: string, min: number, max: number): number {
    const token = this.peek();
    const value = token.kind === 'atom' ? integerOf(token.text) : null;
    if (value === null) this.failHere(what);
    if (value < min || value > max) {
      this.fail(token.at, `${token.text} is out of range`, `${what} from ${min} to ${max}`);
    }
    this.take();
    return value;
  }

  /** Stops at the next token. */
  failHere(expected: string): never {
    const token = this.peek();
    const found = token.kind === 'end' ? 'the script ends here' : `unexpected ${describe(token)}`;
    this.fail(token.at, found, expected);
  }

  fail(at: number, problem: string, expected?: string): never {
    throw new ScriptError(this.source, at, problem, expected);
  }
}

/** The value of `17` or `0x11`, or null when `text` is no integer. */
export function integerOf(text: string): number | null {
  return /^(\d+|0[xX][0-9a-fA-F]+)$/.test(text) ? Number(text) : null;
}

function describe(token: Token): string {
  if (token.kind === 'shell' || token.kind === 'code') return `${token.kind} block`;
  if (token.kind === 'string') return 'string';
  return `'${token.text}'`;
}
