/**
 * Addresses and static routes of a node, and the routes that they entail: a change here is what `ip address`,
 * `ip route` and `ip link set up|down` do on Linux.
 */
import type { NetDevice } from '../link/device.ts';
import type { IpAddress } from '../packet/ip-address.ts';
import { maskOf, type Prefix } from '../packet/prefix.ts';
import { EADDRNOTAVAIL, EEXIST, EINVAL, ENETUNREACH, ENODEV, ESRCH } from './errno.ts';
import { type FibRoute, isRouteOf, type RouteType } from './fib.ts';
import {
  type Interface,
  type InterfaceAddress,
  isSameNet,
  SCOPE_HOST,
  SCOPE_LINK,
  SCOPE_UNIVERSE,
} from './interface.ts';
import type { Ipv4Tables } from './ipv4-tables.ts';
import type { RouteMetrics } from './ports.ts';

/** A static route. */
export interface RouteSpec {
  /** `0.0.0.0/0` is the default route. */
  readonly prefix: Prefix;
  /** The gateway; none for a route that is on-link at `device` or refuses. */
  readonly via?: IpAddress | null;
  /** Default: the interface by which `via` is reached. */
  readonly device?: NetDevice | null;
  /** Default: `unicast`. */
  readonly type?: Exclude<RouteType, 'local' | 'broadcast'>;
  /** Among equal prefixes the lower is preferred. Default: 0. */
  readonly metric?: number;
  /** Preferred source address. Default: a primary address of the interface. */
  readonly source?: IpAddress | null;
  /** MTU of the route. Default: the device's. */
  readonly mtu?: number;
  /** What TCP is told about the route. Default: nothing. */
  readonly metrics?: RouteMetrics | null;
}

export class Addressing {
  readonly #tables: Ipv4Tables;

  constructor(tables: Ipv4Tables) {
    this.#tables = tables;
  }

  /** @returns the new address, or -EEXIST */
  addAddress(iface: Interface, prefix: Prefix): InterfaceAddress | number {
    const added = iface.insert(prefix);
    if (added === null) return -EEXIST;
    if (iface.device.isEnabled) this.#addRoutesOf(iface, added);
    this.#tables.addressesChanged();
    return added;
  }

  /** A primary address takes the secondary ones of its subnet along, unless `promote_secondaries`. @returns 0 or -EADDRNOTAVAIL */
  removeAddress(iface: Interface, address: IpAddress): number {
    const { addresses } = iface;
    const entry = addresses.find((own) => own.address === address);
    if (entry === undefined) return -EADDRNOTAVAIL;
    const followers = entry.isSecondary
      ? []
      : addresses.filter(
          (own) => own.isSecondary && own.mask === entry.mask && isSameNet(entry, own.address),
        );
    const gone = [entry, ...(iface.config.promoteSecondaries ? [] : followers)];
    for (const own of gone) addresses.splice(addresses.indexOf(own), 1);
    if (iface.config.promoteSecondaries && followers[0] !== undefined) followers[0].isSecondary = false;
    const lost = new Set(gone.map((own) => own.address));
    this.#tables.fib.main.remove(
      ({ preferredSource }) => preferredSource !== null && lost.has(preferredSource),
    );
    this.#redoRoutesOf(iface);
    this.#tables.addressesChanged();
    return 0;
  }

  /** The device was switched on or off: off takes all its routes along, on brings back those of its addresses. */
  deviceChanged(iface: Interface): void {
    if (!iface.device.isEnabled)
      for (const table of [this.#tables.fib.local, this.#tables.fib.main])
        table.remove((route) => route.iface === iface);
    else this.#redoRoutesOf(iface);
    this.#tables.version++;
  }

  /** @returns 0, or -EEXIST, -ENETUNREACH (no way to the gateway), -EINVAL, -ENODEV */
  addRoute(spec: RouteSpec, find: (device: NetDevice) => Interface | null): number {
    const type = spec.type ?? 'unicast';
    const via = spec.via ?? null;
    const device = spec.device ?? null;
    let iface = device === null ? null : find(device);
    if (device !== null && iface === null) return -ENODEV;
    if (type !== 'unicast') iface = null;
    else if (via !== null) {
      if (this.#tables.typeOf(via) !== 'unicast') return -EINVAL;
      const way = this.#tables.fib.lookup(via.w3, SCOPE_LINK, iface);
      if (typeof way === 'number' || way.iface === null) return -ENETUNREACH;
      iface = way.iface;
    } else if (iface === null) return -ENODEV;
    const added = this.#tables.fib.main.insert(
      routeTo(spec.prefix, type, via === null ? SCOPE_LINK : SCOPE_UNIVERSE, iface, {
        gateway: type === 'unicast' ? via : null,
        preferredSource: spec.source ?? null,
        metric: spec.metric ?? 0,
        mtu: spec.mtu ?? 0,
        metrics: spec.metrics ?? null,
        isKernels: false,
      }),
      false,
    );
    if (added === 0) this.#tables.version++;
    return added;
  }

  /** Removes the first route of that prefix that also fits what else is given. @returns 0 or -ESRCH */
  removeRoute(spec: RouteSpec): number {
    const { main } = this.#tables.fib;
    const { via, device, type, metric } = spec;
    const found = main
      .all()
      .find(
        (route) =>
          isRouteOf(route, spec.prefix) &&
          (type === undefined || route.type === type) &&
          (metric === undefined || route.metric === metric) &&
          (via === undefined || route.gateway === via) &&
          (device === undefined || device === null || route.iface?.device === device),
      );
    if (found === undefined) return -ESRCH;
    main.remove((route) => route === found);
    this.#tables.version++;
    return 0;
  }

  #redoRoutesOf(iface: Interface): void {
    const { local, main } = this.#tables.fib;
    for (const table of [local, main]) table.remove((route) => route.isKernels && route.iface === iface);
    if (iface.device.isEnabled) for (const own of iface.addresses) this.#addRoutesOf(iface, own);
  }

  /** What an address entails: itself as local, and for a primary one its network and its broadcast address. */
  #addRoutesOf(iface: Interface, own: InterfaceAddress): void {
    const { local, main } = this.#tables.fib;
    const primary =
      iface.addresses.find(
        (other) => !other.isSecondary && other.mask === own.mask && isSameNet(other, own.address),
      ) ?? own;
    const kernels = {
      gateway: null,
      preferredSource: primary.address,
      metric: 0,
      mtu: 0,
      metrics: null,
      isKernels: true,
    };
    const host = { address: own.address, length: 32 };
    local.insert(routeTo(host, 'local', SCOPE_HOST, iface, kernels), true);
    if (own.isSecondary || own.length === 32) return;
    const network = { address: own.address, length: own.length };
    if (iface.device.isLoopback) local.insert(routeTo(network, 'local', SCOPE_HOST, iface, kernels), true);
    else main.insert(routeTo(network, 'unicast', SCOPE_LINK, iface, kernels), true);
    if (own.broadcast === null) return;
    const all = { address: own.broadcast, length: 32 };
    local.insert(routeTo(all, 'broadcast', SCOPE_LINK, iface, kernels), true);
  }
}

function routeTo(
  { address, length }: Prefix,
  type: RouteType,
  scope: number,
  iface: Interface | null,
  rest: Pick<FibRoute, 'gateway' | 'preferredSource' | 'metric' | 'mtu' | 'metrics' | 'isKernels'>,
): FibRoute {
  const network = (address.w3 & maskOf(length)) >>> 0;
  return { network, length, type, scope, iface, ...rest, exceptions: new Map() };
}
