/** The IPv6 side of one interface: its addresses with their states and lifetimes (RFC 4862 5.5.4), groups, parameters. */
import { type IpAddress, LOOPBACK_V6 } from '../packet/ip-address.ts';
import { type Nanos, NEVER } from '../sim/time.ts';
import type { Interface } from './interface.ts';
import { NeighbourConfig } from './interface-config.ts';
import { Ipv6InterfaceConfig } from './ipv6-config.ts';
import type { Ipv6Route } from './ipv6-route.ts';
import { scopeOf } from './ipv6-scope.ts';
import type { Ipv6Tables } from './ipv6-tables.ts';
import { RouteCache } from './route-cache.ts';
import type { Sysctls } from './sysctls.ts';

/** Of an address: being checked for uniqueness, in use, or found to be somebody else's. */
export type AddressState = 'tentative' | 'assigned' | 'duplicate';

export interface Ipv6Address {
  readonly address: IpAddress;
  /** Prefix length. */
  readonly length: number;
  readonly scope: number;
  readonly origin: 'static' | 'link-local' | 'advertised';
  state: AddressState;
  /** Until when it may be chosen for new communication; then it is deprecated. */
  preferredUntil: Nanos;
  /** Until when it is there at all. */
  validUntil: Nanos;
}

export class Ipv6Interface {
  readonly base: Interface;
  readonly tables: Ipv6Tables;
  readonly config: Ipv6InterfaceConfig;
  readonly neighbourConfig: NeighbourConfig;
  /** By scope, the narrowest first, and among equals the newest first: the order in which Linux looks for a source. */
  readonly addresses: Ipv6Address[] = [];
  /** Multicast groups joined on this interface, and how many times. */
  readonly groups: Map<IpAddress, number> = new Map();
  readonly inputRoutes: RouteCache<Ipv6Route> = new RouteCache();
  /** Of a router's advertisements; 0 = the device's and the system's. */
  advertisedMtu = 0;
  advertisedHopLimit = 0;
  /** Takes part in IPv6: it has or had an address. */
  isEnabled = false;

  constructor(base: Interface, tables: Ipv6Tables, sysctls: Sysctls) {
    this.base = base;
    this.tables = tables;
    this.config = new Ipv6InterfaceConfig(sysctls, base.device.name);
    this.neighbourConfig = new NeighbourConfig(sysctls, 'ipv6', base.device.name);
    this.readConfig();
  }

  readConfig(): void {
    this.config.read();
    this.neighbourConfig.read();
  }

  /** The largest packet that leaves here, bytes. */
  get mtu(): number {
    const { mtu } = this.base.device;
    return this.advertisedMtu === 0 ? mtu : Math.min(mtu, this.advertisedMtu);
  }

  get hopLimit(): number {
    return this.advertisedHopLimit === 0 ? this.config.hopLimit : this.advertisedHopLimit;
  }

  /** @returns the new entry, or null when the very address is already here */
  insert(
    address: IpAddress,
    length: number,
    origin: Ipv6Address['origin'],
    state: AddressState,
  ): Ipv6Address | null {
    if (this.find(address) !== null) return null;
    const scope = scopeOf(address);
    const entry: Ipv6Address = {
      address,
      length,
      scope,
      origin,
      state,
      preferredUntil: NEVER,
      validUntil: NEVER,
    };
    const at = this.addresses.findIndex((known) => known.scope >= scope);
    this.addresses.splice(at < 0 ? this.addresses.length : at, 0, entry);
    return entry;
  }

  find(address: IpAddress): Ipv6Address | null {
    return this.addresses.find((own) => own.address === address) ?? null;
  }

  /** An assigned link-local address, or null. On the loopback interface ::1 serves. */
  linkLocal(): IpAddress | null {
    const found = this.addresses.find(({ address, state }) => address.isLinkLocal && state === 'assigned');
    if (found !== undefined) return found.address;
    return this.base.device.isLoopback ? LOOPBACK_V6 : null;
  }
}
