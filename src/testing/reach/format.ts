/** Coverage as a table for people: each kind with its share, what was reached how often, and what was not. */
import { COVERAGE_KINDS } from './catalogue.ts';
import type { CoverageReport } from './protocol-coverage.ts';

export function formatCoverage(report: CoverageReport): string {
  const lines = COVERAGE_KINDS.flatMap((kind) => {
    const { reached, missed, percent } = report.kinds[kind];
    const total = reached.length + missed.length;
    const width = Math.max(...[...reached, ...missed].map(({ name }) => name.length));
    const line = (count: string, name: string, says: string) =>
      `  ${count.padStart(7)}  ${name.padEnd(width)}  ${says}`.trimEnd();
    return [
      `${kind}: ${reached.length} of ${total}, ${percent}%`,
      ...reached.map(({ count, name, says }) => line(String(count), name, says)),
      ...missed.map(({ name, says }) => line('-', name, says)),
    ];
  });
  return [...lines, `all: ${report.percent}%`].join('\n');
}
