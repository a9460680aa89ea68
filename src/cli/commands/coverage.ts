/** `fivetuple coverage`: what several runs reached together. */
import { ProtocolCoverage } from '../../testing/reach/protocol-coverage.ts';
import { EXIT_FAILED, EXIT_OK } from '../exit.ts';
import { writeResult } from '../output.ts';
import { coverageGoal, coverageText, readCoverage, reportCoverage } from '../report/coverage.ts';
import type { Terminal } from '../terminal.ts';

export interface CoverageFlags {
  readonly json?: string;
  readonly minCoverage?: string;
}

/** @returns 1 when the goal is missed @throws UsageError */
export function coverage(files: readonly string[], flags: CoverageFlags, terminal: Terminal): number {
  const goal = flags.minCoverage === undefined ? null : coverageGoal(flags.minCoverage);
  const all = new ProtocolCoverage();
  for (const file of files) all.merge(readCoverage(file));
  const isMet = reportCoverage(all, goal, terminal, flags.json === '-');
  if (flags.json !== undefined) writeResult(flags.json, coverageText(all), terminal);
  return isMet ? EXIT_OK : EXIT_FAILED;
}
