/** What benchmarks report: CPU time, since wall time on a shared machine says little, and memory. */

/** @returns CPU seconds of this process, garbage collection included, spent in `work` */
export function cpuSeconds(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

/** The most memory that this process ever had, MiB: of all workloads that it has run so far. */
export function peakRssMib(): number {
  return Math.round(process.resourceUsage().maxRSS / 1024);
}

/** The middle one of an odd number of values. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}

/** @returns `value` with three decimals: what is worth printing */
export function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}
