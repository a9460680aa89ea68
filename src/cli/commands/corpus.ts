/** `fivetuple corpus`: recorded cases, put to the simulated machine, with a table by category and the differences. */
import { type CaseFile, readCaseFile } from '../case-files.ts';
import type { FileOutcome, Settings } from '../corpus/outcome.ts';
import { EXIT_FAILED, EXIT_OK } from '../exit.ts';
import { oneOf, wholeNumber } from '../option-values.ts';
import { jsonText, writeResult } from '../output.ts';
import { Progress } from '../progress.ts';
import { painter, type Terminal } from '../terminal.ts';

/** Options as the command line gives them. */
export interface CorpusFlags {
  readonly only?: string;
  readonly against: string;
  readonly json?: string;
  readonly show: string;
}

const AGAINST = ['machine', 'spec', 'both'] as const;

/** @returns 0 when all cases passed, else 1 @throws UsageError, ConfigError for files that are no corpora */
export async function corpus(
  paths: readonly string[],
  flags: CorpusFlags,
  terminal: Terminal,
): Promise<number> {
  const against = oneOf('--against', flags.against, AGAINST);
  const show = wholeNumber('--show', flags.show, 0);
  const files = paths.map(readCaseFile);
  const total = files.reduce((sum, { lines }) => sum + lines.length, 0);
  const progress = new Progress(terminal, `of ${total} cases`);
  const outcomes: FileOutcome[] = [];
  for (const file of files) {
    const settings: Settings = {
      ...(flags.only === undefined ? {} : { only: flags.only }),
      against,
      show,
      onProgress: (done) => progress.show(done),
    };
    outcomes.push(await runFile(file, settings));
  }
  progress.clear();
  return report(files, outcomes, show, flags, terminal);
}

async function runFile(file: CaseFile, settings: Settings): Promise<FileOutcome> {
  if (file.kind === 'frames') return (await import('../corpus/frames.ts')).runFrames(file, settings);
  return (await import('../corpus/sockets.ts')).runSockets(file, settings);
}

function report(
  files: readonly CaseFile[],
  outcomes: readonly FileOutcome[],
  show: number,
  flags: CorpusFlags,
  terminal: Terminal,
): number {
  const paint = painter(terminal);
  const sum = (key: 'passed' | 'failed' | 'notCovered') =>
    outcomes.reduce((total, outcome) => total + outcome[key], 0);
  const [passed, failed, notCovered] = [sum('passed'), sum('failed'), sum('notCovered')];
  if (flags.json !== '-') {
    for (const [i, { table, differences }] of outcomes.entries()) {
      for (const lines of differences.slice(0, show)) terminal.out(`${lines.join('\n')}\n\n`);
      if (files.length > 1) terminal.out(`${paint('bold', files[i]!.path)}\n`);
      terminal.out(`${table.join('\n')}\n\n`);
    }
    if (notCovered > 0) terminal.out(`${notCovered} cases are not covered: neither passed nor failed\n`);
    terminal.out(`${paint(failed === 0 ? 'green' : 'red', `${passed} passed, ${failed} failed`)}\n`);
  }
  if (flags.json !== undefined) {
    const perFile = outcomes.map((outcome, i) => ({
      file: files[i]!.path,
      passed: outcome.passed,
      failed: outcome.failed,
      notCovered: outcome.notCovered,
      failures: outcome.failures,
    }));
    writeResult(flags.json, jsonText({ passed, failed, notCovered, files: perFile }), terminal);
  }
  return failed === 0 ? EXIT_OK : EXIT_FAILED;
}
