/**
 * From anything to a complete Scenario, or to the problems that keep it from being one: all of them, structure and
 * references alike, each with its place.
 */
import * as v from 'valibot';
import type { Finding, Path } from './check/context.ts';
import { checkScenario } from './check/scenario.ts';
import { type Located, type Plain, plainOf, spanAt } from './document/located.ts';
import type { Problem } from './document/problem.ts';
import type { Span } from './document/source.ts';
import { problemsOf } from './schema/issues.ts';
import { type Scenario, ScenarioSchema } from './schema/scenario.ts';

export type Parsed =
  | { readonly ok: true; readonly scenario: Scenario }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** @param root the scenario as located data, with everything that it extends already beneath it */
export function parseScenario(root: Located): Parsed {
  const data = plainOf(root);
  const result = v.safeParse(ScenarioSchema, data);
  const structure = result.success ? [] : problemsOf(root, result.issues);
  const references = result.success
    ? checkScenario(result.output, data as Record<string, Plain>).map((finding) => place(root, finding))
    : checkSoundPart(root, data, result.issues);
  const problems = [...structure, ...references];
  if (!result.success || problems.length > 0) return { ok: false, problems };
  return { ok: true, scenario: deepFreeze(result.output) };
}

/**
 * Checks the references of what is without faults: a fault in one link hides neither a wrong name in another nor one
 * in a program.
 */
function checkSoundPart(root: Located, data: Plain, issues: readonly v.BaseIssue<unknown>[]): Problem[] {
  if (data === null || typeof data !== 'object' || Array.isArray(data)) return [];
  const { rest, kept } = withoutFaults(data, issues);
  const result = v.safeParse(ScenarioSchema, rest);
  if (!result.success) return [];
  return checkScenario(result.output, data).map((finding) => {
    const [section, index, ...inner] = finding.path;
    const original = typeof index === 'number' ? kept.get(String(section))?.[index] : undefined;
    return place(
      root,
      original === undefined ? finding : { ...finding, path: [section!, original, ...inner] },
    );
  });
}

/**
 * The data without the keys and entries that have faults.
 * @returns also, for each list that lost entries, the old indexes of the entries that it kept
 */
function withoutFaults(data: { [key: string]: Plain }, issues: readonly v.BaseIssue<unknown>[]) {
  const rest: Record<string, Plain> = { ...data };
  const kept = new Map<string, number[]>();
  const faulty = new Map<string, Set<string>>();
  for (const { path } of issues) {
    const [section, entry] = (path ?? []).map((item) => String(item.key));
    if (section === undefined) continue;
    faulty.set(section, (faulty.get(section) ?? new Set()).add(entry ?? ''));
  }
  for (const [section, entries] of faulty) {
    const content = rest[section];
    if (Array.isArray(content)) {
      const indexes = [...content.keys()].filter((index) => !entries.has(String(index)));
      kept.set(section, indexes);
      rest[section] = indexes.map((index) => content[index]!);
    } else if (section !== 'outputs' && typeof content === 'object' && content !== null && !entries.has('')) {
      rest[section] = Object.fromEntries(Object.entries(content).filter(([name]) => !entries.has(name)));
    } else delete rest[section];
  }
  return { rest: { title: 'untitled', ...rest }, kept };
}

function place(root: Located, { path, message, expected, suggestion, atKey, word }: Finding): Problem {
  const span = spanAt(root, path, atKey);
  return {
    path: path as Path,
    message,
    expected,
    suggestion,
    span: word === undefined ? span : wordIn(span, word),
  };
}

/** The stretch of a value that is a certain word, where it is written literally. */
function wordIn(span: Span, word: string): Span {
  const written = span.source.text.slice(span.start, span.end);
  const match = new RegExp(`(?<![\\w-])${word.replaceAll(/[^\w-]/g, '\\$&')}(?![\\w-])`).exec(written);
  if (match === null) return span;
  return {
    source: span.source,
    start: span.start + match.index,
    end: span.start + match.index + word.length,
  };
}

/** Freezes plain maps and lists; objects of classes (addresses) are immutable by themselves. */
function deepFreeze<T>(value: T): T {
  if (value === null || typeof value !== 'object') return value;
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null && !Array.isArray(value)) return value;
  for (const part of Object.values(value)) deepFreeze(part);
  return Object.freeze(value);
}
