/** Which interface or port every link ends at, at the beginning and after each move. */
import type { CableEnd, SwitchPortOptions } from '../../node/options.ts';
import { own } from '../check/context.ts';
import { type ReplugAction, replugsOf } from '../check/replugs.ts';
import { formatEnd, type LinkEnd } from '../schema/links.ts';
import type { Scenario } from '../schema/scenario.ts';
import type { Directory } from './directory.ts';

/** Switches grow the ports that their links need. */
export class Ends {
  readonly #scenario: Scenario;
  readonly #ends = new Map<string, readonly [CableEnd, CableEnd]>();
  readonly #ports = new Map<string, string[]>();
  readonly #moved = new Map<ReplugAction, CableEnd>();

  constructor(scenario: Scenario, directory: Directory) {
    this.#scenario = scenario;
    for (const [name, { ports }] of Object.entries(scenario.switches))
      this.#ports.set(name, Object.keys(ports));
    const links = Object.entries(scenario.links);
    for (const [, link] of links)
      for (const { node, device } of link.between) this.#addNamedPort(node, device);
    const moves = replugsOf(scenario);
    for (const { to } of moves) this.#addNamedPort(to.node, to.device);
    const taken = new Set(
      [...links.flatMap(([, link]) => link.between), ...moves.map(({ to }) => to)].map(formatEnd),
    );
    for (const [name, link] of links) {
      const [a, b] = link.between.map((end) => this.#find(end, directory, taken)) as [CableEnd, CableEnd];
      this.#ends.set(name, [a, b]);
    }
    for (const { action, to } of moves) this.#moved.set(action, this.#find(to, directory, taken));
  }

  of(link: string): readonly [CableEnd, CableEnd] {
    return this.#ends.get(link)!;
  }

  /** Where a cable goes that is plugged in elsewhere. */
  movedTo(action: ReplugAction): CableEnd {
    return this.#moved.get(action)!;
  }

  switchPorts(name: string): SwitchPortOptions[] {
    const { ports } = this.#scenario.switches[name]!;
    return this.#ports.get(name)!.map((port) => {
      const written = own(ports, port);
      return written === undefined ? { name: port } : { name: port, ...written };
    });
  }

  #find(end: LinkEnd, directory: Directory, taken: Set<string>): CableEnd {
    const { node } = end;
    if (own(this.#scenario.hubs, node) !== undefined) return { node, device: end.device };
    if (own(this.#scenario.switches, node) === undefined) return { node, device: directory.deviceOf(end) };
    if (end.device !== null) return { node, device: end.device };
    const ports = this.#ports.get(node)!;
    let free = ports.find((port) => !taken.has(`${node}.${port}`));
    for (let i = 1; free === undefined; i++) {
      if (ports.includes(`port${i}`)) continue;
      free = `port${i}`;
      this.#addPort(node, free);
    }
    taken.add(`${node}.${free}`);
    return { node, device: free };
  }

  #addNamedPort(node: string, device: string | null): void {
    if (device !== null && own(this.#scenario.switches, node) !== undefined) this.#addPort(node, device);
  }

  #addPort(node: string, port: string): void {
    const ports = this.#ports.get(node)!;
    if (!ports.includes(port)) ports.push(port);
  }
}
