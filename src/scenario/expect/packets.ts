/** Counts packets that were seen at an interface. */

import { formatDuration } from '../../sim/time.ts';
import type { ScenarioRun } from '../build/run.ts';
import type { ExpectationSpec } from '../schema/scenario.ts';
import { boundsText, isWithin, type Verdict } from './verdict.ts';

type Expectation = Extract<ExpectationSpec, { check: 'packets' }>;

export function checkPackets(expectation: Expectation, run: ScenarioRun): Verdict {
  const { match, direction, after, before } = expectation;
  const place = run.directory.interfaceName(expectation.where);
  const matches = run.directory.matcher(match);
  const found = run.recorder.frames.filter(
    (event) =>
      event.interfaceName === place &&
      (direction === 'both' || event.direction === direction) &&
      (after === null || event.time >= after) &&
      (before === null || event.time < before) &&
      matches(event.frame),
  );
  const what = match === null ? 'packets' : `packets with ${match.text}`;
  const way = direction === 'both' ? 'at' : direction === 'in' ? 'into' : 'out of';
  const when = [
    after === null ? '' : ` from ${formatDuration(after)}`,
    before === null ? '' : ` before ${formatDuration(before)}`,
  ].join('');
  return {
    name: `${boundsText(expectation)} ${what} ${way} ${place}${when}`,
    ok: isWithin(found.length, expectation),
    detail: `${found.length} seen`,
  };
}
