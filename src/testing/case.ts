/**
 * A generated case: everything that a run depends on, as plain data. The scenario is a document of the format that
 * `fivetuple run` reads, with its topology, faults (lists of packet numbers, a timeline) and seed; the input is what the
 * property's own arbitrary drew for the user's programs. A case can be printed, stored, compared and run again.
 */
import type { ScenarioInput } from '../scenario/schema/scenario.ts';

export interface TestCase<Input = unknown> {
  /** Without programs that are functions: those come from the property, which is code. */
  readonly scenario: ScenarioInput;
  /** What the programs are given: what JSON knows, Uint8Array and Payload, so that files and tokens can carry it. */
  readonly input: Input;
}
