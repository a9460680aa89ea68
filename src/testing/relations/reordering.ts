/** The declarations of a scenario the other way round: what is written first has no precedence. */
import { MacAddress } from '../../packet/mac-address.ts';
import type { Scenario } from '../../scenario/schema/scenario.ts';
import { chanceIn, nodesOf, spanningTreeIn } from './applies.ts';
import type { Relation } from './relation.ts';

export const REORDERING: Relation = {
  name: 'reordering declarations',
  says: 'hosts, routers, switches, links and programs of different hosts may be declared in any order',
  agree: ['delivered', 'programs', 'verdicts'],
  exception: (scenario) => chanceIn(scenario) ?? spanningTreeIn(scenario),
  variant: (scenario) => ({ scenario: reversed(withMacs(scenario)) }),
};

/** Interfaces and ports of the engine get MAC addresses in the order of declaration: here they keep them. */
function withMacs(scenario: Scenario): Scenario {
  let count = 0;
  const macs = new Map<string, MacAddress>();
  for (const [node, { interfaces }] of nodesOf(scenario)) {
    for (const [name, { mac }] of Object.entries(interfaces))
      if (mac === null && !name.includes('.')) macs.set(`${node} ${name}`, MacAddress.of(0x0200, ++count));
  }
  const pinned = <N extends Scenario['hosts'][string] | Scenario['routers'][string]>(
    nodes: Readonly<Record<string, N>>,
  ): Record<string, N> =>
    Object.fromEntries(
      Object.entries(nodes).map(([node, spec]) => {
        const interfaces = Object.entries(spec.interfaces).map(([name, device]) => {
          return [name, { ...device, mac: device.mac ?? macs.get(`${node} ${name}`) ?? null }];
        });
        return [node, { ...spec, interfaces: Object.fromEntries(interfaces) }];
      }),
    );
  return { ...scenario, hosts: pinned(scenario.hosts), routers: pinned(scenario.routers) };
}

function reversed(scenario: Scenario): Scenario {
  const { hosts, routers, switches, hubs, links, programs } = scenario;
  return {
    ...scenario,
    hosts: backwards(hosts),
    routers: backwards(routers),
    switches: backwards(switches),
    hubs: backwards(hubs),
    links: backwards(links),
    programs: hostsBackwards(programs),
  };
}

function backwards<T>(table: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(table).reverse());
}

/** Programs of one host keep their order: the first that binds a port has it. */
function hostsBackwards(programs: Scenario['programs']): Scenario['programs'] {
  const entries = Object.entries(programs);
  const hosts = [...new Set(entries.map(([, { host }]) => host))].reverse();
  return Object.fromEntries(hosts.flatMap((host) => entries.filter(([, program]) => program.host === host)));
}
