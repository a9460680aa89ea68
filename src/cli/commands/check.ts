/** `fivetuple check`: validates scenario files and names every problem in them. */
import { formatProblems } from '../../scenario/document/problem.ts';
import { loadScenario } from '../../scenario/files/load.ts';
import { parseScenario } from '../../scenario/parse.ts';
import { EXIT_OK, EXIT_USAGE } from '../exit.ts';
import { painter, type Terminal } from '../terminal.ts';

export async function check(files: readonly string[], terminal: Terminal): Promise<number> {
  const paint = painter(terminal);
  let isGood = true;
  for (const file of files) {
    const loaded = await loadScenario(file);
    const parsed = 'problems' in loaded ? { ok: false as const, ...loaded } : parseScenario(loaded.data);
    if (parsed.ok) terminal.out(`${paint('green', '✓')} ${file}: ${parsed.scenario.title}\n`);
    else {
      isGood = false;
      terminal.err(`${formatProblems(parsed.problems, file)}\n`);
    }
  }
  return isGood ? EXIT_OK : EXIT_USAGE;
}
