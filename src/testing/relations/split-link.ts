/** A link made of two, with a switch where they meet: the same bytes arrive, and the first of them not earlier. */

import type { LinkSpec, Scenario } from '../../scenario/schema/scenario.ts';
import { formatDuration } from '../../sim/time.ts';
import { unfinishedIn } from './applies.ts';
import type { Relation } from './relation.ts';

const NAME = 'halfway';

export const SPLIT_LINK: Relation = {
  name: 'one link split in two',
  says: 'a switch in the middle of a link delivers the same, and begins not earlier',
  agree: ['streams', 'programs'],
  exception: (scenario, base) =>
    splittable(scenario) === undefined
      ? 'every link is impaired, moved, or ends at a hub or a switch with rules of its own'
      : unfinishedIn(base),
  variant: (scenario) => ({ scenario: split(scenario, splittable(scenario)!) }),
  ordered: (base, variant) =>
    [...base.firstRead].flatMap(([program, time]) => {
      const other = variant.firstRead.get(program) ?? Number.POSITIVE_INFINITY;
      return other >= time
        ? []
        : [`'${program}' read its first byte ${formatDuration(time - other)} earlier`];
    }),
};

/** The name of the first link about which the scenario says nothing more than where it goes. */
function splittable({ links, hubs, switches, timeline }: Scenario): string | undefined {
  const found = Object.entries(links).find(([name, { between, impairments }]) => {
    const isTouched =
      impairments.length > 0 || timeline.some((action) => 'link' in action && action.link === name);
    const isPlain = ({ node }: LinkSpec['between'][number]) => {
      const bridge = switches[node];
      const isSwitched = bridge === undefined || (bridge['spanning-tree'] === null && isEmpty(bridge.ports));
      return hubs[node] === undefined && isSwitched;
    };
    return !isTouched && between.every(isPlain);
  });
  return found?.[0];
}

function isEmpty(table: object): boolean {
  return Object.keys(table).length === 0;
}

function split(scenario: Scenario, name: string): Scenario {
  const link = scenario.links[name]!;
  const [a, b] = link.between;
  const middle = { node: NAME, device: null };
  const delay = Math.floor(link.delay / 2);
  const halves: [string, LinkSpec][] = [
    [name, { ...link, between: [a, middle], delay }],
    [`${name}-${NAME}`, { ...link, between: [middle, b], delay: link.delay - delay }],
  ];
  const links = Object.entries(scenario.links).flatMap((entry) => (entry[0] === name ? halves : [entry]));
  return {
    ...scenario,
    switches: { ...scenario.switches, [NAME]: { ports: {}, ageing: 300_000_000_000, 'spanning-tree': null } },
    links: Object.fromEntries(links),
  };
}
