/** Runs one scenario to its end and hands back what happened. Every part of the kit runs networks through here. */
import { ScenarioRun } from '../../scenario/build/run.ts';
import type { Scenario, ScenarioInput } from '../../scenario/schema/scenario.ts';
import type { RunEnd } from '../../sim/simulator.ts';
import { completeScenario } from './complete.ts';
import { EndlessError } from './endless.ts';
import { TestRun } from './test-run.ts';

export interface RunLimits {
  /** Encode and decode every frame at every hop; results do not change. Default: false. */
  readonly wire?: boolean;
  /** Instead of the scenario's seed. */
  readonly seed?: number;
  /** A run with more events than this counts as endless. Default: 1,000,000. */
  readonly maxEvents?: number;
}

const MAX_EVENTS = 1_000_000;

/**
 * @param scenario as people write it, or complete
 * @throws ConfigError for a scenario that cannot be run; ProgramError when a program threw; EndlessError
 */
export function runScenario(scenario: ScenarioInput | Scenario, limits: RunLimits = {}): TestRun {
  const run = startScenario(scenario, limits);
  return new TestRun(run, runToEnd(run, limits));
}

/** A scenario that is built and has not taken a step. */
export function startScenario(scenario: ScenarioInput | Scenario, limits: RunLimits = {}): ScenarioRun {
  const complete = isComplete(scenario) ? scenario : completeScenario(scenario);
  const { wire = false, seed = complete.seed } = limits;
  return new ScenarioRun(complete, { wire, seed });
}

function runToEnd(run: ScenarioRun, { maxEvents = MAX_EVENTS }: RunLimits): RunEnd {
  const { simulator } = run.network;
  for (;;) {
    const end = run.slice();
    if (end !== 'limit') return end;
    if (simulator.events >= maxEvents) throw new EndlessError(run, `${maxEvents} events`);
  }
}

/** Units are read in a complete scenario: its times are numbers. */
function isComplete(scenario: ScenarioInput | Scenario): scenario is Scenario {
  return typeof scenario.until === 'number';
}
