/** A property and a case make a scenario that stands by itself: programs started, the property as its expectation. */
import type { ScenarioRun } from '../../scenario/build/run.ts';
import type { ScenarioInput } from '../../scenario/schema/scenario.ts';
import { ConfigError, InvariantError } from '../../sim/errors.ts';
import { nearest } from '../../sim/nearest.ts';
import { formatDuration } from '../../sim/time.ts';
import type { TestCase } from '../case.ts';
import { isPromise, requireYes } from '../run/answer.ts';
import { EndlessError } from '../run/endless.ts';
import { TestRun } from '../run/test-run.ts';
import { type Check, isNetworkProperty, type NetworkProperty } from './network-property.ts';
import { Stage } from './stage.ts';

export interface Assembled {
  readonly scenario: ScenarioInput;
  /** What the property threw when it judged the run; its own object, for its message and difference. */
  readonly thrown: { error: unknown };
}

/** Ready to be run once: the programs share what `play` made for them. */
export function assemble<Input>(property: NetworkProperty<Input>, testCase: TestCase<Input>): Assembled {
  const { scenario, input } = testCase;
  const thrown = { error: null as unknown };
  const stage = new Stage(scenario);
  const check = property.play(stage, input) ?? (() => {});
  if (typeof check !== 'function')
    throw new ConfigError(
      `play() of '${property.name}' returned ${isPromise(check) ? 'a promise: it must not be async' : 'no function'}`,
      [],
      'a function that looks at the run, or nothing',
    );
  const that = (run: ScenarioRun): void => {
    try {
      judge(property, check, run);
    } catch (error) {
      thrown.error = error;
      throw error;
    }
  };
  return {
    thrown,
    scenario: {
      ...scenario,
      title: property.name,
      ...(property.until === undefined ? {} : { until: property.until }),
      programs: { ...scenario.programs, ...stage.programs },
      timeline: [...(scenario.timeline ?? []), ...stage.actions],
      expect: [
        ...(scenario.expect ?? []),
        { check: 'holds', name: property.name, that: that as (run: never) => void },
      ],
    },
  };
}

/**
 * The scenario of a counterexample, for files that `fivetuple run` repeats.
 * @param module the namespace of the module that exports the property
 * @throws ConfigError when it exports none of that name
 */
export function counterexample(module: object, name: string, testCase: TestCase): ScenarioInput {
  return assemble(propertyByName(module, name), testCase).scenario;
}

/** @throws ConfigError naming the nearest name when the module exports no such property */
export function propertyByName(module: object, name: string): NetworkProperty {
  const properties = Object.values(module).filter(isNetworkProperty);
  const found = properties.find((property) => property.name === name);
  if (found !== undefined) return found;
  const names = properties.map((property) => property.name);
  const like = nearest(name, names);
  const expected = names.length === 0 ? 'an export made by networkProperty()' : `one of: ${names.join('; ')}`;
  throw new ConfigError(
    `the module exports no property '${name}'`,
    [],
    like === null ? expected : `did you mean '${like}'?`,
  );
}

function judge<Input>(property: NetworkProperty<Input>, check: Check, inner: ScenarioRun): void {
  const { simulator } = inner.network;
  const run = new TestRun(inner, simulator.pending === 0 ? 'idle' : 'time');
  if (run.end === 'time' && property.until === undefined)
    throw new EndlessError(inner, `${formatDuration(inner.until)} of virtual time`, false);
  for (const invariant of property.invariants ?? []) {
    try {
      invariant.check(run);
    } catch (error) {
      if (error instanceof InvariantError) throw error;
      const what = error instanceof Error ? error.message : String(error);
      throw new Error(`${invariant.name}: ${what}`, { cause: error });
    }
  }
  requireYes(check(run), `the check of '${property.name}'`);
}
