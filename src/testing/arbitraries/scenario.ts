/** Complete scenarios: a network, what goes wrong in it, and programs, all of it data. For properties of everything there is. */
import fc from 'fast-check';
import type { ScenarioInput } from '../../scenario/schema/scenario.ts';
import { type NetworkConstraints, network } from './network.ts';
import { type SocketProgramConstraints, socketPrograms } from './socket-program.ts';
import { type TrafficConstraints, traffic } from './traffic.ts';

export interface ScenarioConstraints extends NetworkConstraints {
  /** Conversations of built-in programs; false: none. Default: up to three. */
  readonly traffic?: TrafficConstraints | false;
  /** Random socket calls on every host; false: none. Default: false. */
  readonly calls?: SocketProgramConstraints | false;
}

const LATEST = '10min';
const NAMES = ['h1', 'h2', 'h3', 'h4'];

/** A scenario that `runScenario` takes as it is. Its hosts are named, or `h1` to `h4`. */
export function anyScenario(constraints: ScenarioConstraints = {}): fc.Arbitrary<ScenarioInput> {
  const hosts = Array.isArray(constraints.hosts)
    ? (constraints.hosts as readonly string[])
    : NAMES.slice(0, 3);
  const nothing = fc.constant({});
  const talk = constraints.traffic === false ? nothing : traffic(hosts, constraints.traffic);
  const calls = constraints.calls ? socketPrograms(hosts, constraints.calls) : nothing;
  return fc
    .tuple(network({ until: LATEST, ...constraints, hosts }), talk, calls)
    .map(([drawn, first, second]) => ({
      ...drawn,
      title: 'a generated scenario',
      programs: { ...first, ...second },
    }));
}
