/**
 * Where a value was written: a stretch of a source text, or something without text such as an option of the
 * command line. All positions that people see are made here.
 */

/** A text that a user wrote, under the name by which they know it. */
export class Source {
  readonly name: string;
  readonly text: string;
  /** False for values that were made by a program: their places are paths, not lines. */
  readonly hasText: boolean;
  #lineStarts: number[] | null = null;

  /** @param text null when there is none */
  constructor(name: string, text: string | null) {
    this.name = name;
    this.text = text ?? '';
    this.hasText = text !== null;
  }

  /** 1-based line and column (in UTF-16 units) of an offset. */
  position(offset: number): { line: number; column: number } {
    const starts = this.#starts();
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (starts[middle]! <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - starts[low]! + 1 };
  }

  /** The text of a 1-based line, without its end. */
  line(number: number): string {
    const starts = this.#starts();
    const start = starts[number - 1];
    if (start === undefined) return '';
    const end = starts[number] ?? this.text.length + 1;
    return this.text.slice(start, end - 1).replace(/\r$/, '');
  }

  #starts(): number[] {
    if (this.#lineStarts !== null) return this.#lineStarts;
    const starts = [0];
    for (let i = this.text.indexOf('\n'); i >= 0; i = this.text.indexOf('\n', i + 1)) starts.push(i + 1);
    this.#lineStarts = starts;
    return starts;
  }
}

/** A stretch of a source: offsets into its text. */
export interface Span {
  readonly source: Source;
  readonly start: number;
  /** Behind the last unit; equal to `start` where there is nothing to underline. */
  readonly end: number;
}
