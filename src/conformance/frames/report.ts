/** What people read of a run of frame cases: a table by topic, and each failed case with all that led to its difference. */
import type { FailedCase, FrameCorpusOutcome } from './run.ts';

/** Lines of a table: topic, passed, failed. */
export function formatTopics({ topics }: FrameCorpusOutcome): string[] {
  const width = Math.max(5, ...[...topics.keys()].map((topic) => topic.length));
  const row = (name: string, passed: unknown, failed: unknown) =>
    `${name.padEnd(width)}${String(passed).padStart(8)}${String(failed).padStart(8)}`;
  const rows = [...topics].sort(([a], [b]) => (a < b ? -1 : 1));
  return [
    row('', 'passed', 'failed'),
    ...rows.map(([name, { passed, failed }]) => row(name, passed, failed)),
  ];
}

/** The case, its steps up to the first that differs, and every field that differs there. */
export function formatFailure({ recorded, differences }: FailedCase): string[] {
  const { id, t, m, cfg, steps } = recorded;
  const at = differences[0]!.step;
  const title = [`${id}, machine ${m}`, t ?? '', cfg === undefined ? '' : JSON.stringify(cfg)];
  const lines = [title.filter((part) => part !== '').join(': ')];
  for (const [index, step] of steps.slice(0, at + 1).entries())
    lines.push(`${index === at ? '>' : ' '} ${String(index).padStart(3)}  ${JSON.stringify(step)}`);
  for (const { where, expected, got } of differences.filter(({ step }) => step === at)) {
    lines.push(`         ${where}: expected ${text(expected)}`);
    lines.push(`         ${' '.repeat(where.length)}  got      ${text(got)}`);
  }
  return lines;
}

function text(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value);
}
