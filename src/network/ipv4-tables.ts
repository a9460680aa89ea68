/**
 * What the IPv4 machines of one node share: interfaces, routes, parameters, clock; and the questions about addresses
 * that all of them ask, answered as Linux's inet_addr_type, inet_select_addr and inet_confirm_addr do.
 */
import type { DropCounters } from '../packet/drops.ts';
import { ANY_V4, type IpAddress } from '../packet/ip-address.ts';
import type { Simulator } from '../sim/simulator.ts';
import { Fib, type FibRoute } from './fib.ts';
import { type Interface, isSameNet, SCOPE_HOST, SCOPE_LINK, SCOPE_UNIVERSE } from './interface.ts';
import type { Ipv4Config } from './ipv4-config.ts';

export type AddressType = 'unicast' | 'local' | 'broadcast' | 'multicast';

export class Ipv4Tables {
  readonly simulator: Simulator;
  readonly config: Ipv4Config;
  readonly drops: DropCounters;
  readonly fib: Fib = new Fib();
  /** In the order of their addition, the loopback interface first. */
  readonly interfaces: Interface[] = [];
  /** Raised by every change: cached routes of an older version are void. */
  version = 1;
  /** Which interface owns an address. */
  readonly #owners = new Map<IpAddress, Interface>();

  constructor(simulator: Simulator, config: Ipv4Config, drops: DropCounters) {
    this.simulator = simulator;
    this.config = config;
    this.drops = drops;
  }

  /** ms since midnight UT, as ICMP and IP timestamps count: a run begins at midnight. */
  timestamp(): number {
    return Math.floor(this.simulator.now / 1_000_000) % 86_400_000;
  }

  addressesChanged(): void {
    this.#owners.clear();
    for (const iface of this.interfaces)
      for (const { address } of iface.addresses)
        if (!this.#owners.has(address)) this.#owners.set(address, iface);
    this.version++;
  }

  /** The interface that has exactly this address. */
  ownerOf(address: IpAddress): Interface | null {
    return this.#owners.get(address) ?? null;
  }

  loopback(): Interface | null {
    return this.interfaces.find((iface) => iface.device.isLoopback) ?? null;
  }

  /** What an address is to this node, on whatever interface: `unicast` is anybody else's. */
  typeOf(address: IpAddress): AddressType {
    if (address === ANY_V4 || address.isLimitedBroadcast) return 'broadcast';
    if (address.isMulticast) return 'multicast';
    const route = this.fib.local.lookup(address.w3, SCOPE_UNIVERSE, null);
    if (route === null) return 'unicast';
    return route.type === 'broadcast' ? 'broadcast' : 'local';
  }

  /**
   * A source address for packets out of `iface`: a primary one of the subnet of `dst`, else the first primary one,
   * else one of any other interface.
   * @param scope the farthest that the address may reach
   */
  selectSource(iface: Interface, dst: IpAddress | null, scope: number): IpAddress {
    let first: IpAddress | null = null;
    for (const own of iface.addresses) {
      if (own.isSecondary || own.scope > scope) continue;
      if (dst === null || isSameNet(own, dst)) return own.address;
      first ??= own.address;
    }
    if (first !== null) return first;
    for (const other of this.interfaces)
      for (const own of other.addresses)
        if (!own.isSecondary && own.scope !== SCOPE_LINK && own.scope <= scope) return own.address;
    return ANY_V4;
  }

  /** The source that a route prescribes or, failing that, one that suits its next hop. */
  sourceFor(route: FibRoute): IpAddress {
    if (route.preferredSource !== null) return route.preferredSource;
    if (route.iface === null) return ANY_V4;
    return this.selectSource(route.iface, route.gateway, route.scope);
  }

  /** Is `address` in a subnet of `iface`, and `other` (when given) in the same one? */
  isOnLink(iface: Interface, address: IpAddress, other: IpAddress | null): boolean {
    return iface.addresses.some(
      (own) => isSameNet(own, address) && (other === null || isSameNet(own, other)),
    );
  }

  /**
   * Does `iface` (or any interface, when null) have an address that is `local` and shares a subnet with `dst`?
   * Either may be null: any. This is what `arp_ignore` and `arp_accept` ask.
   */
  confirms(iface: Interface | null, dst: IpAddress | null, local: IpAddress | null, scope: number): boolean {
    const candidates = iface === null ? this.interfaces : [iface];
    return candidates.some((candidate) => confirmsOn(candidate, dst, local, scope));
  }

  /** Is it the limited or a directed broadcast address? */
  isBroadcast(address: IpAddress): boolean {
    return (
      address.isLimitedBroadcast ||
      this.fib.local.lookup(address.w3, SCOPE_UNIVERSE, null)?.type === 'broadcast'
    );
  }
}

/** Scope decides only whether the address may be told; the subnet may be confirmed by another of the same interface. */
function confirmsOn(
  iface: Interface,
  dst: IpAddress | null,
  local: IpAddress | null,
  scope: number,
): boolean {
  let has = false;
  let same = false;
  for (const own of iface.addresses) {
    const reach = Math.min(own.scope, SCOPE_HOST);
    if (!has && (local === null || local === own.address) && reach <= scope) {
      has = true;
      if (same) return true;
    }
    if (same) continue;
    same = (local === null || isSameNet(own, local)) && (dst === null || isSameNet(own, dst));
    if (same && has) return true;
  }
  return same && has;
}
