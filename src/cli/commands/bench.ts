/** `fivetuple bench`: the benchmark workloads, one JSON line each. */
import { EXIT_OK } from '../exit.ts';
import { oneOf } from '../option-values.ts';
import { writeResult } from '../output.ts';
import type { Terminal } from '../terminal.ts';
import { BENCH_CASES, type BenchCase, workloadNames } from '../workloads.ts';

/** @param names workloads, or single cases of them such as `udp-chain/16`; none means all */
export async function bench(
  names: readonly string[],
  flags: { readonly json?: string },
  terminal: Terminal,
): Promise<number> {
  const chosen = names.length === 0 ? BENCH_CASES : names.flatMap(casesOf);
  const lines: string[] = [];
  for (const { name, run } of chosen) {
    if (terminal.showsProgress) terminal.err(`${name} …\n`);
    const line = `${JSON.stringify({ case: name, ...(await run()) })}\n`;
    lines.push(line);
    if (flags.json !== '-') terminal.out(line);
  }
  if (flags.json !== undefined) writeResult(flags.json, lines.join(''), terminal);
  return EXIT_OK;
}

function casesOf(name: string): readonly BenchCase[] {
  const exact = BENCH_CASES.filter((each) => each.name === name);
  if (exact.length > 0) return exact;
  const workload = oneOf('bench', name, workloadNames());
  return BENCH_CASES.filter((each) => each.name.startsWith(`${workload}/`));
}
