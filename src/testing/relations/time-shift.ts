/** Everything some time later: programs, timeline, looks and the end. Nothing knows what time it is. */

import type { Scenario } from '../../scenario/schema/scenario.ts';
import { SECOND } from '../../sim/time.ts';
import { autoconfigurationIn, chanceIn, spanningTreeIn } from './applies.ts';
import type { Relation } from './relation.ts';
import { rewrite } from './rewrite.ts';

/**
 * A multiple of the periods that clocks are read in: of the granularities of Linux's timer wheel (4 ms times 8, 64, ... up
 * to 131.072 s, to which long timers are rounded), and of the 10 s for which ports are tried in one order.
 */
const SHIFT = 81_920 * SECOND;

export const TIME_SHIFT: Relation = {
  name: 'time shifted',
  says: 'what begins 81,920 s later happens 81,920 s later, and as before',
  agree: ['packets', 'streams', 'programs', 'verdicts'],
  exception: (scenario) =>
    chanceIn(scenario) ?? autoconfigurationIn(scenario) ?? spanningTreeIn(scenario) ?? clockedIn(scenario),
  variant: (scenario) => ({
    scenario: { ...rewrite(scenario, later), until: scenario.until + SHIFT },
    shift: SHIFT,
  }),
};

/** Keys under which a number is an instant, wherever they are. */
const INSTANTS: readonly string[] = ['at', 'start', 'after', 'before'];

function later(value: unknown, path: readonly string[]): unknown {
  if (isUntil(value)) return { ...value, time: value.time + SHIFT };
  const key = path.at(-1) ?? '';
  const isInstant = typeof value === 'number' && Number.isFinite(value) && INSTANTS.includes(key);
  const isParameter = path.at(-2) === 'parameters';
  return isInstant && !isParameter ? value + SHIFT : value;
}

/** The call `until(2s)`. */
function isUntil(value: unknown): value is { readonly call: 'until'; readonly time: number } {
  return typeof value === 'object' && value !== null && 'call' in value && value.call === 'until';
}

/** Figures that are instants are not told from others. */
function clockedIn(scenario: Scenario): string | null {
  const clocked = scenario.expect.find(
    (one) => one.check === 'statistic' && /(At|at|since)$/.test(one.statistic),
  );
  return clocked === undefined ? null : 'an expectation names an instant that a program noted';
}
