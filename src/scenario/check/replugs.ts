/** Cables that are moved: which of their ends it is that an action means, when it is done. */
import type { LinkEnd } from '../schema/links.ts';
import type { ActionSpec, Scenario } from '../schema/scenario.ts';
import { own } from './context.ts';

export type ReplugAction = Extract<ActionSpec, { do: 'replug' }>;

export interface Replug {
  readonly action: ReplugAction;
  /** Its position in the timeline. */
  readonly index: number;
  /** Null when the cable is not at that node then. */
  readonly side: 0 | 1 | null;
  readonly to: LinkEnd;
  /** Where the cable is before. */
  readonly ends: readonly [LinkEnd, LinkEnd];
  /** All other cables then. */
  readonly others: readonly LinkEnd[];
}

/** All moves of cables that exist, in the order in which they happen. */
export function replugsOf({ links, timeline }: Scenario): Replug[] {
  const ends = new Map(Object.entries(links).map(([name, { between }]) => [name, between]));
  const moves = [...timeline.entries()]
    .filter((entry): entry is [number, ReplugAction] => entry[1].do === 'replug')
    .filter(([, { link }]) => own(links, link) !== undefined)
    .sort(([, a], [, b]) => a.at - b.at);
  return moves.map(([index, action]) => {
    const { link, end, to } = action;
    const before = ends.get(link)!;
    const side = before[0].node === end ? 0 : before[1].node === end ? 1 : null;
    const others = [...ends].filter(([name]) => name !== link).flatMap(([, both]) => [...both]);
    if (side === 0) ends.set(link, [to, before[1]]);
    if (side === 1) ends.set(link, [before[0], to]);
    return { action, index, side, to, ends: before, others };
  });
}
