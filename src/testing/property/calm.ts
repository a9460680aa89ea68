/** A scenario without what goes wrong in it: its twin, against which a counterexample is told. */
import type { ScenarioInput } from '../../scenario/schema/scenario.ts';

/** @returns null when nothing goes wrong in it */
export function withoutFaults(scenario: ScenarioInput): ScenarioInput | null {
  const { timeline = [], links = {} } = scenario;
  const calm = Object.fromEntries(
    Object.entries(links).map(([name, link]) => {
      if (typeof link === 'string') return [name, link];
      const { impairments: _, ...rest } = link;
      return [name, rest];
    }),
  );
  const isCalm = timeline.length === 0 && JSON.stringify(calm) === JSON.stringify(links);
  return isCalm ? null : { ...scenario, links: calm, timeline: [] };
}
