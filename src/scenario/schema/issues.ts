/** Turns what valibot says about a value into problems as people read them: where, what, what instead. */
import type * as v from 'valibot';
import { nearest } from '../../sim/nearest.ts';
import { type Located, type LocatedMap, spanAt } from '../document/located.ts';
import type { Problem } from '../document/problem.ts';
import type { Span } from '../document/source.ts';
import { TextError } from '../document/text-error.ts';
import { UNKNOWN_KEY } from './table.ts';

type Issue = v.BaseIssue<unknown>;
type Path = readonly (string | number)[];

/** An issue whose own path begins at `above`: what a union says of its parts is relative to it. */
interface Blamed {
  readonly issue: Issue;
  readonly above: Path;
}

/** How people call the types that valibot expects. */
const TYPES: Readonly<Record<string, string>> = {
  Object: 'a map',
  Array: 'a list',
  string: 'text',
  number: 'a number',
  boolean: 'true or false',
  null: 'null',
};

/** Nobody reads more; a file of nonsense may have a hundred thousand. */
const MAX_PROBLEMS = 1000;

/** @param root the data that was judged @param issues what valibot found in it */
export function problemsOf(root: Located, issues: readonly Issue[]): Problem[] {
  return issues.slice(0, MAX_PROBLEMS).flatMap((issue) => {
    const best = issue.type === 'union' ? likeliest(issue, []) : [{ issue, above: [] }];
    return best.map((each) => problemOf(root, each.issue, each.above));
  });
}

/**
 * A union failed in each of its alternatives: which one did the user mean? One that has the type of the value and
 * fails further inside; when all refuse the type, one problem names them all.
 */
function likeliest(union: Issue, above: Path): Blamed[] {
  const inner = union.issues ?? [];
  const inside = inner.filter((issue) => !isTypeMismatch(issue));
  if (inside.length > 0) {
    const here = [...above, ...pathOf(union)];
    return inside.flatMap((issue) =>
      issue.type === 'union' ? likeliest(issue, here) : [{ issue, above: here }],
    );
  }
  const expected = [...new Set(inner.map((issue) => expectedWords(issue)))].join(', or ');
  return [{ issue: { ...union, message: `Invalid type: ${expected}`, expected }, above }];
}

function isTypeMismatch(issue: Issue): boolean {
  return issue.kind === 'schema' && (issue.path?.length ?? 0) === 0;
}

function problemOf(root: Located, issue: Issue, above: Path): Problem {
  const last = issue.path?.at(-1);
  const path = [...above, ...pathOf(issue)];
  if (last?.type === 'unknown') return notationProblem(root, path, issue, last.key);
  const key = path.at(-1);
  if (issue.message === UNKNOWN_KEY) {
    const known = issue.expected?.split(', ') ?? [];
    return {
      message: `unknown key '${key}'`,
      span: spanAt(root, path, true),
      path,
      expected: known.join(', '),
      suggestion: nearest(String(key), known) ?? undefined,
    };
  }
  if (last?.origin === 'key' && issue.received === 'undefined') {
    return { message: `the key '${key}' is missing`, span: headOf(root, path.slice(0, -1)), path };
  }
  if (last?.origin === 'key') {
    return { message: `'${key}' is no name`, span: spanAt(root, path, true), path, expected: issue.message };
  }
  return valueProblem(root, path, issue);
}

function valueProblem(root: Located, path: Path, issue: Issue): Problem {
  const located = locatedAt(root, path);
  const found = located === null ? 'nothing' : wordsFor(located);
  const words = [...(issue.expected ?? '').matchAll(/"([^"]*)"/g)].map((match) => match[1]!);
  if (words.length > 0) {
    const value = located?.kind === 'scalar' ? String(located.value) : null;
    const isMissing = located === null;
    return {
      message: isMissing ? `the key '${path.at(-1)}' is missing` : `${found} cannot stand here`,
      span: isMissing ? headOf(root, path.slice(0, -1)) : spanAt(root, path),
      path,
      expected: words.join(', '),
      suggestion: value === null ? undefined : (nearest(value, words) ?? undefined),
    };
  }
  return {
    message: `${found} cannot stand here`,
    span: spanAt(root, path),
    path,
    expected: expectedWords(issue),
  };
}

/** A reader of ours refused a text: its error may know the place within. */
function notationProblem(root: Located, path: Path, issue: Issue, error: unknown): Problem {
  const whole = spanAt(root, path);
  const isPlaced = error instanceof TextError;
  return {
    message: issue.message,
    span: isPlaced ? within(whole, String(issue.input), error) : whole,
    path,
    expected: issue.expected === '' || issue.expected === null ? undefined : issue.expected,
    suggestion: isPlaced ? error.suggestion : undefined,
  };
}

/** The part of a scalar that an error means, when the scalar is written without escapes and folds. */
function within(span: Span, text: string, error: TextError): Span {
  if (error.length === text.length) return span;
  const written = span.source.text.slice(span.start, span.end);
  const quote = written.startsWith(text) ? 0 : written.slice(1).startsWith(text) ? 1 : -1;
  if (quote < 0) return span;
  const start = span.start + quote + error.offset;
  return { source: span.source, start, end: start + Math.max(1, error.length) };
}

function expectedWords(issue: Issue): string {
  if (!issue.message.startsWith('Invalid ')) return issue.message;
  if (issue.type === 'union') return issue.expected ?? '';
  return TYPES[issue.expected ?? ''] ?? issue.expected ?? 'something else';
}

function wordsFor(located: Located): string {
  if (located.kind === 'map') return 'a map';
  if (located.kind === 'list') return 'a list';
  if (located.value === null) return 'nothing';
  if (typeof located.value === 'string') return `'${shortened(located.value)}'`;
  if (typeof located.value === 'function') return 'a function';
  return typeof located.value === 'number' ? `the number ${located.value}` : String(located.value);
}

function shortened(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ');
  return line.length > 40 ? `${line.slice(0, 39)}…` : line;
}

function locatedAt(root: Located, path: Path): Located | null {
  let here: Located | undefined = root;
  for (const step of path) {
    if (here?.kind === 'map') here = here.entries.get(String(step))?.value;
    else if (here?.kind === 'list') here = here.items[Number(step)];
    else return here ?? null; // a shorthand: the text stands for the map that it becomes
  }
  return here ?? null;
}

/** The beginning of a map, where something is missing: its key when it has one, else its first key. */
function headOf(root: Located, path: Path): Span {
  const map = locatedAt(root, path);
  const first = map?.kind === 'map' ? ([...(map as LocatedMap).entries.values()][0]?.key ?? null) : null;
  const name = path.at(-1);
  if (typeof name === 'string') return spanAt(root, path, true);
  return first ?? spanAt(root, path);
}

function pathOf(issue: Issue): Path {
  return (issue.path ?? [])
    .filter((item) => item.type !== 'unknown')
    .map((item) => item.key as string | number);
}
