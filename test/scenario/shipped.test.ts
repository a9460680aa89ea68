/** The scenarios that come with the program: their expectations hold, and the same seed gives the same run. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type RunSettings, ScenarioRun } from '../../src/scenario/build/run.ts';
import { formatProblems } from '../../src/scenario/document/problem.ts';
import { checkExpectations } from '../../src/scenario/expect/check.ts';
import { loadScenario } from '../../src/scenario/files/load.ts';
import { parseScenario } from '../../src/scenario/parse.ts';
import type { Scenario } from '../../src/scenario/schema/scenario.ts';
import { scenarioOf } from './support.ts';

const FOLDER = resolve(import.meta.dirname, '../../scenarios');
const FILES = readdirSync(FOLDER).filter((name) => /^\d\d-.*\.(yaml|ts)$/.test(name));

describe('the shipped scenarios', () => {
  it('are the lessons, numbered', () => {
    const numbers = FILES.filter((name) => name.endsWith('.yaml')).map((name) => Number(name.slice(0, 2)));
    expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
    expect(numbers.length).toBeGreaterThan(20);
  });

  it.each(FILES)(
    '%s: all expectations hold, with and without wire mode, with the same fingerprint',
    async (name) => {
      const scenario = await read(name);
      expect(scenario.teaches.length).toBeGreaterThan(100);
      expect(scenario.expect.length).toBeGreaterThan(2);
      const first = runOf(scenario, {});
      const failed = checkExpectations(first).filter(({ ok }) => !ok);
      expect(failed).toEqual([]);
      expect(fingerprintOf(runOf(scenario, {}))).toBe(fingerprintOf(first));
      const wire = runOf(scenario, { wire: true });
      expect(fingerprintOf(wire)).toBe(fingerprintOf(first));
      expect(checkExpectations(wire).filter(({ ok }) => !ok)).toEqual([]);
      expect(fingerprintOf(runOf(scenario, { records: false }))).toBe(fingerprintOf(first));
    },
  );

  it('lose other packets with another seed', async () => {
    const scenario = await read('10-loss.yaml');
    const [one, other] = [runOf(scenario, { seed: 1 }), runOf(scenario, { seed: 2 })];
    expect(fingerprintOf(other)).not.toBe(fingerprintOf(one));
    expect(checkExpectations(other).filter(({ ok }) => !ok)).toEqual([]);
  });
});

describe('the scenario in the description of the format', () => {
  it('is right, and its expectations hold', () => {
    const [, text] = /```yaml\n([\s\S]*?)\n```/.exec(readFileSync(join(FOLDER, 'README.md'), 'utf8'))!;
    const run = runOf(scenarioOf(text!), {});
    expect(checkExpectations(run).filter(({ ok }) => !ok)).toEqual([]);
  });
});

async function read(name: string): Promise<Scenario> {
  const loaded = await loadScenario(join(FOLDER, name));
  const parsed = 'problems' in loaded ? { ok: false as const, ...loaded } : parseScenario(loaded.data);
  if (!parsed.ok) throw new Error(formatProblems(parsed.problems, name));
  return parsed.scenario;
}

function runOf(scenario: Scenario, settings: RunSettings): ScenarioRun {
  const run = new ScenarioRun(scenario, settings);
  run.run();
  return run;
}

function fingerprintOf({ network }: ScenarioRun): string {
  return network.simulator.fingerprint.toString();
}
