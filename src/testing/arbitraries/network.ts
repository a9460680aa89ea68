/** Whole networks: a topology, what goes wrong with its packets, what happens to it in time, and a seed. */
import fc from 'fast-check';
import type { ScenarioInput } from '../../scenario/schema/scenario.ts';
import { type EventConstraints, events, type Timeline } from './events.ts';
import { type ImpairmentConstraints, impaired } from './impairments.ts';
import { type Topology, type TopologyConstraints, topology } from './topology.ts';

export interface NetworkConstraints extends TopologyConstraints {
  /** What happens to single packets; false: nothing. Default: everything. */
  readonly impairments?: ImpairmentConstraints | false;
  /** What happens to links and hosts; false: nothing. Default: false. */
  readonly events?: EventConstraints | false;
  /** Seeds from 1 to this, on which initial sequence numbers and ports depend. Default: 1000. */
  readonly seeds?: number;
  /** The run ends here at the latest. Default: 1h, which is to say: when nothing is left to happen. */
  readonly until?: string;
}

const LATEST = '1h';

/** A scenario without programs. Shrinks to two hosts and a wire (three hosts and more: a switch) on which nothing goes wrong. */
export function network(constraints: NetworkConstraints = {}): fc.Arbitrary<ScenarioInput> {
  const { seeds = 1000, until = LATEST } = constraints;
  const quiet = { kinds: [] };
  const links = impaired(topology(constraints), constraints.impairments || quiet);
  const timed = events(links, constraints.events || quiet);
  return fc
    .tuple(timed, fc.integer({ min: 1, max: seeds }))
    .map(([drawn, seed]) => document(drawn.topology, { seed, until, timeline: drawn.timeline }));
}

/** Leaves out what is empty or the default, so that documents read well. */
function document(
  { routing, hosts, routers, switches, hubs, links }: Topology,
  { seed, until, timeline }: { seed: number; until: string; timeline: Timeline },
): ScenarioInput {
  const isUsed = (table: object) => Object.keys(table).length > 0;
  return {
    title: 'a generated network',
    ...(seed === 1 ? {} : { seed }),
    until,
    ...(routing === 'static' ? {} : { routing }),
    hosts,
    ...(isUsed(routers) ? { routers } : {}),
    ...(isUsed(switches) ? { switches } : {}),
    ...(isUsed(hubs) ? { hubs } : {}),
    links,
    ...(timeline.length > 0 ? { timeline } : {}),
  };
}
