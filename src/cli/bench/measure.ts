/** CPU time of a piece of work: what benchmarks report, since wall time on a shared machine says little. */

/** @returns CPU seconds of this process, garbage collection included, spent in `work` */
export function cpuSeconds(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

/** The middle one of an odd number of values. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}
