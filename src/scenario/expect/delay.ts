/** Bounds the time that packets take from one interface to another. */

import { passagesBetween } from '../../observe/passages.ts';
import { formatDuration } from '../../sim/time.ts';
import type { ScenarioRun } from '../build/run.ts';
import type { ExpectationSpec } from '../schema/scenario.ts';
import type { Verdict } from './verdict.ts';

type Expectation = Extract<ExpectationSpec, { check: 'delay' }>;

export function checkDelay(expectation: Expectation, run: ScenarioRun): Verdict {
  const { match, min, max } = expectation;
  const from = run.directory.interfaceName(expectation.from);
  const to = run.directory.interfaceName(expectation.to);
  const matches = run.directory.matcher(match);
  const nodes = [expectation.from.node, expectation.to.node];
  const delays = passagesBetween(run.recorder.frames, nodes).flatMap(({ departure, arrival }) => {
    if (departure === null || arrival === null) return [];
    const isMeant =
      departure.interfaceName === from && arrival.interfaceName === to && matches(departure.frame);
    return isMeant ? [arrival.time - departure.time] : [];
  });
  const least = Math.min(...delays);
  const most = Math.max(...delays);
  const what = match === null ? 'packets' : `packets with ${match.text}`;
  const bounds = [
    min === null ? '' : ` at least ${formatDuration(min)}`,
    max === null ? '' : ` at most ${formatDuration(max)}`,
  ]
    .join(' and')
    .replace(/^ and| and$/, '');
  return {
    name: `${what} take${bounds} from ${from} to ${to}`,
    ok: delays.length > 0 && (min === null || least >= min) && (max === null || most <= max),
    detail:
      delays.length === 0
        ? 'none arrived'
        : `${formatDuration(least)} to ${formatDuration(most)}, ${delays.length} packets`,
  };
}
