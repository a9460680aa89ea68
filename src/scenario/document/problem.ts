/**
 * A problem with a user's input, and how it is shown: `file:line:column`, what is wrong, the line with a caret
 * under it, what was expected, and the nearest valid word.
 */
import type { Span } from './source.ts';

export interface Problem {
  /** What is wrong, without a full stop. */
  readonly message: string;
  /** Where; null for input without text, such as a scenario made in TypeScript. */
  readonly span: Span | null;
  /** Keys and indexes that lead to the value: shown where there is no span. */
  readonly path: readonly (string | number)[];
  /** What may stand there. */
  readonly expected?: string | undefined;
  /** The nearest valid word. */
  readonly suggestion?: string | undefined;
}

/** More than this many problems are counted instead of shown. */
const SHOWN_AT_MOST = 20;
const EXCERPT_WIDTH = 100;

/** All problems as a person reads them, in the order of the text. */
export function formatProblems(problems: readonly Problem[], name: string): string {
  const sorted = problems.toSorted(byPosition);
  const shown = sorted.slice(0, SHOWN_AT_MOST).map((problem) => formatProblem(problem, name));
  const hidden = sorted.length - shown.length;
  if (hidden > 0) shown.push(`... and ${hidden} more ${hidden === 1 ? 'problem' : 'problems'}`);
  return shown.join('\n\n');
}

/** @param name what the input is called when the problem has no span of its own */
export function formatProblem(problem: Problem, name: string): string {
  const lines: string[] = [];
  const { span } = problem;
  if (span === null || !span.source.hasText) {
    const at = problem.path.length > 0 ? ` at ${problem.path.join('.')}` : '';
    lines.push(`${span?.source.name ?? name}: ${problem.message}${at}`);
  } else {
    const { line, column } = span.source.position(span.start);
    lines.push(`${span.source.name}:${line}:${column}: ${problem.message}`, ...excerpt(span, line, column));
  }
  if (problem.expected !== undefined) lines.push(`  expected: ${problem.expected}`);
  if (problem.suggestion !== undefined) lines.push(`  did you mean '${problem.suggestion}'?`);
  return lines.join('\n');
}

/** The line of the span with carets below it; a window of a line that is very long. */
function excerpt(span: Span, line: number, column: number): string[] {
  const text = span.source.line(line);
  if (text.trim() === '') return [];
  const from = column > EXCERPT_WIDTH - 20 ? column - 40 : 1;
  const window = printable(text.slice(from - 1, from - 1 + EXCERPT_WIDTH));
  const before = from > 1 ? '…' : '';
  const after = text.length > from - 1 + EXCERPT_WIDTH ? '…' : '';
  const gutter = String(line);
  const blank = ' '.repeat(gutter.length);
  const indent = ' '.repeat(before.length + column - from);
  const room = EXCERPT_WIDTH - (column - from);
  const carets = '^'.repeat(Math.max(1, Math.min(span.end - span.start, text.length - column + 1, room)));
  return [` ${gutter} | ${before}${window}${after}`, ` ${blank} | ${indent}${carets}`];
}

/** Control characters as one visible unit each: an excerpt must not act on the terminal, nor shift the caret. */
function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones to be made harmless
  return text.replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\ufffe\uffff]/g, (unit) =>
    unit === '\t' ? ' ' : '·',
  );
}

function byPosition(a: Problem, b: Problem): number {
  if (a.span === null || b.span === null) return Number(b.span === null) - Number(a.span === null);
  if (a.span.source !== b.span.source) return a.span.source.name < b.span.source.name ? -1 : 1;
  return a.span.start - b.span.start;
}
