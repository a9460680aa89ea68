/**
 * Runs one case on a fresh machine: each operation in turn, after each the settling and the observation, result by
 * result as the recorder made them.
 */
import { MICROSECOND } from '../../sim/time.ts';
import type { CorpusCase, Result } from './case.ts';
import { winnerOf } from './compare.ts';
import { Driver } from './driver.ts';

/** A case takes about a millisecond: no timer of the kernel's plays a part. */
const STEP = 20 * MICROSECOND;

/** @returns one result per operation @throws nothing: a case that opens IPv6 sockets gets errors for them */
export function runCase(corpusCase: CorpusCase): Result[] {
  const driver = new Driver(corpusCase.sysctls);
  return corpusCase.operations.map((operation, at) => {
    const result = driver.step(operation, winnerWanted(corpusCase, at));
    driver.pass(STEP);
    return result;
  });
}

/** The socket that the kernel's hash chose at this operation: the machine is made to choose it, too. */
function winnerWanted({ results }: CorpusCase, at: number): number | null {
  return winnerOf(results[at]!);
}
