/** What people read of a run: a table by category, and each difference with all that led to it. */
import type { Value } from './case.ts';
import { asObject, differingFields } from './compare.ts';
import type { CategoryCount, Difference, SocketCorpusOutcome } from './run.ts';

const WHAT: Readonly<Record<string, string>> = {
  A: 'bind conflicts',
  B: 'lookups, backlog, groups, multicast',
  C: 'random programs',
  D: 'errno tables',
  E: 'ephemeral ports',
  T: 'TCP segments, TIME-WAIT, ICMP',
  V: 'IPv6 and dual stack',
};

const FIELD_NAMES: Readonly<Record<string, string>> = {
  r: 'value',
  l: 'local name',
  p: 'peer name',
  from: 'sender',
  ts: 'new TCP states',
  rx: 'received',
  q: 'accept queues that grew',
  err: 'new errors',
  o: 'packets sent',
};

/** Lines of a table: category, passed, failed, not covered; and the operations that the specification does not have. */
export function formatCategories(outcome: SocketCorpusOutcome): string[] {
  const rows = [...outcome.categories].sort(([a], [b]) => (a < b ? -1 : 1));
  const head = row('', 'passed', 'failed', 'not covered', '');
  const lines = [head, ...rows.map(([name, count]) => categoryRow(name, count))];
  return outcome.beyond.size === 0 ? lines : [...lines, `beyond the specification: ${beyondText(outcome)}`];
}

/** Operations, and how many cases are compared up to the first of them only. */
function beyondText({ beyond }: SocketCorpusOutcome): string {
  const rows = [...beyond].sort(([, a], [, b]) => b - a);
  return rows.map(([name, count]) => `${name} (${count} cases)`).join(', ');
}

/** A difference: the case, its operations up to the one that differs, what was expected and what came. */
export function formatDifference({ corpusCase, against, at, got }: Difference): string[] {
  const { id, title, operations, results } = corpusCase;
  const sysctls = Object.entries(corpusCase.sysctls).map(([name, value]) => ` ${name}="${value}"`);
  const lines = [`${id} (${against}): ${title}${sysctls.join('')}`];
  for (let i = 0; i < at; i++) {
    lines.push(`  ${String(i).padStart(3)}  ${operationText(operations[i]!)} -> ${text(results[i])}`);
  }
  lines.push(`> ${String(at).padStart(3)}  ${operationText(operations[at]!)}`);
  const expected = asObject(results[at]!) as unknown as Record<string, unknown>;
  const came = asObject(got) as unknown as Record<string, unknown>;
  for (const field of differingFields(results[at]!, got)) {
    const name = FIELD_NAMES[field] ?? field;
    lines.push(`         ${name}: expected ${text(expected[field])}`);
    lines.push(`         ${' '.repeat(name.length)}  got      ${text(came[field])}`);
  }
  return lines;
}

function categoryRow(name: string, { passed, failed, notCovered }: CategoryCount): string {
  return row(name, String(passed), String(failed), String(notCovered), WHAT[name] ?? '');
}

function row(name: string, passed: string, failed: string, notCovered: string, what: string): string {
  const numbers = `${passed.padStart(8)}${failed.padStart(8)}${notCovered.padStart(13)}`;
  return `${name.padEnd(3)}${numbers}  ${what}`.trimEnd();
}

function operationText(operation: readonly unknown[]): string {
  return operation.map((part) => (typeof part === 'string' ? part : JSON.stringify(part))).join(' ');
}

function text(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value as Value);
}
