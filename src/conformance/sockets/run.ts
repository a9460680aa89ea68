/**
 * Runs recorded cases of the kernel corpus on the machine, on the executable specification, or on both, and counts
 * by category. The specification does not cover every operation, and says so.
 */
import { runAgainstSpec } from './against-spec.ts';
import { type CorpusCase, categoryOf, parseCase, type Result } from './case.ts';
import { runCase } from './run-case.ts';

export interface SocketCorpusOptions {
  /** Only cases whose id begins so. */
  readonly only?: string;
  readonly against?: 'machine' | 'spec' | 'both';
  /** Name of the file, for messages. */
  readonly file?: string;
  /** Keep this many differences for show. Default: all. */
  readonly show?: number;
  /** Told now and then how many cases are done. */
  readonly onProgress?: (done: number) => void;
}

/** A case in which something differs from the recording. */
export interface Difference {
  readonly corpusCase: CorpusCase;
  readonly against: 'machine' | 'spec';
  /** Index of the first operation whose result differs. */
  readonly at: number;
  readonly got: Result;
}

export interface CategoryCount {
  passed: number;
  failed: number;
  /** Beyond the specification. */
  notCovered: number;
}

export interface SocketCorpusOutcome {
  /** By category, in the order in which they came. */
  readonly categories: ReadonlyMap<string, CategoryCount>;
  readonly passed: number;
  readonly failed: number;
  readonly notCovered: number;
  /** Cases not covered, by the operation that is beyond the specification. */
  readonly beyond: ReadonlyMap<string, number>;
  readonly differences: readonly Difference[];
}

const PROGRESS_STEP = 500;

/** @param lines of a corpus file @throws ConfigError with file and line for a line that is no case */
export function runSocketCorpus(
  lines: Iterable<string>,
  options: SocketCorpusOptions = {},
): SocketCorpusOutcome {
  const { only = '', against = 'machine', file = 'corpus', show = Number.POSITIVE_INFINITY } = options;
  const categories = new Map<string, CategoryCount>();
  const differences: Difference[] = [];
  const beyond = new Map<string, number>();
  let number = 0;
  let done = 0;
  for (const line of lines) {
    number++;
    if (line.trim() === '') continue;
    const corpusCase = parseCase(line, file, number);
    if (!corpusCase.id.startsWith(only)) continue;
    const count = countOf(categories, categoryOf(corpusCase.id));
    const verdict = runOne(corpusCase, against);
    if (verdict === 'passed') count.passed++;
    else if ('operation' in verdict) {
      count.notCovered++;
      beyond.set(verdict.operation, (beyond.get(verdict.operation) ?? 0) + 1);
    } else {
      count.failed++;
      if (differences.length < show) differences.push(verdict);
    }
    if (++done % PROGRESS_STEP === 0) options.onProgress?.(done);
  }
  const sum = (key: keyof CategoryCount): number =>
    [...categories.values()].reduce((total, count) => total + count[key], 0);
  return {
    categories,
    passed: sum('passed'),
    failed: sum('failed'),
    notCovered: sum('notCovered'),
    beyond,
    differences,
  };
}

/** Not covered, because of an operation. */
interface Beyond {
  readonly operation: string;
}

type Verdict = 'passed' | Beyond | Difference;

function runOne(corpusCase: CorpusCase, against: 'machine' | 'spec' | 'both'): Verdict {
  const machine = against === 'spec' ? 'passed' : onMachine(corpusCase);
  if (machine !== 'passed' || against === 'machine') return machine;
  return onSpecification(corpusCase);
}

function onMachine(corpusCase: CorpusCase): Verdict {
  const { results, differsAt } = runCase(corpusCase);
  if (differsAt < 0) return 'passed';
  return { corpusCase, against: 'machine', at: differsAt, got: results[differsAt]! };
}

/** Cases that go beyond the specification count as not covered unless what it covers differs. */
function onSpecification(corpusCase: CorpusCase): Verdict {
  const verdict = runAgainstSpec(corpusCase);
  const { difference } = verdict;
  if (difference !== null) {
    return { corpusCase, against: 'spec', at: difference.at, got: difference.observed };
  }
  const first = corpusCase.operations[verdict.covered];
  return first === undefined ? 'passed' : { operation: first[0] };
}

function countOf(categories: Map<string, CategoryCount>, name: string): CategoryCount {
  let count = categories.get(name);
  if (count === undefined) {
    count = { passed: 0, failed: 0, notCovered: 0 };
    categories.set(name, count);
  }
  return count;
}
