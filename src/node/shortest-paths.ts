/**
 * Routes for the whole network: from every node to every subnet at the least cost, as a routing protocol at rest would
 * have them (Dijkstra, RFC 2328 16.1): each interface through which a packet leaves costs what its link costs, by
 * default 1. Nodes are neighbours when they have addresses in the same subnet. Ties are decided by the order of
 * declaration.
 */
import { ANY_V4, ANY_V6, type IpAddress, type IpFamily } from '../packet/ip-address.ts';
import { formatPrefix, networkOf, type Prefix } from '../packet/prefix.ts';
import { HeapQueue } from '../sim/heap-queue.ts';
import { NEVER } from '../sim/time.ts';
import type { RouteOptions } from './options.ts';

export interface RoutedAddress extends Prefix {
  readonly cost?: number;
}

/** A host or router, as far as routes are concerned. */
export interface RoutedNode {
  readonly name: string;
  /** Routers forward, hosts do not. */
  readonly forwards: boolean;
  /** All its addresses with their prefix lengths, and what it costs to send by their interface (default: 1). */
  readonly addresses: readonly RoutedAddress[];
}

const DEFAULT_V4: Prefix = { address: ANY_V4, length: 0 };
const DEFAULT_V6: Prefix = { address: ANY_V6, length: 0 };

/**
 * @returns for each node its routes to the subnets that it is not in; a host whose routes all have one gateway gets
 *   a default route instead
 */
export function shortestPaths(nodes: readonly RoutedNode[]): Map<string, RouteOptions[]> {
  const families = FAMILIES.map((family) => nodes.map((node) => withAddressesOf(family, node)));
  const members = families.map(membersBySubnet);
  return new Map(
    nodes.map((node, i) => {
      const routes = families.flatMap((ofFamily, at) => routesFrom(ofFamily[i]!, members[at]!));
      return [node.name, node.forwards ? routes : summarised(routes)];
    }),
  );
}

const FAMILIES: readonly IpFamily[] = [4, 6];

/** A network for each family: the gateway of an IPv6 route has an IPv6 address. Link-local addresses are not routed to. */
function withAddressesOf(family: IpFamily, node: RoutedNode): RoutedNode {
  const addresses = node.addresses.filter(
    ({ address }) => address.family === family && !(family === 6 && address.isLinkLocal),
  );
  return { ...node, addresses };
}

interface Member {
  readonly node: RoutedNode;
  readonly address: IpAddress;
}

interface Subnet {
  readonly prefix: Prefix;
  readonly members: Member[];
}

function membersBySubnet(nodes: readonly RoutedNode[]): Map<string, Subnet> {
  const subnets = new Map<string, Subnet>();
  for (const node of nodes) {
    for (const own of node.addresses) {
      const prefix = networkOf(own);
      const key = formatPrefix(prefix);
      const subnet = subnets.get(key) ?? { prefix, members: [] };
      subnet.members.push({ node, address: own.address });
      subnets.set(key, subnet);
    }
  }
  return subnets;
}

/** A router or subnet that can be reached, and through which neighbour of the start. */
interface Reached {
  readonly what: RoutedNode | Subnet;
  readonly via: IpAddress | null;
}

/** Dijkstra from one node: nodes and subnets are vertices; entering a subnet has a cost, leaving it none. */
function routesFrom(start: RoutedNode, subnets: ReadonlyMap<string, Subnet>): RouteOptions[] {
  const routes: RouteOptions[] = [];
  const settled = new Set<RoutedNode | Subnet>();
  const found: Reached[] = [];
  const queue = new HeapQueue();
  const offer = (what: RoutedNode | Subnet, cost: number, via: IpAddress | null) => {
    if (settled.has(what)) return;
    queue.push(cost, found.length);
    found.push({ what, via });
  };
  const connected = new Set(start.addresses.map((own) => subnets.get(formatPrefix(networkOf(own)))!));
  offer(start, 0, null);
  for (let slot = queue.popUntil(NEVER); slot >= 0; slot = queue.popUntil(NEVER)) {
    const { what, via } = found[slot]!;
    if (settled.has(what)) continue;
    settled.add(what);
    const distance = queue.timeOf(slot);
    if ('members' in what) {
      if (via !== null && !connected.has(what)) routes.push({ to: what.prefix, via });
      for (const { node, address } of what.members) if (node.forwards) offer(node, distance, via ?? address);
    } else {
      for (const own of what.addresses)
        offer(subnets.get(formatPrefix(networkOf(own)))!, distance + (own.cost ?? 1), via);
    }
  }
  return routes;
}

/** Routes of one family that all have one gateway become a default route. */
function summarised(routes: RouteOptions[]): RouteOptions[] {
  return [DEFAULT_V4, DEFAULT_V6].flatMap((all) => {
    const family = routes.filter(({ to }) => to.address.family === all.address.family);
    const [first] = family;
    if (first === undefined || family.some(({ via }) => via !== first.via)) return family;
    return [{ to: all, via: first.via }];
  });
}
