/** An error at a place inside a short text of its own grammar (a filter, a call), for a caret under the very word. */
import { ConfigError } from '../../sim/errors.ts';
import { nearest } from '../../sim/nearest.ts';

export class TextError extends ConfigError {
  /** Where in the text the trouble begins, and how long it is (UTF-16 units). */
  readonly offset: number;
  readonly length: number;
  readonly suggestion: string | undefined;

  constructor(
    message: string,
    offset: number,
    length: number,
    expected?: string,
    suggestion?: string | undefined,
  ) {
    super(message, [], expected);
    this.offset = offset;
    this.length = length;
    this.suggestion = suggestion;
  }
}

/** An error about a word that is none of `known`. */
export function unknownWord(what: string, word: string, offset: number, known: readonly string[]): TextError {
  const like = nearest(word, known) ?? undefined;
  return new TextError(`unknown ${what} '${word}'`, offset, word.length, known.join(', '), like);
}
