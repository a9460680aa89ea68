/**
 * Runs one case on a fresh machine: each operation in turn, after each the settling and the observation, result by
 * result as the recorder made them.
 *
 * What the kernel left to chance is tried until it fits: the choice of a SO_REUSEPORT group that shows only later (a
 * SYN whose listener cannot be seen), and, where the case narrows the port range, the choice among free ports.
 */
import { MICROSECOND } from '../../sim/time.ts';
import type { CorpusCase, Result } from './case.ts';
import { isObject, sameResult, winnerOf } from './compare.ts';
import { Driver } from './driver.ts';

/** A case takes about a millisecond: no timer of the kernel's plays a part. */
const STEP = 20 * MICROSECOND;
/** So many seeds are tried where ports are chosen from a narrow range. */
const SEEDS = 12;
/** So many combinations of hidden choices are tried. */
const COMBINATIONS = 64;

/** How a run went: one result per operation, and where it first differs from the recording (-1: nowhere). */
export interface CaseRun {
  readonly results: readonly Result[];
  readonly differsAt: number;
}

/** Runs a case; of several attempts the one that agrees, else the first. */
export function runCase(corpusCase: CorpusCase): CaseRun {
  const seeds = Object.keys(corpusCase.sysctls).length > 0 ? SEEDS : 1;
  let first: CaseRun | null = null;
  for (let seed = 1; seed <= seeds; seed++) {
    for (const hidden of hiddenChoices(corpusCase)) {
      const run = runOnce(corpusCase, seed, hidden);
      if (run.differsAt < 0) return run;
      first ??= run;
    }
  }
  return first!;
}

/** The winners of operations whose choice does not show, by operation. */
type HiddenChoice = ReadonlyMap<number, number>;

function runOnce(corpusCase: CorpusCase, seed: number, hidden: HiddenChoice): CaseRun {
  const driver = new Driver(corpusCase.sysctls, seed);
  const results = corpusCase.operations.map((operation, at) => {
    const result = driver.step(operation, winnerOf(corpusCase.results[at]!) ?? hidden.get(at) ?? null);
    driver.pass(STEP);
    return result;
  });
  const differsAt = results.findIndex((result, at) => !sameResult(corpusCase.results[at]!, result));
  if (differsAt >= 0) return { results, differsAt };
  const wrong = driver.ports.find(([name, port]) => (corpusCase.ports[name] ?? port) !== port);
  if (wrong === undefined) return { results, differsAt };
  return wrongPort(corpusCase, results, wrong);
}

/** All results agree in form, but a port that is a rule has another number: the operation that shows it first differs. */
function wrongPort(
  { results: expected }: CorpusCase,
  results: readonly Result[],
  [name, port]: readonly [name: string, port: number],
): CaseRun {
  const differsAt = expected.findIndex((result) => JSON.stringify(result).includes(`"${name}"`));
  const shown = JSON.stringify(results[differsAt]).replaceAll(`"${name}"`, `"${name}=${port}"`);
  return { results: results.with(differsAt, JSON.parse(shown) as Result), differsAt };
}

/** First no choice at all (the hash decides), then every combination of members, as far as they go. */
function* hiddenChoices({ results }: CorpusCase): Generator<HiddenChoice> {
  yield new Map();
  const open: [at: number, members: readonly number[]][] = [];
  for (const [at, result] of results.entries()) {
    if (isObject(result) && result.g !== undefined && winnerOf(result) === null) open.push([at, result.g]);
  }
  if (open.length === 0) return;
  const total = open.reduce((product, [, members]) => product * members.length, 1);
  for (let number = 0; number < Math.min(total, COMBINATIONS); number++) {
    let rest = number;
    const choice = new Map<number, number>();
    for (const [at, members] of open) {
      choice.set(at, members[rest % members.length]!);
      rest = Math.floor(rest / members.length);
    }
    yield choice;
  }
}
