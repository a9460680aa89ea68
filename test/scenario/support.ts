/** Scenario texts in tests: read as a file would be, problems as a person sees them. */

import { formatProblems } from '../../src/scenario/document/problem.ts';
import { Source } from '../../src/scenario/document/source.ts';
import { readYaml } from '../../src/scenario/document/yaml.ts';
import { parseScenario } from '../../src/scenario/parse.ts';
import type { Scenario } from '../../src/scenario/schema/scenario.ts';

/** The scenario of a YAML text. @throws with all problems when it has any */
export function scenarioOf(text: string): Scenario {
  const result = read(text);
  if (typeof result === 'string') throw new Error(result);
  return result;
}

/** The problems of a YAML text as they are printed; '' when it has none. */
export function problemsOf(text: string): string {
  const result = read(text);
  return typeof result === 'string' ? result : '';
}

function read(text: string): Scenario | string {
  const loaded = readYaml(new Source('s.yaml', text));
  const parsed = 'problems' in loaded ? { ok: false as const, ...loaded } : parseScenario(loaded.data);
  return parsed.ok ? parsed.scenario : formatProblems(parsed.problems, 's.yaml');
}

/** Two hosts and a cable, to which a test adds what it is about. */
export const TWO_HOSTS = `title: two hosts
hosts:
  client: { interfaces: { eth0: 10.0.0.2/24 } }
  server: { interfaces: { eth0: 10.0.0.1/24 } }
links:
  cable: client -- server
`;
