/** What `ip neigh` and `ip route` would print: rows for people and tests, in a fixed order. */
import type { IpAddress } from '../packet/ip-address.ts';
import { IpAddress as Address } from '../packet/ip-address.ts';
import type { MacAddress } from '../packet/mac-address.ts';
import type { Prefix } from '../packet/prefix.ts';
import type { FibRoute, RouteType } from './fib.ts';
import { compareAddresses, type Ipv6FibRoute } from './ipv6-fib.ts';
import {
  type Neighbour,
  type NeighbourState,
  NUD_NOARP,
  NUD_PERMANENT,
  NUD_VALID,
  neighbourStateName,
} from './neighbour.ts';

export interface NeighbourRow {
  readonly device: string;
  readonly address: IpAddress;
  /** null while nobody has told. */
  readonly mac: MacAddress | null;
  readonly state: NeighbourState;
}

export interface RouteRow {
  readonly prefix: Prefix;
  readonly type: RouteType;
  readonly via: IpAddress | null;
  /** null for a route that refuses. */
  readonly device: string | null;
  readonly source: IpAddress | null;
  readonly metric: number;
  /** Put there by an address of an interface, as `proto kernel`. */
  readonly isKernels: boolean;
}

/** Sorted by interface, then by address. */
export function neighbourRows(neighbours: readonly Neighbour[]): NeighbourRow[] {
  return [...neighbours]
    .sort((a, b) => a.iface.index - b.iface.index || compareAddresses(a.address, b.address))
    .map((neighbour) => ({
      device: neighbour.iface.device.name,
      address: neighbour.address,
      mac: hasMac(neighbour) ? neighbour.mac : null,
      state: neighbourStateName(neighbour.state),
    }));
}

/** Sorted by prefix. */
export function routeRows(routes: readonly FibRoute[]): RouteRow[] {
  return routes.map((route) => ({
    prefix: { address: Address.v4(route.network), length: route.length },
    type: route.type,
    via: route.gateway,
    device: route.iface?.device.name ?? null,
    source: route.preferredSource,
    metric: route.metric,
    isKernels: route.isKernels,
  }));
}

export function ipv6RouteRows(routes: readonly Ipv6FibRoute[]): RouteRow[] {
  return routes.map((route) => ({
    prefix: { address: route.network, length: route.length },
    type: route.type,
    via: route.gateway,
    device: route.iface?.device.name ?? null,
    source: route.preferredSource,
    metric: route.metric,
    isKernels: route.origin === 'kernel',
  }));
}

function hasMac({ state }: Neighbour): boolean {
  return (state & (NUD_VALID | NUD_NOARP | NUD_PERMANENT)) !== 0;
}
