/** The second pass over a scenario: what the schema cannot see because it concerns two places at once. */
import type { Plain } from '../document/located.ts';
import type { Scenario } from '../schema/scenario.ts';
import { CheckContext, type Finding } from './context.ts';
import { checkEngine } from './engine.ts';
import { checkExpectations, checkOutputs } from './expectations.ts';
import { checkLinks } from './links.ts';
import { checkNodes } from './nodes.ts';
import { checkPrograms } from './programs.ts';
import { checkTimeline } from './timeline.ts';

/**
 * @param scenario what of the scenario is without faults in itself
 * @param data the scenario as written: names of faulty parts count as known
 */
export function checkScenario(scenario: Scenario, data: Readonly<Record<string, Plain>>): readonly Finding[] {
  const context = new CheckContext(scenario, data);
  checkNodes(context);
  checkLinks(context);
  checkPrograms(context);
  checkTimeline(context);
  checkExpectations(context);
  checkOutputs(context);
  checkEngine(context);
  return context.findings;
}
