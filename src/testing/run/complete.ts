/** From a scenario as people and arbitraries write it to a complete one, or one error with every problem in it. */
import { type Located, locate, type Plain } from '../../scenario/document/located.ts';
import { formatProblems } from '../../scenario/document/problem.ts';
import { Source } from '../../scenario/document/source.ts';
import { parseScenario } from '../../scenario/parse.ts';
import type { Scenario, ScenarioInput } from '../../scenario/schema/scenario.ts';
import { ConfigError } from '../../sim/errors.ts';

/** @throws ConfigError whose message lists every problem with its path */
export function completeScenario(input: ScenarioInput): Scenario {
  const parsed = parseScenario(located(input));
  if (!parsed.ok) throw new ConfigError(formatProblems(parsed.problems, input.title ?? 'the scenario'));
  return parsed.scenario;
}

function located(input: ScenarioInput): Located {
  return locate(withoutUndefined(input), { source: new Source(input.title, null), start: 0, end: 0 });
}

/** Keys without a value count as left out. */
function withoutUndefined(value: unknown): Plain {
  if (Array.isArray(value)) return value.map(withoutUndefined);
  if (value === null || typeof value !== 'object') return value as Plain;
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  return Object.fromEntries(entries.map(([key, item]) => [key, withoutUndefined(item)]));
}
