/** `fivetuple bench`: the benchmark workloads, one JSON line each. */
import { EXIT_OK } from '../exit.ts';
import { oneOf } from '../option-values.ts';
import { writeResult } from '../output.ts';
import type { Terminal } from '../terminal.ts';
import { WORKLOADS } from '../workloads.ts';

export async function bench(
  names: readonly string[],
  flags: { readonly json?: string },
  terminal: Terminal,
): Promise<number> {
  const known = Object.keys(WORKLOADS);
  const chosen = names.length === 0 ? known : names.map((name) => oneOf('bench', name, known));
  const lines: string[] = [];
  for (const name of chosen) {
    if (terminal.showsProgress) terminal.err(`${name} …\n`);
    for (const figure of await WORKLOADS[name]!()) {
      const line = `${JSON.stringify(figure)}\n`;
      lines.push(line);
      if (flags.json !== '-') terminal.out(line);
    }
  }
  if (flags.json !== undefined) writeResult(flags.json, lines.join(''), terminal);
  return EXIT_OK;
}
