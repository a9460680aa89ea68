/** Other names for nodes, links and programs, in another alphabetical order: nothing may depend on what things are called. */
import type { Scenario } from '../../scenario/schema/scenario.ts';
import { chanceIn, FIRST_NEIGHBOUR_EXPIRES } from './applies.ts';
import type { Relation } from './relation.ts';
import { rewrite } from './rewrite.ts';

export const RENAMING: Relation = {
  name: 'renaming',
  says: 'without chance in use names of nodes, links and programs have no effect (random streams are named)',
  agree: ['fingerprint', 'packets', 'delivered', 'programs', 'verdicts'],
  exception: chanceIn,
  until: FIRST_NEIGHBOUR_EXPIRES,
  variant: (scenario) => {
    const names = newNames(scenario);
    const back = new Map([...names].map(([name, other]) => [other, name]));
    return {
      scenario: rewrite(scenario, (value, path) => renamed(value, path, names)),
      nameBack: (name) => back.get(name) ?? name,
    };
  },
};

const SECTIONS = ['hosts', 'routers', 'switches', 'hubs', 'links', 'programs'] as const;

/** Keys under which a text is the name of something. */
const NAMING: readonly string[] = ['host', 'node', 'link', 'program', 'end', 'from', 'where'];

/** z99, z98, ...: the first becomes the last. */
function newNames(scenario: Scenario): Map<string, string> {
  const all = new Set(SECTIONS.flatMap((section) => Object.keys(scenario[section])));
  return new Map([...all].map((name, i) => [name, `z${99_999 - i}`]));
}

function renamed(value: unknown, path: readonly string[], names: ReadonlyMap<string, string>): unknown {
  const key = path.at(-1) ?? '';
  if (path.length === 1 && (SECTIONS as readonly string[]).includes(key))
    return renameKeys(value, path, names);
  if (typeof value !== 'string') return value;
  const isListed = key === '*' && path.at(-2) === 'nodes';
  // Parameters of programs that are plain texts are the program's business: names of hosts are objects there.
  const isText = path.at(-2) === 'parameters';
  return !isText && (isListed || NAMING.includes(key)) ? (names.get(value) ?? value) : value;
}

function renameKeys(value: unknown, path: readonly string[], names: ReadonlyMap<string, string>): unknown {
  const entries = Object.entries(value as Record<string, unknown>);
  return Object.fromEntries(
    entries.map(([name, spec]) => {
      const inside = rewrite(spec as Scenario, (part, deeper) =>
        renamed(part, [...path, '*', ...deeper], names),
      );
      return [names.get(name) ?? name, inside];
    }),
  );
}
