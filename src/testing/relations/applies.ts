/** What a scenario uses, as far as relations must know: chance, functions, lists of calls. Each answer is a reason or null. */
import type { Scenario } from '../../scenario/schema/scenario.ts';
import { type Nanos, SECOND } from '../../sim/time.ts';
import type { TestRun } from '../run/test-run.ts';

/** Is there anything whose times or results depend on the seed? */
export function chanceIn(scenario: Scenario): string | null {
  const [hub] = Object.keys(scenario.hubs);
  if (hub !== undefined) return `stations of hub '${hub}' draw their backoff`;
  for (const [name, { impairments }] of Object.entries(scenario.links))
    if (impairments.some(isRandom)) return `impairments of link '${name}' are drawn`;
  if (scenario.timeline.some((action) => action.do === 'impair' && action.impairments.some(isRandom)))
    return 'impairments in the timeline are drawn';
  return autoconfigurationIn(scenario) ?? groupsIn(scenario) ?? functionIn(scenario);
}

/** SLAAC, DAD and router advertisements wait for random times, from the start of the run on. */
export function autoconfigurationIn(scenario: Scenario): string | null {
  for (const [name, { interfaces }] of nodesOf(scenario))
    if (Object.values(interfaces).some(({ slaac, dad, advertise }) => slaac || dad || advertise))
      return `${name} configures IPv6 addresses by itself, at random times from 0 on`;
  return null;
}

/** Hashes choose among the members of SO_REUSEPORT groups; multicast members report at random times. */
export function groupsIn(scenario: Scenario): string | null {
  for (const [name, { calls }] of Object.entries(scenario.programs)) {
    for (const { action } of calls ?? []) {
      if (action.call !== 'setsockopt') continue;
      if (action.option.endsWith('REUSEPORT')) return `'${name}' uses SO_REUSEPORT, where a hash chooses`;
      if (typeof action.value === 'object')
        return `'${name}' joins a group, whose reports wait for random times`;
    }
  }
  return null;
}

export function functionIn({ programs }: Scenario): string | null {
  const found = Object.entries(programs).find(([, { program }]) => program !== undefined);
  return found === undefined ? null : `program '${found[0]}' is a function: nobody knows what it knows`;
}

/** Bytes that were under way when the run ended: how many had arrived by then is a matter of time. */
export function unfinishedIn(run: TestRun): string | null {
  for (const { name } of run.network.hosts)
    if (run.sockets(name).some(({ state, sendQueue }) => state !== 'LISTEN' && sendQueue > 0))
      return `${name} still had data to send when the run ended`;
  return null;
}

/**
 * A neighbour's address is believed for a random time from half to three halves of 30 s (RFC 4861 6.3.2; ARP likewise):
 * up to this instant no seed and no name shows in that.
 */
export const FIRST_NEIGHBOUR_EXPIRES: Nanos = 15 * SECOND - 1;

export function spanningTreeIn({ switches }: Scenario): string | null {
  const found = Object.entries(switches).find(([, spec]) => spec['spanning-tree'] !== null);
  return found === undefined ? null : `switch '${found[0]}' takes part in a spanning tree, from 0 on`;
}

/** Hosts and routers. */
export function nodesOf({
  hosts,
  routers,
}: Scenario): [string, Scenario['hosts'][string] | Scenario['routers'][string]][] {
  return [...Object.entries(hosts), ...Object.entries(routers)];
}

function isRandom(impairment: Scenario['links'][string]['impairments'][number]): boolean {
  if (impairment.chance !== null || impairment.do === 'corrupt') return true;
  return impairment.do === 'delay' && impairment.jitter > 0;
}
