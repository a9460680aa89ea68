/** A property of a protocol: which networks, which inputs, which programs run on them, and what must hold then. */
import type { Arbitrary } from 'fast-check';
import type { ScenarioInput } from '../../scenario/schema/scenario.ts';
import type { Invariant } from '../invariant.ts';
import type { TestRun } from '../run/test-run.ts';
import type { Stage } from './stage.ts';

/** Looks at a run that is over; throws, or returns false, when something does not hold. */
export type Check = (run: TestRun) => boolean | void;

export interface NetworkPropertySpec<Input> {
  /** What holds, in words: `a deposit is made once`. Unique in its module. */
  readonly name: string;
  /**
   * `import.meta.url` of the module that exports the property. Scenario files and replay tokens find the programs by it,
   * so the module must be one that can be imported by itself: a file of its own, not one with tests in it.
   */
  readonly module?: string;
  /** Networks without programs, as {@link network} draws them. */
  readonly network: Arbitrary<ScenarioInput>;
  /** What the programs are given: data that survives JSON. Default: nothing. */
  readonly input?: Arbitrary<Input>;
  /** So long is the run watched, as in `10s`. Default: until nothing is left to happen, and it is a failure if that never comes. */
  readonly until?: string;
  /** What must hold besides. */
  readonly invariants?: readonly Invariant[];
  /**
   * Starts the programs. Called anew for every run: what it makes belongs to that run alone.
   * @returns what looks at the run when it is over
   */
  readonly play: (stage: Stage, input: Input) => Check | void;
}

export interface NetworkProperty<Input = unknown> extends NetworkPropertySpec<Input> {
  readonly kind: 'network-property';
}

/** States a property. It is checked by {@link checkNetwork}. */
export function networkProperty<Input = null>(spec: NetworkPropertySpec<Input>): NetworkProperty<Input> {
  return { kind: 'network-property', ...spec };
}

/** Told by its shape: the property may come from another copy of the package. */
export function isNetworkProperty(value: unknown): value is NetworkProperty {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'network-property';
}
