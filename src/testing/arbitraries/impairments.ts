/**
 * What goes wrong with single packets, as explicit lists of packet numbers: a list says exactly which packets were hit,
 * and shrinks to the fewest and earliest. No probabilities, whose failures would not.
 */
import fc from 'fast-check';
import type { ScenarioInput } from '../../scenario/schema/scenario.ts';
import { ConfigError } from '../../sim/errors.ts';
import type { Topology } from './topology.ts';

export type ImpairmentKind = 'lose' | 'duplicate' | 'reorder' | 'corrupt';

/** One rule of a link, as scenarios write it. */
export type Impairment = NonNullable<
  Extract<NonNullable<ScenarioInput['links']>[string], { between: string }>['impairments']
>[number];

export interface LossConstraints {
  /** Only among the first so many packets. Default: 20. */
  readonly among?: number;
  /** At most so many. Default: 8. */
  readonly most?: number;
}

export interface ImpairmentConstraints {
  /** What may happen. Default: everything. */
  readonly kinds?: readonly ImpairmentKind[];
  /** To which packets, in the words of packet filters. Default: ip, or ip6 where there is only that; ARP is spared. */
  readonly match?: string;
  /** Only to the first so many packets of a direction. Default: 12. */
  readonly among?: number;
  /** At most so many packets in the whole network are hit. Default: 6. */
  readonly most?: number;
  /** Longest time for which a packet is held back, ms. Default: 300. */
  readonly hold?: number;
}

/** Numbers of packets, counted from 1, rising. Shrinks to fewer and smaller numbers; empty when nothing need be lost. */
export function lossPattern({ among = 20, most = 8 }: LossConstraints = {}): fc.Arbitrary<number[]> {
  return fc
    .uniqueArray(fc.integer({ min: 1, max: among }), { maxLength: most })
    .map((numbers) => numbers.sort((a, b) => a - b));
}

/** One packet of one direction of one link, hit once. */
interface Hit {
  readonly link: number;
  readonly end: 0 | 1;
  readonly kind: ImpairmentKind;
  readonly packet: number;
  /** ms; for packets that are held back. */
  readonly by: number;
}

const KINDS: readonly ImpairmentKind[] = ['lose', 'duplicate', 'reorder', 'corrupt'];

/** Rules for one direction of a link. */
export function impairments(constraints: ImpairmentConstraints = {}): fc.Arbitrary<Impairment[]> {
  return hits(constraints).map((drawn) =>
    rulesOf(
      drawn.map((hit) => ({ ...hit, end: 0 })),
      null,
      constraints.match ?? 'ip',
    ),
  );
}

/** The topology with packets that are lost, copied, held back and damaged on its links. */
export function impaired(
  network: fc.Arbitrary<Topology>,
  constraints: ImpairmentConstraints = {},
): fc.Arbitrary<Topology> {
  return fc
    .tuple(network, hits(constraints))
    .map(([drawn, all]) => withHits(drawn, all, constraints.match ?? defaultMatch(drawn)));
}

function hits({
  kinds = KINDS,
  among = 12,
  most = 6,
  hold = 300,
}: ImpairmentConstraints): fc.Arbitrary<Hit[]> {
  const unknown = kinds.find((kind) => !KINDS.includes(kind));
  if (unknown !== undefined)
    throw new ConfigError(`'${unknown}' is no kind of impairment`, ['kinds'], KINDS.join(', '));
  const hit: fc.Arbitrary<Hit> = fc.record({
    link: fc.nat(7),
    end: fc.constantFrom(0, 1),
    kind: fc.constantFrom(...(kinds.length === 0 ? KINDS : kinds)),
    packet: fc.integer({ min: 1, max: among }),
    by: fc.integer({ min: 1, max: hold }),
  });
  return fc.array(hit, { maxLength: kinds.length === 0 ? 0 : most, size: 'max' });
}

function withHits(network: Topology, all: readonly Hit[], match: string): Topology {
  const names = Object.keys(network.links).filter((name) => !isIntoHub(network, name));
  if (all.length === 0 || names.length === 0) return network;
  const links = { ...network.links };
  for (const [i, name] of names.entries()) {
    const mine = all.filter(({ link }) => link % names.length === i);
    if (mine.length === 0) continue;
    const link = links[name] as { between: string };
    links[name] = { ...link, impairments: rulesOf(mine, nodesOf(link.between), match) };
  }
  return { ...network, links };
}

/** One rule for all packets to which the same happens. @param ends null when no end is to be named */
function rulesOf(all: readonly Hit[], ends: readonly string[] | null, match: string): Impairment[] {
  const rules = new Map<string, { readonly hit: Hit; readonly packets: Set<number> }>();
  for (const hit of all) {
    const key = `${hit.end} ${hit.kind} ${hit.kind === 'reorder' ? hit.by : ''}`;
    const rule = rules.get(key) ?? { hit, packets: new Set() };
    rule.packets.add(hit.packet);
    rules.set(key, rule);
  }
  return [...rules.values()].map(({ hit, packets }) => {
    const which = {
      ...(ends === null ? {} : { from: ends[hit.end]! }),
      match,
      packets: [...packets].sort((a, b) => a - b),
    };
    if (hit.kind === 'reorder') return { do: 'reorder', by: `${hit.by}ms`, ...which };
    return { do: hit.kind === 'lose' ? 'drop' : hit.kind, ...which };
  });
}

function isIntoHub({ links, hubs }: Topology, name: string): boolean {
  return nodesOf((links[name] as { between: string }).between).some((node) => Object.hasOwn(hubs, node));
}

/** The nodes that `client.eth0 -- lan0` joins. */
export function nodesOf(between: string): [string, string] {
  const [a, b] = between.split(' -- ').map((end) => end.split('.')[0]!);
  return [a!, b!];
}

function defaultMatch({ hosts }: Topology): string {
  return JSON.stringify(hosts).includes('10.0.') ? 'ip' : 'ip6';
}
