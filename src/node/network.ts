/**
 * The network as a whole: nodes and cables in the order of their declaration, one simulator, one seed. Everything
 * that depends on order (MAC addresses, random streams, places of events) depends on the declaration alone.
 */
import { parseVlanName } from '../link/vlan-device.ts';
import { MacAddress } from '../packet/mac-address.ts';
import { ConfigError } from '../sim/errors.ts';
import { nearest } from '../sim/nearest.ts';
import { RandomStreams } from '../sim/random.ts';
import { type RunEnd, type RunOptions, Simulator } from '../sim/simulator.ts';
import { Cable, type FoundEnd } from './cable.ts';
import { type Conservation, conservationOf } from './conservation.ts';
import { Host } from './host.ts';
import { Hub } from './hub.ts';
import type { NetworkNode } from './node.ts';
import type {
  CableEnd,
  CableOptions,
  HostOptions,
  HubOptions,
  RouterOptions,
  SwitchOptions,
} from './options.ts';
import { newRouter } from './router.ts';
import { type RoutedNode, shortestPaths } from './shortest-paths.ts';
import { Switch } from './switch.ts';

export interface NetworkOptions {
  /** What all randomness derives from. Default: 1. */
  readonly seed?: number;
  /** Which repetition of the same experiment. Default: 0. */
  readonly run?: number;
  /** Encode and decode every frame on every link. Results do not change. Default: false. */
  readonly wire?: boolean;
}

/** Locally administered unicast addresses: 02:00:00:... for interfaces, 02:00:01:... for ports of switches. */
const INTERFACE_MACS = 0x0200;
const PORT_MACS = 0x0201;

export class Network {
  readonly simulator: Simulator = new Simulator();
  readonly random: RandomStreams;
  readonly #wire: boolean;
  readonly #nodes = new Map<string, NetworkNode>();
  readonly #cables: Cable[] = [];
  #interfaceMacs = 0;
  #portMacs = 0;

  constructor(options: NetworkOptions = {}) {
    this.random = new RandomStreams(options.seed ?? 1, options.run ?? 0);
    this.#wire = options.wire ?? false;
  }

  /** All nodes in the order of declaration. */
  get nodes(): readonly NetworkNode[] {
    return [...this.#nodes.values()];
  }

  /** All hosts and routers in the order of declaration. */
  get hosts(): readonly Host[] {
    return this.nodes.filter((node) => node instanceof Host);
  }

  /** All cables in the order of declaration. */
  get cables(): readonly Cable[] {
    return this.#cables;
  }

  /** @throws ConfigError when the name is taken, or the options contradict themselves */
  addHost(name: string, options: HostOptions): Host {
    return this.#add(new Host(this.simulator, this.random, name, 'host', options, this.#interfaceMac));
  }

  addRouter(name: string, options: RouterOptions): Host {
    return this.#add(newRouter(this.simulator, this.random, name, options, this.#interfaceMac));
  }

  addSwitch(name: string, options: SwitchOptions): Switch {
    return this.#add(new Switch(this.simulator, name, options, this.#portMac));
  }

  addHub(name: string, options: HubOptions = {}): Hub {
    return this.#add(new Hub(this.simulator, this.random, name, options, this.#wire));
  }

  /** Lays a cable. @throws ConfigError when an end does not exist or is taken */
  connect(options: CableOptions): Cable {
    const [a, b] = options.ends;
    const ends: [FoundEnd, FoundEnd] = [this.#find(a), this.#find(b)];
    const cable = new Cable(this.simulator, this.random, options, ends, this.#wire);
    this.#cables.push(cable);
    return cable;
  }

  /** Moves one end of a cable to another port. @throws ConfigError when that does not exist or is taken */
  replug(cable: string, end: 0 | 1, to: CableEnd): void {
    this.cable(cable).replug(end, this.#find(to));
  }

  /** Gives every host and router the routes of the shortest paths; static routes to the same prefix stay. */
  computeRoutes(): void {
    const paths = shortestPaths(this.hosts.map((host) => routedNode(host, this.#cables)));
    for (const host of this.hosts) for (const route of paths.get(host.name)!) host.addComputedRoute(route);
  }

  /** @throws ConfigError naming the nearest name when there is none */
  node(name: string): NetworkNode {
    return this.#nodes.get(name) ?? missing('node', name, this.#nodes.keys());
  }

  /** @throws ConfigError when there is no such node, or it is neither host nor router */
  host(name: string): Host {
    const node = this.node(name);
    if (!(node instanceof Host)) throw new ConfigError(`'${name}' is a ${node.kind}, not a host`);
    return node;
  }

  /** @throws ConfigError naming the nearest name when there is none */
  cable(name: string): Cable {
    const names = this.#cables.map((cable) => cable.name);
    return this.#cables.find((cable) => cable.name === name) ?? missing('cable', name, names);
  }

  /** Runs events; see {@link Simulator.run}. */
  run(options: RunOptions = {}): RunEnd {
    return this.simulator.run(options);
  }

  /** Where all frames went. */
  conservation(): Conservation {
    return conservationOf(this.nodes, this.#cables);
  }

  readonly #interfaceMac = (): MacAddress => MacAddress.of(INTERFACE_MACS, ++this.#interfaceMacs);
  readonly #portMac = (): MacAddress => MacAddress.of(PORT_MACS, ++this.#portMacs);

  #add<N extends NetworkNode>(node: N): N {
    if (this.#nodes.has(node.name)) throw new ConfigError(`two nodes are called '${node.name}'`);
    this.#nodes.set(node.name, node);
    return node;
  }

  #find(end: CableEnd): FoundEnd {
    const node = this.node(end.node);
    if (node instanceof Hub) return { node, device: null };
    const device = node.ports.find((port) => port.name === end.device);
    const names = node.ports.map((port) => port.name);
    return { node, device: device ?? missing(`interface of ${node.name} called`, end.device ?? '', names) };
  }
}

/** A host with the costs of its cables; a VLAN interface has that of the port beneath. */
function routedNode(host: Host, cables: readonly Cable[]): RoutedNode {
  const { name, forwards } = host;
  const addresses = host.interfaceAddresses.map(({ device, prefix }) => {
    const port = parseVlanName(device)?.parent ?? device;
    const ends = (cable: Cable) => cable.ends.some((end) => end.node === name && end.device === port);
    return { ...prefix, cost: cables.find(ends)?.cost ?? 1 };
  });
  return { name, forwards, addresses };
}

function missing(what: string, name: string, names: Iterable<string>): never {
  const like = nearest(name, names);
  const expected = like === null ? `one of ${[...names].join(', ')}` : `did you mean '${like}'?`;
  throw new ConfigError(`there is no ${what} '${name}'`, [], expected);
}
