/**
 * The network as a picture in text: a tree that grows to the right, from the first host on; links that would close a
 * circle are listed below it. Addresses stand at the side of a node where their link is plugged in.
 */
import { formatPrefix } from '../../packet/prefix.ts';
import type { Scenario } from '../../scenario/schema/scenario.ts';
import { formatRate } from '../../scenario/schema/units.ts';
import { formatDuration } from '../../sim/time.ts';

/** A link seen from one of its ends. */
interface Edge {
  readonly link: string;
  readonly near: { readonly node: string; readonly device: string | null };
  readonly far: { readonly node: string; readonly device: string | null };
}

/** The lines of the picture. */
export function drawNetwork(scenario: Scenario): string[] {
  const picture = new Picture(scenario);
  const roots = [scenario.hosts, scenario.routers, scenario.switches, scenario.hubs].flatMap(Object.keys);
  const blocks = roots.flatMap((root) => picture.draw(root));
  return [...blocks, ...picture.circles()];
}

class Picture {
  readonly #scenario: Scenario;
  readonly #edges = new Map<string, Edge[]>();
  readonly #drawnNodes = new Set<string>();
  readonly #drawnLinks = new Set<string>();

  constructor(scenario: Scenario) {
    this.#scenario = scenario;
    for (const [link, { between }] of Object.entries(scenario.links)) {
      const [a, b] = between;
      this.#edgesOf(a.node).push({ link, near: a, far: b });
      this.#edgesOf(b.node).push({ link, near: b, far: a });
    }
  }

  /** The part of the network that can be reached from `root` and has not been drawn. */
  draw(root: string): string[] {
    return this.#drawnNodes.has(root) ? [] : this.#block(root);
  }

  /** The links that the trees left out. */
  circles(): string[] {
    return Object.entries(this.#scenario.links)
      .filter(([link]) => !this.#drawnLinks.has(link))
      .map(
        ([
          link,
          {
            between: [near, far],
          },
        ]) => {
          const edge = { link, near, far };
          return `${near.node}${this.#leaving(edge)} ${this.#line(link)} ${this.#entering(edge)}${far.node}`;
        },
      );
  }

  #block(node: string): string[] {
    this.#drawnNodes.add(node);
    const label = this.#label(node);
    const branches = this.#edgesOf(node)
      .filter(({ far }) => !this.#drawnNodes.has(far.node))
      .flatMap((edge) => {
        if (this.#drawnNodes.has(edge.far.node)) return []; // reached by a branch before
        this.#drawnLinks.add(edge.link);
        const lead = `${this.#leaving(edge)} ${this.#line(edge.link)} ${this.#entering(edge)}`;
        return [indented(lead, this.#block(edge.far.node))];
      });
    const [only] = branches;
    if (only === undefined) return [label];
    if (branches.length === 1) return indented(label, only);
    return branches.flatMap((branch, i) => {
      const isLast = i === branches.length - 1;
      const joint = i === 0 ? '─┬' : isLast ? ' └' : ' ├';
      return branch.map((line, row) => {
        const margin = i === 0 && row === 0 ? label : ' '.repeat(label.length);
        return `${margin} ${row === 0 ? joint : isLast ? '  ' : ' │'}${line}`;
      });
    });
  }

  #label(node: string): string {
    const { switches, hubs, routers, hosts } = this.#scenario;
    if (Object.hasOwn(switches, node)) return `${node} (switch)`;
    if (Object.hasOwn(hubs, node)) return `${node} (hub)`;
    return Object.hasOwn(routers, node) && !Object.hasOwn(hosts, node) ? `${node} (router)` : node;
  }

  /** ` 10.0.0.1/24` at the right side of a node. */
  #leaving({ near }: Edge): string {
    const addresses = this.#addresses(near);
    return addresses === '' ? '' : ` ${addresses}`;
  }

  #entering({ far }: Edge): string {
    const addresses = this.#addresses(far);
    return addresses === '' ? '' : `${addresses} `;
  }

  #addresses({ node, device }: Edge['near']): string {
    const { hosts, routers } = this.#scenario;
    const interfaces = (hosts[node] ?? routers[node])?.interfaces;
    if (interfaces === undefined) return '';
    const [only] = Object.values(interfaces);
    const found = device === null ? only : interfaces[device];
    return (found?.addresses ?? []).map(formatPrefix).join(' ');
  }

  /** `──` or, when a link is special, `──10Mbps 20ms──`. */
  #line(link: string): string {
    const { rate, delay, impairments } = this.#scenario.links[link]!;
    const words = [
      rate === null ? '' : formatRate(rate),
      delay === 1000 ? '' : formatDuration(delay),
      impairments.length === 0 ? '' : 'impaired',
    ].filter((word) => word !== '');
    return words.length === 0 ? '──' : `── ${words.join(', ')} ──`;
  }

  #edgesOf(node: string): Edge[] {
    const edges = this.#edges.get(node) ?? [];
    this.#edges.set(node, edges);
    return edges;
  }
}

/** A block behind a lead: the lead stands before its first line, blanks before the others. */
function indented(lead: string, block: readonly string[]): string[] {
  return block.map((line, row) => (row === 0 ? lead : ' '.repeat(lead.length)) + line);
}
