/** `fivetuple bench`: the benchmark workloads, one JSON line each. */
import { EXIT_OK } from '../exit.ts';
import { oneOf } from '../option-values.ts';
import { writeResult } from '../output.ts';
import type { Terminal } from '../terminal.ts';
import { BENCH_CASES, type BenchCase, workloadNames } from '../workloads.ts';

/** @param names workloads, or single cases of them such as `udp-chain/16`; none means all that know the family */
export async function bench(
  names: readonly string[],
  flags: { readonly json?: string; readonly family?: string },
  terminal: Terminal,
): Promise<number> {
  const family = oneOf('--family', flags.family ?? 'ipv4', ['ipv4', 'ipv6']) === 'ipv6' ? 6 : 4;
  const known = BENCH_CASES.filter(({ families }) => families.includes(family));
  const chosen = names.length === 0 ? known : names.flatMap((name) => casesOf(name, known));
  const lines: string[] = [];
  for (const { name, run } of chosen) {
    if (terminal.showsProgress) terminal.err(`${name} …\n`);
    const line = `${JSON.stringify({ case: name, ...(await run(family)) })}\n`;
    lines.push(line);
    if (flags.json !== '-') terminal.out(line);
  }
  if (flags.json !== undefined) writeResult(flags.json, lines.join(''), terminal);
  return EXIT_OK;
}

function casesOf(name: string, known: readonly BenchCase[]): readonly BenchCase[] {
  const exact = known.filter((each) => each.name === name);
  if (exact.length > 0) return exact;
  const workload = oneOf('bench', name, workloadNames(known));
  return known.filter((each) => each.name.startsWith(`${workload}/`));
}
