/** Counts what a node or a link dropped for a reason. */

import type { DropCount } from '../../node/node.ts';
import { nearest } from '../../sim/nearest.ts';
import type { ScenarioRun } from '../build/run.ts';
import type { ExpectationSpec } from '../schema/scenario.ts';
import { boundsText, isWithin, type Verdict } from './verdict.ts';

type Expectation = Extract<ExpectationSpec, { check: 'drops' }>;

export function checkDrops(expectation: Expectation, run: ScenarioRun): Verdict {
  const { where, reason } = expectation;
  const counts = dropsAt(where, run);
  const count = counts.find(([known]) => known === reason)?.[1] ?? 0;
  const others = counts.map(([known, number]) => `${known} ${number}`).join(', ');
  const like =
    count === 0
      ? nearest(
          reason,
          counts.map(([known]) => known),
        )
      : null;
  const hint = like === null ? '' : `; did you mean ${like}?`;
  return {
    name: `${boundsText(expectation)} drops for ${reason} at ${where}`,
    ok: isWithin(count, expectation),
    detail: `${count} counted${count === 0 && others !== '' ? ` (there: ${others})` : ''}${hint}`,
  };
}

/** Of a node everything that it dropped; of a link what the devices at its ends lost on it. */
function dropsAt(where: string, run: ScenarioRun): readonly DropCount[] {
  if (!Object.hasOwn(run.scenario.links, where)) return run.network.node(where).dropped();
  const { link } = run.network.cable(where);
  if (link === null) return [];
  const counts = new Map<string, number>();
  for (const device of [link.a, link.b])
    for (const [reason, count] of device.drops.entries())
      if (reason.startsWith('link.')) counts.set(reason, (counts.get(reason) ?? 0) + count);
  return [...counts];
}
