/** What both families of one node share: clock, interfaces, parameters, drops, and the budget for errors. */
import type { NetDevice } from '../link/device.ts';
import type { DropCounters } from '../packet/drops.ts';
import type { RandomStreams } from '../sim/random.ts';
import type { Simulator } from '../sim/simulator.ts';
import { IcmpLimits } from './icmp-limits.ts';
import { Interface } from './interface.ts';
import { Ipv4Config } from './ipv4-config.ts';
import { PeerTable } from './peers.ts';
import type { Sysctls } from './sysctls.ts';

export class SharedFloor {
  readonly simulator: Simulator;
  /** The node's: prefix of places and random streams. */
  readonly name: string;
  readonly random: RandomStreams;
  readonly sysctls: Sysctls;
  readonly drops: DropCounters;
  readonly ipv4Config: Ipv4Config;
  readonly peers: PeerTable = new PeerTable();
  readonly icmpLimits: IcmpLimits;
  /** In the order of their addition, the loopback interface first. */
  readonly interfaces: Interface[] = [];
  readonly #byIndex: (Interface | undefined)[] = [];

  constructor(
    simulator: Simulator,
    name: string,
    random: RandomStreams,
    sysctls: Sysctls,
    drops: DropCounters,
  ) {
    this.simulator = simulator;
    this.name = name;
    this.random = random;
    this.sysctls = sysctls;
    this.drops = drops;
    this.ipv4Config = new Ipv4Config(sysctls);
    this.icmpLimits = new IcmpLimits(this.ipv4Config, this.peers, random.stream(`${name} icmp`));
  }

  add(device: NetDevice): Interface {
    const iface = new Interface(device, this.sysctls);
    this.#byIndex[device.index] = iface;
    this.interfaces.push(iface);
    return iface;
  }

  interfaceOf(device: NetDevice): Interface | null {
    return this.#byIndex[device.index] ?? null;
  }

  byIndex(index: number): Interface | null {
    return this.#byIndex[index] ?? null;
  }
}
