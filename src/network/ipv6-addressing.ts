/**
 * IPv6 addresses and static routes of a node, and the routes that they entail: a change here is what
 * `ip -6 address`, `ip -6 route` and `ip link set up|down` do on Linux.
 */
import type { NetDevice } from '../link/device.ts';
import type { IpAddress } from '../packet/ip-address.ts';
import { withoutHostBits } from '../packet/prefix.ts';
import { type Nanos, NEVER } from '../sim/time.ts';
import type { RouteSpec } from './addressing.ts';
import { EADDRNOTAVAIL, EINVAL, ENETUNREACH, ENODEV, ESRCH } from './errno.ts';
import type { Interface } from './interface.ts';
import { type Ipv6FibRoute, isIpv6RouteOf } from './ipv6-fib.ts';
import type { Ipv6Address, Ipv6Interface } from './ipv6-interface.ts';
import type { Ipv6Tables } from './ipv6-tables.ts';

export class Ipv6Addressing {
  readonly #tables: Ipv6Tables;

  constructor(tables: Ipv6Tables) {
    this.#tables = tables;
  }

  /** The addresses of an interface have changed, or the device was switched: its connected networks follow. */
  redoRoutesOf(iface: Ipv6Interface): void {
    const { fib } = this.#tables;
    const { base } = iface;
    fib.remove((route) => route.origin === 'kernel' && route.iface === base);
    if (!base.device.isEnabled) fib.remove((route) => route.iface === base);
    else
      for (const { address, length, origin } of iface.addresses) {
        if (length === 128 || origin === 'advertised') continue;
        fib.insert(connected(withoutHostBits(address, length), length, base));
      }
    this.#tables.addressesChanged();
  }

  /** @returns the entry that was removed, or -EADDRNOTAVAIL */
  removeAddress(iface: Ipv6Interface, address: IpAddress): Ipv6Address | number {
    const entry = iface.find(address);
    if (entry === null) return -EADDRNOTAVAIL;
    iface.addresses.splice(iface.addresses.indexOf(entry), 1);
    this.#tables.fib.remove(({ preferredSource }) => preferredSource === address);
    this.redoRoutesOf(iface);
    return entry;
  }

  /** @returns 0, or -EEXIST, -ENETUNREACH (no way to the gateway), -EINVAL, -ENODEV */
  addRoute(spec: RouteSpec, find: (device: NetDevice) => Interface | null): number {
    const tables = this.#tables;
    const type = spec.type ?? 'unicast';
    const via = spec.via ?? null;
    const device = spec.device ?? null;
    let iface = device === null ? null : find(device);
    if (device !== null && iface === null) return -ENODEV;
    if (type !== 'unicast') iface = null;
    else if (via !== null) {
      if (via.family !== 6 || via.isMulticast || tables.ownerOf(via, iface) !== null) return -EINVAL;
      if (via.isLinkLocal) {
        if (iface === null) return -EINVAL;
      } else {
        const way = tables.fib.find(via, true, iface, tables.simulator.now);
        if (way === null || way.iface === null) return -ENETUNREACH;
        iface = way.iface;
      }
    } else if (iface === null) return -ENODEV;
    const { address, length } = spec.prefix;
    const added = tables.fib.insert({
      network: withoutHostBits(address, length),
      length,
      type,
      gateway: type === 'unicast' ? via : null,
      iface,
      preferredSource: spec.source ?? null,
      metric: spec.metric ?? 0,
      mtu: spec.mtu ?? 0,
      metrics: spec.metrics ?? null,
      origin: 'static',
      expires: NEVER,
      pathMtus: new Map(),
    });
    if (added === 0) tables.version++;
    return added;
  }

  /** A route that a router's advertisement brings, or prolongs. A lifetime of 0 takes it away. */
  setAdvertised(
    network: IpAddress,
    length: number,
    gateway: IpAddress | null,
    iface: Interface,
    expires: Nanos,
  ): void {
    const { fib, simulator } = this.#tables;
    fib.remove(
      (route) =>
        route.origin === 'advertised' &&
        route.iface === iface &&
        route.length === length &&
        route.network === network &&
        route.gateway === gateway,
    );
    if (expires > simulator.now) fib.insert(advertised(network, length, gateway, iface, expires));
    this.#tables.version++;
  }

  /** Removes the first route of that prefix that also fits what else is given. @returns 0 or -ESRCH */
  removeRoute({ prefix, via, device, type, metric }: RouteSpec): number {
    const { fib } = this.#tables;
    const found = fib
      .all()
      .find(
        (route) =>
          isIpv6RouteOf(route, prefix) &&
          (type === undefined || route.type === type) &&
          (metric === undefined || route.metric === metric) &&
          (via === undefined || route.gateway === via) &&
          (device === undefined || device === null || route.iface?.device === device),
      );
    if (found === undefined) return -ESRCH;
    fib.remove((route) => route === found);
    this.#tables.version++;
    return 0;
  }
}

/** The network of an address. */
function connected(network: IpAddress, length: number, iface: Interface): Ipv6FibRoute {
  return { ...advertised(network, length, null, iface, NEVER), metric: 0, origin: 'kernel' };
}

/** Behind static routes, as Linux's metric 1024 is. */
function advertised(
  network: IpAddress,
  length: number,
  gateway: IpAddress | null,
  iface: Interface,
  expires: Nanos,
): Ipv6FibRoute {
  return {
    network,
    length,
    type: 'unicast',
    gateway,
    iface,
    preferredSource: null,
    metric: 1024,
    mtu: 0,
    metrics: null,
    origin: 'advertised',
    expires,
    pathMtus: new Map(),
  };
}
