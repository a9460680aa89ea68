/**
 * The network as a whole: nodes and links in the order of their declaration, one simulator, one seed. Everything
 * that depends on order (MAC addresses, random streams, places of events) depends on the declaration alone.
 */
import type { DropCounters } from '../packet/drops.ts';
import type { Pdu } from '../packet/pdu.ts';
import { ConfigError } from '../sim/errors.ts';
import { nearest } from '../sim/nearest.ts';
import { RandomStreams } from '../sim/random.ts';
import { type RunEnd, type RunOptions, Simulator } from '../sim/simulator.ts';
import { Host } from './host.ts';
import type { NetworkNode } from './node.ts';
import type { CableOptions, HostOptions, HubOptions, RouterOptions, SwitchOptions } from './options.ts';

export interface NetworkOptions {
  /** What all randomness derives from. Default: 1. */
  readonly seed?: number;
  /** Which repetition of the same experiment. Default: 0. */
  readonly run?: number;
  /** Encode and decode every frame on every link. Results do not change. Default: false. */
  readonly wire?: boolean;
}

/** Where all PDUs went: what was sent is what was delivered, dropped, or is still under way. */
export interface Conservation {
  readonly sent: number;
  readonly delivered: number;
  readonly inFlight: number;
  /** Drops of all nodes and links, by reason. */
  readonly dropped: readonly [reason: string, count: number][];
}

/** A cable that was laid: its counters and what can be done to it. */
export interface Cable {
  readonly name: string;
  readonly ends: CableOptions['ends'];
  readonly drops: DropCounters;
  /** Both ends lose their carrier; what is under way is lost. */
  setUp(isUp: boolean): void;
  /** Drops frames that leave the given end (0 or 1) and match, `count` times. */
  dropNext(end: 0 | 1, count: number, matches: (frame: Pdu) => boolean): void;
}

export class Network {
  readonly simulator: Simulator;
  readonly random: RandomStreams;
  readonly #nodes = new Map<string, NetworkNode>();
  readonly #cables: Cable[] = [];

  constructor(options: NetworkOptions = {}) {
    this.simulator = new Simulator();
    this.random = new RandomStreams(options.seed ?? 1, options.run ?? 0);
  }

  /** All nodes in the order of declaration. */
  get nodes(): readonly NetworkNode[] {
    return [...this.#nodes.values()];
  }

  /** All links in the order of declaration. */
  get cables(): readonly Cable[] {
    return this.#cables;
  }

  /** @throws ConfigError when the name is taken, or the options contradict themselves */
  addHost(name: string, options: HostOptions): Host {
    return this.#add(new Host(this.simulator, this.random, name, 'host', options, []));
  }

  addRouter(name: string, options: RouterOptions): Host {
    return this.#add(new Host(this.simulator, this.random, name, 'router', options, []));
  }

  addSwitch(_name: string, _options: SwitchOptions): NetworkNode {
    throw new Error('no switch yet');
  }

  addHub(_name: string, _options: HubOptions): NetworkNode {
    throw new Error('no hub yet');
  }

  /** Lays a cable. @throws ConfigError when an end does not exist or is taken */
  connect(_options: CableOptions): Cable {
    throw new Error('no links yet');
  }

  /** Gives every host and router the routes of the shortest paths; static routes of the same prefix stay. */
  computeRoutes(): void {}

  /** @throws ConfigError naming the nearest name when there is none */
  node(name: string): NetworkNode {
    const node = this.#nodes.get(name);
    if (node === undefined) {
      const like = nearest(name, this.#nodes.keys());
      throw new ConfigError(
        `there is no node '${name}'`,
        [],
        like === null ? undefined : `did you mean '${like}'?`,
      );
    }
    return node;
  }

  /** @throws ConfigError when there is no such node, or it is neither host nor router */
  host(name: string): Host {
    const node = this.node(name);
    if (!(node instanceof Host)) throw new ConfigError(`'${name}' is a ${node.kind}, not a host`);
    return node;
  }

  /** Runs events; see {@link Simulator.run}. */
  run(options: RunOptions = {}): RunEnd {
    return this.simulator.run(options);
  }

  #add<N extends NetworkNode>(node: N): N {
    if (this.#nodes.has(node.name)) throw new ConfigError(`two nodes are called '${node.name}'`);
    this.#nodes.set(node.name, node);
    return node;
  }
}
