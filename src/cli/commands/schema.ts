/** `fivetuple schema`: the JSON Schema of scenario files, on standard output. */
import { scenarioJsonSchema } from '../../scenario/schema/json-schema.ts';
import { EXIT_OK } from '../exit.ts';
import type { Terminal } from '../terminal.ts';

export function schema(terminal: Terminal): number {
  terminal.out(`${JSON.stringify(scenarioJsonSchema(), null, 2)}\n`);
  return EXIT_OK;
}
