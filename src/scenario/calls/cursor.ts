/** Walks along the tokens of one call; every refusal has its place. */

import { ConfigError } from '../../sim/errors.ts';
import type { Nanos } from '../../sim/time.ts';
import { parseDuration } from '../../sim/time.ts';
import { TextError, unknownWord } from '../document/text-error.ts';
import { type Token, tokenize } from '../filter/tokens.ts';
import { type NamedEndpoint, parseEndpoint } from '../schema/endpoint.ts';
import { parseSize } from '../schema/units.ts';

export class CallCursor {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(text: string) {
    this.#tokens = tokenize(text, ['(', ')', ',', '=', '|']);
  }

  peek(ahead: number = 0): Token {
    return this.#tokens[Math.min(this.#at + ahead, this.#tokens.length - 1)]!;
  }

  next(): Token {
    const token = this.peek();
    if (token.kind !== 'end') this.#at++;
    return token;
  }

  /** Takes a punctuation mark when it is next. */
  takeMark(mark: string): boolean {
    const token = this.peek();
    if (token.kind !== 'mark' || token.text !== mark) return false;
    this.#at++;
    return true;
  }

  expectMark(mark: string): void {
    if (!this.takeMark(mark)) throw this.unexpected(this.peek(), `'${mark}'`);
  }

  word(expected: string): Token {
    const token = this.next();
    if (token.kind !== 'word') throw this.unexpected(token, expected);
    return token;
  }

  /** A name of a variable. */
  variable(): string {
    const token = this.word('the name of a socket');
    if (!/^[A-Za-z]\w*$/.test(token.text)) throw this.unexpected(token, 'the name of a socket, such as s');
    return token.text;
  }

  number(expected: string): number {
    const token = this.word(expected);
    if (!/^-?\d{1,15}$/.test(token.text)) throw this.unexpected(token, expected);
    return Number(token.text);
  }

  oneOf<T extends string>(what: string, known: readonly T[]): T {
    const token = this.word(known.join(', '));
    const found = known.find((candidate) => candidate === token.text);
    if (found === undefined) throw unknownWord(what, token.text, token.offset, known);
    return found;
  }

  endpoint(): NamedEndpoint {
    return this.read('an address or host with a port, as in 10.0.0.1:80', parseEndpoint);
  }

  duration(): Nanos {
    return this.read('a duration, as in 10ms', parseDuration);
  }

  size(): number {
    return this.read('a size, as in 1000B or 64KiB', (text) =>
      /^\d{1,9}$/.test(text) ? Number(text) : parseSize(text),
    );
  }

  /** Words joined by `|`, each with its bits. */
  bits(what: string, known: Readonly<Record<string, number>>): number {
    let bits = 0;
    do {
      const word = this.oneOf(what, Object.keys(known));
      bits |= known[word]!;
    } while (this.takeMark('|'));
    return bits;
  }

  read<T>(expected: string, reader: (text: string) => T): T {
    const token = this.word(expected);
    try {
      return reader(token.text);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      throw new TextError(error.message, token.offset, token.length, error.expected);
    }
  }

  unexpected(token: Token, expected: string): TextError {
    const what = token.kind === 'end' ? 'the call ends too early' : `'${token.text}' cannot stand here`;
    return new TextError(what, token.offset, token.length, expected);
  }
}
