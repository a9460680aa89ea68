/**
 * Metamorphic relations (Chen, Cheung and Yiu, 1998): nobody needs to know what a run should be, if it is known how two
 * runs must compare. A relation turns a scenario into another one and says what of the two runs has to agree.
 */
import type { RunSettings, ScenarioRun } from '../../scenario/build/run.ts';
import type { Scenario, ScenarioInput } from '../../scenario/schema/scenario.ts';
import type { Nanos } from '../../sim/time.ts';
import { completeScenario } from '../run/complete.ts';
import { runScenario } from '../run/run-scenario.ts';
import type { TestRun } from '../run/test-run.ts';
import { type Aspect, differencesOf, type Outcome, outcomeOf, type Translation } from './outcome.ts';

/** The other run of a pair. */
export interface Variant extends Translation {
  readonly scenario: Scenario;
  readonly settings?: Pick<RunSettings, 'wire' | 'seed' | 'records' | 'disguise'>;
  /** Done to the network before its first event. */
  readonly prepare?: (run: ScenarioRun) => void;
}

export interface Relation {
  /** `renaming` */
  readonly name: string;
  /** What has to agree, and why, in a sentence. */
  readonly says: string;
  /** What is compared. */
  readonly agree: readonly Aspect[];
  /** Why the relation says nothing about a scenario, or about this run of it; null when it does. */
  readonly exception: (scenario: Scenario, base: TestRun) => string | null;
  /** Both runs end at the latest at this instant. Default: as the scenario says. */
  readonly until?: Nanos;
  /** @param base the run of the scenario as it is */
  readonly variant: (scenario: Scenario, base: TestRun) => Variant;
  /** What has to be in order besides. @returns what is not */
  readonly ordered?: (base: Outcome, variant: Outcome) => readonly string[];
}

export type RelationVerdict =
  | { readonly applies: false; readonly because: string }
  | { readonly applies: true; readonly differences: readonly string[] };

/** Two runs do not compare as they should. */
export class BrokenRelation extends Error {
  readonly relation: string;

  constructor({ name, says }: Relation, title: string, differences: readonly string[]) {
    super([`${name} changes '${title}'`, `  ${says}`, ...differences.map((line) => `  ${line}`)].join('\n'));
    this.name = 'BrokenRelation';
    this.relation = name;
  }
}

/** Runs a scenario and its variant. @throws ConfigError for a scenario that cannot be run */
export function judgeRelation(relation: Relation, input: ScenarioInput | Scenario): RelationVerdict {
  const written = complete(input);
  const scenario = { ...written, until: Math.min(written.until, relation.until ?? written.until) };
  const base = runScenario(scenario);
  const because = relation.exception(scenario, base);
  if (because !== null) return { applies: false, because };
  const { scenario: other, settings = {}, prepare, ...translation } = relation.variant(scenario, base);
  const variant = runScenario(other, { ...settings, ...(prepare === undefined ? {} : { prepare }) });
  const [before, after] = [outcomeOf(base, {}), outcomeOf(variant, translation)];
  const differences = [
    ...differencesOf(before, after, relation.agree),
    ...(relation.ordered?.(before, after) ?? []),
  ];
  return { applies: true, differences };
}

/**
 * The relations hold for the scenario, as far as they say anything about it.
 * @throws BrokenRelation with what differs
 */
export function checkRelations(scenario: ScenarioInput | Scenario, relations: readonly Relation[]): void {
  for (const relation of relations) {
    const verdict = judgeRelation(relation, scenario);
    if (verdict.applies && verdict.differences.length > 0)
      throw new BrokenRelation(relation, scenario.title, verdict.differences);
  }
}

function complete(scenario: ScenarioInput | Scenario): Scenario {
  return typeof scenario.until === 'number'
    ? (scenario as Scenario)
    : completeScenario(scenario as ScenarioInput);
}
