/**
 * A picture of the network in text: a tree that begins at the first node and follows the cables, each with its rate
 * and delay; cables that close a circle end in a name that was there before.
 */
import type { Cable } from '../node/cable.ts';
import type { Network } from '../node/network.ts';
import type { NetworkNode } from '../node/node.ts';
import { formatPrefix } from '../packet/prefix.ts';
import { formatDuration } from '../sim/time.ts';

/** One line per node, and one per cable that closes a circle. */
export function drawTopology(network: Network): string[] {
  const picture = new Picture(network);
  for (const node of network.nodes) picture.drawFrom(node);
  return picture.lines;
}

class Picture {
  readonly lines: string[] = [];
  readonly #network: Network;
  readonly #drawn = new Set<string>();
  readonly #used = new Set<Cable>();

  constructor(network: Network) {
    this.#network = network;
  }

  /** A tree of its own, unless the node is in one already. */
  drawFrom(node: NetworkNode): void {
    if (this.#drawn.has(node.name)) return;
    this.lines.push(labelOf(node));
    this.#drawn.add(node.name);
    this.#drawBranches(node, '');
  }

  #drawBranches(node: NetworkNode, indent: string): void {
    const cables = () =>
      this.#network.cables.filter((cable) => !this.#used.has(cable) && endOf(cable, node.name) !== null);
    for (let [cable, ...others] = cables(); cable !== undefined; [cable, ...others] = cables()) {
      this.#used.add(cable);
      const isLast = others.length === 0;
      const near = cable.ends[endOf(cable, node.name)!]!;
      const far = cable.ends[1 - endOf(cable, node.name)!]!;
      const name = near.device === null || node.kind === 'hub' ? '' : `${near.device} `;
      const peer = this.#network.node(far.node);
      const isNew = !this.#drawn.has(peer.name);
      const wire = `${formatRate(cable.rate)} ${formatDuration(cable.delay)}`;
      const label = isNew ? labelOf(peer, far.device) : `${peer.name} (see there)`;
      this.lines.push(`${indent}${isLast ? '└' : '├'}─ ${name}── ${wire} ── ${label}`);
      if (!isNew) continue;
      this.#drawn.add(peer.name);
      this.#drawBranches(peer, `${indent}${isLast ? ' ' : '│'}  `);
    }
  }
}

/** @param arrivingAt the interface through which the picture comes, shown first */
function labelOf(node: NetworkNode, arrivingAt: string | null = null): string {
  const kind = node.kind === 'host' ? '' : ` (${node.kind})`;
  const addresses = 'addresses' in node ? ` ${addressesOf(node as AddressedNode)}` : '';
  const port = arrivingAt === null || node.kind === 'hub' ? '' : `${arrivingAt} `;
  return `${port}${node.name}${kind}${addresses}`.trimEnd();
}

interface AddressedNode {
  readonly addresses: Parameters<typeof formatPrefix>[0][];
}

function addressesOf({ addresses }: AddressedNode): string {
  return addresses.map(formatPrefix).join(', ');
}

function endOf(cable: Cable, node: string): 0 | 1 | null {
  if (cable.ends[0].node === node) return 0;
  return cable.ends[1].node === node ? 1 : null;
}

function formatRate(bitsPerSecond: number): string {
  if (bitsPerSecond === Number.POSITIVE_INFINITY) return 'unlimited';
  for (const [unit, size] of [
    ['Gbps', 1e9],
    ['Mbps', 1e6],
    ['kbps', 1e3],
  ] as const) {
    if (bitsPerSecond >= size) return `${bitsPerSecond / size}${unit}`;
  }
  return `${bitsPerSecond}bps`;
}
