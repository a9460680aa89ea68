/**
 * How many runs a property gets: the given number, multiplied by the environment variable FIVETUPLE_RUNS
 * (default 1). `FIVETUPLE_RUNS=100 npm test` searches a hundred times as long.
 */
export function runs(base: number): { numRuns: number } {
  const factor = Number(process.env['FIVETUPLE_RUNS'] ?? 1);
  return { numRuns: Math.max(1, Math.round(base * factor)) };
}
