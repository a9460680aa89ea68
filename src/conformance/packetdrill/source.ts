/**
 * The text of one script and the errors that point into it. Every message about a script is `file:line:column`,
 * what was expected there and, where a word looks misspelt, the nearest valid one.
 */
import { ConfigError } from '../../sim/errors.ts';
import { nearest } from '../../sim/nearest.ts';

/** A place in a script, both counted from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** A script as text, with its name for messages. */
export class SourceText {
  /** As the user wrote it: `own/rst/exact_sequence.pkt`. */
  readonly name: string;
  readonly text: string;
  /** Offsets at which lines begin; made when first asked for. */
  #lineStarts: number[] | null = null;

  constructor(name: string, text: string) {
    this.name = name;
    this.text = text;
  }

  /** Line and column of an offset. */
  place(at: number): Place {
    const starts = this.#starts();
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (starts[middle]! <= at) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: at - starts[low]! + 1 };
  }

  /** The line that holds an offset, and a caret under the offset's column. */
  excerpt(at: number): string {
    const { line, column } = this.place(at);
    const start = this.#starts()[line - 1]!;
    const newline = this.text.indexOf('\n', start);
    const text = this.text.slice(start, newline < 0 ? this.text.length : newline).replaceAll('\t', ' ');
    return `${text}\n${' '.repeat(column - 1)}^`;
  }

  #starts(): number[] {
    if (this.#lineStarts === null) {
      this.#lineStarts = [0];
      for (let i = this.text.indexOf('\n'); i >= 0; i = this.text.indexOf('\n', i + 1))
        this.#lineStarts.push(i + 1);
    }
    return this.#lineStarts;
  }
}

/** A script that cannot be run: its text is not in the language, or asks for something that this runner has not. */
export class ScriptError extends ConfigError {
  readonly source: SourceText;
  readonly place: Place;
  /** The offending line with a caret. */
  readonly excerpt: string;

  constructor(source: SourceText, at: number, problem: string, expected?: string) {
    const place = source.place(Math.min(at, source.text.length));
    const tail = expected === undefined ? '' : `; expected ${expected}`;
    super(`${source.name}:${place.line}:${place.column}: ${problem}${tail}`, [], expected);
    this.name = 'ScriptError';
    this.source = source;
    this.place = place;
    this.excerpt = source.excerpt(Math.min(at, source.text.length));
  }
}

/** `; did you mean 'X'?`, or nothing when no valid word is near. */
export function suggestion(word: string, valid: Iterable<string>): string {
  const like = nearest(word, valid);
  return like === null ? '' : `; did you mean '${like}'?`;
}
