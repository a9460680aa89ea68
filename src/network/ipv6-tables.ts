/** What the IPv6 machines of one node share: interfaces, routes, own addresses, parameters, clock. */
import type { DropCounters } from '../packet/drops.ts';
import type { IpAddress } from '../packet/ip-address.ts';
import type { Simulator } from '../sim/simulator.ts';
import type { Interface } from './interface.ts';
import type { Ipv6Config } from './ipv6-config.ts';
import { Ipv6Fib } from './ipv6-fib.ts';
import type { Ipv6Address, Ipv6Interface } from './ipv6-interface.ts';
import { selectIpv6Source } from './ipv6-source-selection.ts';

export class Ipv6Tables {
  readonly simulator: Simulator;
  readonly config: Ipv6Config;
  readonly drops: DropCounters;
  readonly fib: Ipv6Fib = new Ipv6Fib();
  /** In the order of their addition, the loopback interface first. */
  readonly interfaces: Ipv6Interface[] = [];
  /** Raised by every change: cached routes of an older version are void. */
  version = 1;
  /** Which interfaces have an address in use; a link-local one may be on several. */
  readonly #owners = new Map<IpAddress, Interface[]>();

  constructor(simulator: Simulator, config: Ipv6Config, drops: DropCounters) {
    this.simulator = simulator;
    this.config = config;
    this.drops = drops;
  }

  addressesChanged(): void {
    this.#owners.clear();
    for (const { base, addresses } of this.interfaces) {
      if (!base.device.isEnabled) continue;
      for (const own of addresses) {
        if (own.state !== 'assigned') continue;
        const owners = this.#owners.get(own.address);
        if (owners === undefined) this.#owners.set(own.address, [base]);
        else owners.push(base);
      }
    }
    this.version++;
  }

  /**
   * The interface that has exactly this address, in use. A link-local address is meant on one link.
   * @param on the link that is meant; null = the first that has it
   */
  ownerOf(address: IpAddress, on: Interface | null): Interface | null {
    const owners = this.#owners.get(address);
    if (owners === undefined) return null;
    if (on === null || !address.isLinkLocal) return owners[0]!;
    return owners.includes(on) ? on : null;
  }

  /** Does exactly this interface have the address, in use? */
  isOn(address: IpAddress, iface: Interface): boolean {
    return this.#owners.get(address)?.includes(iface) ?? false;
  }

  loopback(): Ipv6Interface | null {
    return this.interfaces.find(({ base }) => base.device.isLoopback) ?? null;
  }

  /** Where packets to groups leave when nobody says: the first interface that is no loopback. */
  defaultInterface(): Ipv6Interface | null {
    const up = this.interfaces.filter(({ base, isEnabled }) => isEnabled && base.device.isEnabled);
    return up.find(({ base }) => !base.device.isLoopback) ?? up[0] ?? null;
  }

  /** An entry with an address and the interface that it is on, or null. */
  entryOf(address: IpAddress, iface: Interface): Ipv6Address | null {
    return iface.v6?.find(address) ?? null;
  }

  /** A source towards `dst` out of `out`; null = there is none. */
  selectSource(out: Interface, dst: IpAddress): IpAddress | null {
    return out.v6 === null ? null : selectIpv6Source(this.interfaces, out.v6, dst, this.simulator.now);
  }
}
