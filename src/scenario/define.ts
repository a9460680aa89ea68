/** Scenarios in TypeScript: `export default scenario({ title: … })`, checked by the compiler and again when it is run. */
import type { ScenarioInput } from './schema/scenario.ts';

/** Says to the compiler that this is a scenario; returns it as it is. */
export function scenario(input: ScenarioInput): ScenarioInput {
  return input;
}
