/** The scenarios that come with the program, complete, by their names. */
import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { formatProblems } from '../../../src/scenario/document/problem.ts';
import { loadScenario } from '../../../src/scenario/files/load.ts';
import { parseScenario } from '../../../src/scenario/parse.ts';
import type { Scenario } from '../../../src/scenario/schema/scenario.ts';

const FOLDER = resolve(import.meta.dirname, '../../../scenarios');

export const SHIPPED: readonly string[] = readdirSync(FOLDER).filter((name) =>
  /^\d\d-.*\.(yaml|ts)$/.test(name),
);

export async function shipped(name: string): Promise<Scenario> {
  const loaded = await loadScenario(join(FOLDER, name));
  const parsed = 'problems' in loaded ? { ok: false as const, ...loaded } : parseScenario(loaded.data);
  if (!parsed.ok) throw new Error(formatProblems(parsed.problems, name));
  return parsed.scenario;
}
