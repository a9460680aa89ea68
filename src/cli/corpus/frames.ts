/** Cases of frames that go into a host, router or switch, and of what comes out. */
import { formatFailure, formatTopics } from '../../conformance/frames/report.ts';
import { runFrameCorpus } from '../../conformance/frames/run.ts';
import type { CaseFile } from '../case-files.ts';
import { UsageError } from '../exit.ts';
import type { FileOutcome, Settings } from './outcome.ts';

export function runFrames(file: CaseFile, { against, show, ...options }: Settings): FileOutcome {
  if (against !== 'machine')
    throw new UsageError(
      `${file.path}: frames can only be put to the machine\n  expected: --against machine`,
    );
  const outcome = runFrameCorpus(file.lines, { ...options, file: file.path });
  const { passed, failed, failures } = outcome;
  return {
    passed,
    failed,
    notCovered: 0,
    table: formatTopics(outcome),
    differences: failures.slice(0, show).map(formatFailure),
    failures: failures.map(({ recorded, differences }) => ({ id: recorded.id, differences })),
  };
}
