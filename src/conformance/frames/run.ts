/** Runs cases of the frame corpus, each on a fresh machine, and counts by topic. */
import { ConfigError } from '../../sim/errors.ts';
import { type FrameCase, parseFrameCase } from './case.ts';
import { compareResults, type Difference } from './compare.ts';
import { HostMachine } from './host-machine.ts';
import type { Machine } from './machine.ts';
import { runSteps } from './run-case.ts';
import { SwitchMachine } from './switch-machine.ts';

export interface FrameCorpusOptions {
  /** Only cases whose id begins so. */
  readonly only?: string;
  /** Name of the file, for messages. */
  readonly file?: string;
  /** Told now and then how many cases are done. */
  readonly onProgress?: (done: number) => void;
}

/** A case in which something differs from the recording. */
export interface FailedCase {
  readonly recorded: FrameCase;
  readonly differences: readonly Difference[];
}

export interface TopicCount {
  passed: number;
  failed: number;
}

export interface FrameCorpusOutcome {
  /** By topic, in the order in which they came. */
  readonly topics: ReadonlyMap<string, TopicCount>;
  readonly passed: number;
  readonly failed: number;
  readonly failures: readonly FailedCase[];
}

const PROGRESS_STEP = 100;

/** @param lines of a corpus file @throws ConfigError with file and line for a line that is no case */
export function runFrameCorpus(
  lines: Iterable<string>,
  options: FrameCorpusOptions = {},
): FrameCorpusOutcome {
  const { only = '', file = 'corpus' } = options;
  const topics = new Map<string, TopicCount>();
  const failures: FailedCase[] = [];
  let line = 0;
  let done = 0;
  for (const text of lines) {
    line++;
    if (text.trim() === '') continue;
    const recorded = readCase(text, file, line);
    if (!recorded.id.startsWith(only)) continue;
    const differences = compareResults(recorded, runSteps(machineOf(recorded), recorded.steps));
    const topic = recorded.id.slice(0, recorded.id.lastIndexOf('.'));
    const count = topics.get(topic) ?? { passed: 0, failed: 0 };
    topics.set(topic, count);
    if (differences.length === 0) count.passed++;
    else {
      count.failed++;
      failures.push({ recorded, differences });
    }
    if (++done % PROGRESS_STEP === 0) options.onProgress?.(done);
  }
  return { topics, passed: done - failures.length, failed: failures.length, failures };
}

function machineOf({ m, cfg }: FrameCase): Machine {
  return m === 'S' ? new SwitchMachine(cfg) : new HostMachine(m, cfg);
}

function readCase(text: string, file: string, line: number): FrameCase {
  try {
    return parseFrameCase(text);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new ConfigError(`${file}:${line}: ${error.message}`, error.path, error.expected);
  }
}
