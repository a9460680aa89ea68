/** Coverage of the protocols on the command line: taken down in a run, merged from files, shown, held against a goal. */
import { readFileSync } from 'node:fs';
import type { CoverageKind } from '../../testing/reach/catalogue.ts';
import { COVERAGE_KINDS } from '../../testing/reach/catalogue.ts';
import { formatCoverage } from '../../testing/reach/format.ts';
import {
  type CoverageCounts,
  CoverageError,
  type CoverageGoal,
  type ProtocolCoverage,
} from '../../testing/reach/protocol-coverage.ts';
import { UsageError } from '../exit.ts';
import { requireFile } from '../input-file.ts';
import { jsonText } from '../output.ts';
import type { Terminal } from '../terminal.ts';

/** `80`, or `transitions=90,rules=50`. @throws UsageError */
export function coverageGoal(text: string): CoverageGoal {
  if (isPercentage(text)) return Number(text);
  const goal: Partial<Record<CoverageKind, number>> = {};
  for (const part of text.split(',')) {
    const [name, value = ''] = part.split('=') as [string, string?];
    const kind = COVERAGE_KINDS.find((one) => one === name);
    if (kind === undefined || !isPercentage(value))
      throw new UsageError(
        `error: --min-coverage ${text}: '${part}' is no goal\n  expected: per cent, as in 80 or ${COVERAGE_KINDS.join('=80,')}=80`,
      );
    goal[kind] = Number(value);
  }
  return goal;
}

/** Counts as {@link coverageText} writes them. @throws UsageError when the file is no such document */
export function readCoverage(path: string): CoverageCounts {
  requireFile(path, 'coverage as `fivetuple run --coverage` writes it');
  try {
    const { counts } = JSON.parse(readFileSync(path, 'utf8')) as { counts: CoverageCounts };
    if (COVERAGE_KINDS.every((kind) => typeof counts[kind] === 'object')) return counts;
  } catch {} // a file that is no JSON is no better than another document
  throw new UsageError(
    `${path}: not a coverage document\n  expected: what \`fivetuple run --coverage\` writes`,
  );
}

/** The document that {@link readCoverage} reads. */
export function coverageText(coverage: ProtocolCoverage): string {
  const { kinds, percent } = coverage.report();
  const shares = Object.fromEntries(COVERAGE_KINDS.map((kind) => [kind, kinds[kind].percent]));
  return jsonText({ percent: { all: percent, ...shares }, counts: coverage.counts() });
}

/** Prints the table, and what is short of the goal. @returns whether the goal was met */
export function reportCoverage(
  coverage: ProtocolCoverage,
  goal: CoverageGoal | null,
  terminal: Terminal,
  isQuiet: boolean = false,
): boolean {
  if (!isQuiet) terminal.out(`\nCoverage of the protocols\n${formatCoverage(coverage.report())}\n`);
  if (goal === null) return true;
  try {
    coverage.expectAtLeast(goal);
    return true;
  } catch (error) {
    if (!(error instanceof CoverageError)) throw error;
    terminal.err(`${error.message}\n`);
    return false;
  }
}

function isPercentage(text: string): boolean {
  return /^\d{1,3}$/.test(text) && Number(text) <= 100;
}
