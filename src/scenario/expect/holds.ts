/** A function of the user's judges the run: what it throws is what was found. */
import { InvariantError } from '../../sim/errors.ts';
import type { ScenarioRun } from '../build/run.ts';
import type { ExpectationSpec } from '../schema/scenario.ts';
import type { Verdict } from './verdict.ts';

export function checkHolds(
  { that, name }: Extract<ExpectationSpec, { check: 'holds' }>,
  run: ScenarioRun,
): Verdict {
  const words = name ?? 'the function holds';
  try {
    that(run as never);
    return { name: words, ok: true, detail: 'it holds' };
  } catch (error) {
    if (error instanceof InvariantError) throw error; // our fault, not the run's
    return { name: words, ok: false, detail: error instanceof Error ? error.message : String(error) };
  }
}
