/** Runs one scenario to its end and hands back what happened. Every part of the kit runs networks through here. */
import { type RunSettings, ScenarioRun } from '../../scenario/build/run.ts';
import type { Scenario, ScenarioInput } from '../../scenario/schema/scenario.ts';
import type { RunEnd } from '../../sim/simulator.ts';
import type { Invariant } from '../invariant.ts';
import type { ProtocolCoverage } from '../reach/protocol-coverage.ts';
import { completeScenario } from './complete.ts';
import { EndlessError } from './endless.ts';
import { TestRun } from './test-run.ts';

export interface RunLimits extends Pick<RunSettings, 'records' | 'disguise'> {
  /** Encode and decode every frame at every hop; results do not change. Default: false. */
  readonly wire?: boolean;
  /** Instead of the scenario's seed. */
  readonly seed?: number;
  /** A run with more events than this counts as endless. Default: 1,000,000. */
  readonly maxEvents?: number;
  /** What must hold of the run, while it goes on and when it is over: `ALWAYS`, and those of one's own. */
  readonly invariants?: readonly Invariant[];
  /** Takes down what of the protocols the run reaches. Costs nothing when it is left out. */
  readonly coverage?: ProtocolCoverage;
  /** Done to the network before its first event: taps, faults, sequence numbers. */
  readonly prepare?: (run: ScenarioRun) => void;
}

const MAX_EVENTS = 1_000_000;

/**
 * Runs a scenario whose programs are generators, callbacks, built-in ones and lists of calls.
 * @param scenario as people write it, or complete
 * @throws ConfigError for a scenario that cannot be run, or has async programs; ProgramError; EndlessError
 */
export function runScenario(scenario: ScenarioInput | Scenario, limits: RunLimits = {}): TestRun {
  const { maxEvents = MAX_EVENTS } = limits;
  const run = startScenario(scenario, limits);
  return finished(run, run.run(maxEvents), limits);
}

/** Runs a scenario whose programs may be async functions, too. @throws as {@link runScenario}; ForeignWaitError */
export async function runScenarioAsync(
  scenario: ScenarioInput | Scenario,
  limits: RunLimits = {},
): Promise<TestRun> {
  const { maxEvents = MAX_EVENTS } = limits;
  const run = startScenario(scenario, limits);
  let end: RunEnd;
  do end = await run.slice(maxEvents);
  while (end === 'limit' && run.network.simulator.events < maxEvents);
  return finished(run, end, limits);
}

/** A scenario that is built and has not taken a step. */
function startScenario(scenario: ScenarioInput | Scenario, limits: RunLimits = {}): ScenarioRun {
  const complete = isComplete(scenario) ? scenario : completeScenario(scenario);
  const { wire = false, seed = complete.seed, records = true, invariants = [], prepare } = limits;
  const disguise = disguiseOf(limits);
  const settings = { wire, seed, records, ...(disguise === undefined ? {} : { disguise }) };
  const run = new ScenarioRun(complete, settings);
  for (const { watch } of invariants) if (watch !== undefined) run.watch(watch(run));
  prepare?.(run);
  return run;
}

function finished(
  run: ScenarioRun,
  end: RunEnd,
  { maxEvents = MAX_EVENTS, invariants = [], coverage }: RunLimits,
): TestRun {
  if (end === 'limit') throw new EndlessError(run, `${maxEvents} events`);
  const over = new TestRun(run, end);
  coverage?.add(run);
  for (const { check } of invariants) check(over);
  return over;
}

function disguiseOf({ disguise, coverage }: RunLimits): RunSettings['disguise'] {
  if (coverage === undefined) return disguise;
  return (owner) => coverage.disguise(disguise === undefined ? owner : disguise(owner));
}

/** Units are read in a complete scenario: its times are numbers. */
function isComplete(scenario: ScenarioInput | Scenario): scenario is Scenario {
  return typeof scenario.until === 'number';
}
