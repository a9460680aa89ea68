/** How much memory a piece of code takes per call, once it is compiled: for paths that are to take none. */

/** Few enough for the youngest objects of a round to fit into their part of the heap. */
const CALLS = 5000;
const ROUNDS = 41;
const WARM_UP_ROUNDS = 60;

/**
 * @param work called very often @returns bytes of heap per call: the middle of many rounds, since the collector may run
 *   in some of them
 */
export function bytesPerCall(work: () => void): number {
  for (let i = 0; i < WARM_UP_ROUNDS; i++) round(work);
  const rounds = Array.from({ length: ROUNDS }, () => round(work));
  return rounds.toSorted((a, b) => a - b)[ROUNDS >> 1]!;
}

function round(work: () => void): number {
  const before = process.memoryUsage().heapUsed;
  for (let i = 0; i < CALLS; i++) work();
  return (process.memoryUsage().heapUsed - before) / CALLS;
}
