/** Cases of socket behaviour on the machine, the executable specification, or both. */
import { formatCategories, formatDifference } from '../../conformance/sockets/report.ts';
import { runSocketCorpus } from '../../conformance/sockets/run.ts';
import type { CaseFile } from '../case-files.ts';
import type { FileOutcome, Settings } from './outcome.ts';

export function runSockets(file: CaseFile, settings: Settings): FileOutcome {
  const { show, ...options } = settings;
  const outcome = runSocketCorpus(file.lines, { ...options, file: file.path });
  const { passed, failed, notCovered, differences } = outcome;
  return {
    passed,
    failed,
    notCovered,
    table: formatCategories(outcome),
    differences: differences.slice(0, show).map(formatDifference),
    failures: differences.map(({ corpusCase, against, at, got }) => ({
      id: corpusCase.id,
      against,
      operation: at,
      expected: corpusCase.results[at],
      got,
    })),
  };
}
