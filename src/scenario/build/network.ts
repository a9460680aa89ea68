/** From the data of a scenario to nodes and cables: every key of the file arrives at an option of the engine here. */
import { Network } from '../../node/network.ts';
import type {
  CableEnd,
  HostOptions,
  InterfaceOptions,
  RouteOptions,
  SwitchPortOptions,
} from '../../node/options.ts';
import { IpAddress } from '../../packet/ip-address.ts';
import { own } from '../check/context.ts';
import type { LinkEnd } from '../schema/links.ts';
import type { StaticRoute } from '../schema/route.ts';
import type { HostSpec, RouterSpec, Scenario } from '../schema/scenario.ts';
import type { Directory } from './directory.ts';

export interface BuildOptions {
  /** Default: that of the scenario. */
  readonly seed?: number;
  /** Encode and decode every frame at every hop. */
  readonly wire?: boolean;
}

/** @throws ConfigError for what only the engine can judge, such as the name of a sysctl */
export function buildNetwork(scenario: Scenario, directory: Directory, options: BuildOptions = {}): Network {
  const network = new Network({ seed: options.seed ?? scenario.seed, wire: options.wire ?? false });
  const ends = new Ends(scenario, directory);
  for (const [name, host] of Object.entries(scenario.hosts))
    network.addHost(name, { ...ipOptions(host), profile: host.profile ?? scenario.profile });
  for (const [name, router] of Object.entries(scenario.routers)) network.addRouter(name, ipOptions(router));
  for (const [name, { ageing, 'spanning-tree': spanningTree }] of Object.entries(scenario.switches))
    network.addSwitch(name, { ageing, spanningTree, ports: ends.switchPorts(name) });
  for (const [name, { rate }] of Object.entries(scenario.hubs)) network.addHub(name, { rate });
  for (const [name, link] of Object.entries(scenario.links)) {
    network.connect({
      name,
      ends: ends.of(name),
      ...(link.rate === null ? {} : { rate: link.rate }),
      delay: link.delay,
      queue: link.queue,
    });
  }
  if (scenario.routing === 'shortest-path') network.computeRoutes();
  return network;
}

/** Which end of a link a node is at; null = both are meant. */
export function sideOf([a]: readonly [LinkEnd, LinkEnd], from: string | null): 0 | 1 | null {
  if (from === null) return null;
  return a.node === from ? 0 : 1;
}

function ipOptions(node: HostSpec | RouterSpec): Omit<HostOptions, 'profile'> {
  return {
    interfaces: Object.entries(node.interfaces).map(
      ([name, { addresses, mac, mtu }]): InterfaceOptions => ({
        name,
        addresses,
        mtu,
        ...(mac === null ? {} : { mac }),
      }),
    ),
    routes: [...defaultRoute(node), ...node.routes.map(routeOptions)],
    sysctls: node.sysctls,
  };
}

function defaultRoute({ gateway }: HostSpec | RouterSpec): RouteOptions[] {
  return gateway === null ? [] : [{ to: { address: IpAddress.v4(0), length: 0 }, via: gateway }];
}

function routeOptions({ kind, to, via, device, metric }: StaticRoute): RouteOptions {
  return { kind, to, via, metric, ...(device === null ? {} : { device }) };
}

/** Which interface or port every link ends at; switches grow the ports that their links need. */
class Ends {
  readonly #scenario: Scenario;
  readonly #ends = new Map<string, readonly [CableEnd, CableEnd]>();
  readonly #ports = new Map<string, string[]>();

  constructor(scenario: Scenario, directory: Directory) {
    this.#scenario = scenario;
    for (const [name, { ports }] of Object.entries(scenario.switches))
      this.#ports.set(name, Object.keys(ports));
    const links = Object.entries(scenario.links);
    for (const [, link] of links)
      for (const { node, device } of link.between)
        if (device !== null && own(scenario.switches, node) !== undefined) this.#addPort(node, device);
    const taken = new Set(
      links.flatMap(([, link]) => link.between.map(({ node, device }) => `${node}.${device}`)),
    );
    for (const [name, link] of links) {
      const [a, b] = link.between.map((end) => this.#find(end, directory, taken)) as [CableEnd, CableEnd];
      this.#ends.set(name, [a, b]);
    }
  }

  of(link: string): readonly [CableEnd, CableEnd] {
    return this.#ends.get(link)!;
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

  #addPort(node: string, port: string): void {
    const ports = this.#ports.get(node)!;
    if (!ports.includes(port)) ports.push(port);
  }
}
