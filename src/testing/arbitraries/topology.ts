/**
 * Topologies: hosts on a tree of IP networks that routers join, so that everybody reaches everybody by construction.
 * What is drawn are small numbers, out of which any topology is made and no impossible one; they shrink to all hosts in
 * one network: two of them on a wire, more on a switch.
 */
import fc from 'fast-check';
import type { ScenarioInput } from '../../scenario/schema/scenario.ts';
import { ConfigError } from '../../sim/errors.ts';

/** The parts of a scenario that are its network. */
export type Topology = {
  readonly [K in 'routing' | 'hosts' | 'routers' | 'switches' | 'hubs' | 'links']: NonNullable<
    ScenarioInput[K]
  >;
};

export interface TopologyConstraints {
  /** Names of the hosts, or how many: `h1`, `h2`, … Default: 2 to 4. */
  readonly hosts?: readonly string[] | { readonly min?: number; readonly max?: number };
  /** At most so many routers, each of which adds a network. Default: 2. */
  readonly routers?: number;
  /** Whether three and more in one network may share a hub. Links into hubs have no impairments. Default: false. */
  readonly hubs?: boolean;
  /** Which addresses interfaces have. Default: 4. */
  readonly family?: 4 | 6 | 'both';
  /** Longest delay of a link, ms. Default: 50. */
  readonly delay?: number;
  /** Bit rates that links may have; the first is the simplest. Default: 1Gbps, 10Mbps, 1Mbps. */
  readonly rates?: readonly string[];
}

/** One network: a wire between two, a switch, or a hub. */
interface SegmentGene {
  /** To which of those before it a router joins it; meaningless for the first. */
  readonly parent: number;
  /** 0 is the simplest medium that can do it. */
  readonly medium: number;
  readonly delay: number;
  readonly rate: number;
}

interface TopologyGenes {
  readonly hosts: number;
  /** In which network each host is. */
  readonly places: readonly number[];
  readonly segments: readonly SegmentGene[];
}

const RATES = ['1Gbps', '10Mbps', '1Mbps'];

export function topology(constraints: TopologyConstraints = {}): fc.Arbitrary<Topology> {
  const { hosts, routers = 2, delay = 50, rates = RATES } = constraints;
  const isNamed = isList(hosts);
  const { min, max } = isNamed ? { min: hosts.length, max: hosts.length } : hostCount(hosts);
  if (isNamed && new Set(hosts).size < hosts.length)
    throw new ConfigError(`two hosts have one name: ${hosts.join(', ')}`, ['hosts'], 'a name for each host');
  const segment: fc.Arbitrary<SegmentGene> = fc.record({
    parent: fc.nat(Math.max(0, routers - 1)),
    medium: fc.nat(constraints.hubs === true ? 2 : 1),
    delay: fc.nat(delay),
    rate: fc.nat(rates.length - 1),
  });
  const genes: fc.Arbitrary<TopologyGenes> = fc.record({
    hosts: fc.integer({ min, max }),
    places: fc.array(fc.nat(routers), { minLength: max, maxLength: max }),
    segments: fc.array(segment, { minLength: 1, maxLength: routers + 1, size: 'max' }),
  });
  return genes.map((drawn) => {
    const names = isNamed ? hosts : Array.from({ length: drawn.hosts }, (_, i) => `h${i + 1}`);
    return new Builder(names, drawn, constraints.family ?? 4, rates).build();
  });
}

/** One bound that is given moves the other. */
function hostCount({ min, max }: { readonly min?: number; readonly max?: number } = {}): {
  min: number;
  max: number;
} {
  const count = { min: min ?? Math.min(2, max ?? 2), max: max ?? Math.max(4, min ?? 4) };
  if (count.min >= 1 && count.min <= count.max) return count;
  const found = `from ${count.min} to ${count.max}`;
  throw new ConfigError(`there is no number of hosts ${found}`, ['hosts'], '1 <= min <= max');
}

/** What is plugged into one network. */
interface Attachment {
  readonly node: string;
  readonly device: string;
}

type NodeTable = Record<string, { interfaces: Record<string, { addresses: string[] }> }>;

/** From drawn numbers to the words of a scenario. */
class Builder {
  readonly #names: readonly string[];
  readonly #genes: TopologyGenes;
  readonly #family: 4 | 6 | 'both';
  readonly #rates: readonly string[];
  readonly #hosts: NodeTable = {};
  readonly #routers: NodeTable = {};
  readonly #attached: Attachment[][];

  constructor(
    names: readonly string[],
    genes: TopologyGenes,
    family: 4 | 6 | 'both',
    rates: readonly string[],
  ) {
    this.#names = names;
    this.#genes = genes;
    this.#family = family;
    this.#rates = rates;
    this.#attached = genes.segments.map(() => []);
  }

  build(): Topology {
    const { places, segments } = this.#genes;
    for (const [i, name] of this.#names.entries()) {
      this.#hosts[name] = { interfaces: {} };
      this.#attach(this.#hosts, name, places[i]! % segments.length, i + 1);
    }
    for (let i = segments.length - 1; i > 0; i--) this.#join(i, segments[i]!.parent % i);
    const made: Topology = {
      routing: Object.keys(this.#routers).length > 0 ? 'shortest-path' : 'static',
      hosts: this.#hosts,
      routers: this.#routers,
      switches: {},
      hubs: {},
      links: {},
    };
    for (const [i, attached] of this.#attached.entries()) this.#lay(made, i, attached);
    return made;
  }

  /** A router between two networks; from the outermost inwards, so that none leads to where nobody is. */
  #join(segment: number, parent: number): void {
    if (this.#attached[segment]!.length === 0) return;
    if (!this.#attached.some((others, i) => i !== segment && others.length > 0)) return;
    const name = `r${segment}`;
    this.#routers[name] = { interfaces: {} };
    this.#attach(this.#routers, name, parent, 255 - segment);
    this.#attach(this.#routers, name, segment, 254);
  }

  #attach(table: NodeTable, node: string, segment: number, number: number): void {
    const { interfaces } = table[node]!;
    const device = `eth${Object.keys(interfaces).length}`;
    const v4 = `10.0.${segment}.${number}/24`;
    const v6 = `fd00:0:0:${segment.toString(16)}::${number.toString(16)}/64`;
    const addresses = { 4: [v4], 6: [v6], both: [v4, v6] }[this.#family];
    interfaces[device] = { addresses };
    this.#attached[segment]!.push({ node, device });
  }

  #lay(made: Topology, segment: number, attached: readonly Attachment[]): void {
    if (attached.length < 2) return;
    const { medium } = this.#genes.segments[segment]!;
    if (attached.length === 2 && medium === 0) {
      const [a, b] = attached as [Attachment, Attachment];
      const isTwice = Object.hasOwn(made.links, `${a.node}-${b.node}`);
      made.links[`${a.node}-${b.node}${isTwice ? `-${segment}` : ''}`] = this.#link(segment, a, endOf(b));
      return;
    }
    const isHub = medium === 2 && attached.length > 2;
    const name = `${isHub ? 'hub' : 'lan'}${segment}`;
    (isHub ? made.hubs : made.switches)[name] = {};
    for (const each of attached) made.links[`${each.node}-${name}`] = this.#link(segment, each, name, isHub);
  }

  #link(
    segment: number,
    from: Attachment,
    to: string,
    isIntoHub: boolean = false,
  ): Topology['links'][string] {
    const { delay, rate } = this.#genes.segments[segment]!;
    const between = `${endOf(from)} -- ${to}`;
    if (isIntoHub) return { between }; // it has the rate of the hub, and its segment is short
    return {
      between,
      ...(delay === 0 ? {} : { delay: `${delay}ms` }),
      ...(rate === 0 ? {} : { rate: this.#rates[rate]! }),
    };
  }
}

function endOf({ node, device }: Attachment): string {
  return `${node}.${device}`;
}

function isList(hosts: TopologyConstraints['hosts']): hosts is readonly string[] {
  return Array.isArray(hosts);
}
