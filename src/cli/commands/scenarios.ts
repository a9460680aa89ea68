/** `fivetuple scenarios`: the scenarios that come with the program, each with its title. */
import { loadScenario } from '../../scenario/files/load.ts';
import { EXIT_OK } from '../exit.ts';
import { shippedScenarios } from '../shipped.ts';
import { painter, type Terminal } from '../terminal.ts';

export async function scenarios(terminal: Terminal): Promise<number> {
  const paint = painter(terminal);
  const files = shippedScenarios().filter((file) => file.endsWith('.yaml'));
  const width = Math.max(0, ...files.map((file) => file.length));
  for (const file of files) {
    const loaded = await loadScenario(file);
    const data = 'problems' in loaded ? null : loaded.data;
    const title = data?.kind === 'map' ? data.entries.get('title')?.value : undefined;
    const words = title?.kind === 'scalar' ? String(title.value) : '';
    terminal.out(`${paint('bold', file.padEnd(width))}  ${words}\n`);
  }
  return EXIT_OK;
}
