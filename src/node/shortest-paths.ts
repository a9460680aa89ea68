/**
 * Routes for the whole network: from every node to every subnet by the fewest routers, as a routing protocol at rest
 * would have them (breadth-first search, RFC 2328 16.1 with all costs 1). Nodes are neighbours when they have
 * addresses in the same subnet. Ties are decided by the order of declaration.
 */
import { ANY_V4, type IpAddress } from '../packet/ip-address.ts';
import { formatPrefix, networkOf, type Prefix } from '../packet/prefix.ts';
import type { RouteOptions } from './options.ts';

/** A host or router, as far as routes are concerned. */
export interface RoutedNode {
  readonly name: string;
  /** Routers forward, hosts do not. */
  readonly forwards: boolean;
  /** All its addresses with their prefix lengths. */
  readonly addresses: readonly Prefix[];
}

const DEFAULT_PREFIX: Prefix = { address: ANY_V4, length: 0 };

/**
 * @returns for each node its routes to the subnets that it is not in; a host whose routes all have one gateway gets
 *   a default route instead
 */
export function shortestPaths(nodes: readonly RoutedNode[]): Map<string, RouteOptions[]> {
  const members = membersBySubnet(nodes);
  return new Map(
    nodes.map((node) => {
      const routes = routesFrom(node, members);
      return [node.name, node.forwards ? routes : summarised(routes)];
    }),
  );
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

/** Breadth first from one node: the first router on the way to a subnet is its gateway. */
function routesFrom(start: RoutedNode, subnets: ReadonlyMap<string, Subnet>): RouteOptions[] {
  const routes: RouteOptions[] = [];
  const reached = new Set(start.addresses.map((own) => formatPrefix(networkOf(own))));
  const visited = new Set([start.name]);
  let frontier: { readonly node: RoutedNode; readonly via: IpAddress | null }[] = [
    { node: start, via: null },
  ];
  while (frontier.length > 0) {
    const next: typeof frontier = [];
    for (const { node, via } of frontier) {
      for (const own of node.addresses) {
        const subnet = subnets.get(formatPrefix(networkOf(own)))!;
        if (via !== null && !reached.has(formatPrefix(subnet.prefix))) {
          reached.add(formatPrefix(subnet.prefix));
          routes.push({ to: subnet.prefix, via });
        }
        for (const member of subnet.members) {
          if (!member.node.forwards || visited.has(member.node.name)) continue;
          visited.add(member.node.name);
          next.push({ node: member.node, via: via ?? member.address });
        }
      }
    }
    frontier = next;
  }
  return routes;
}

function summarised(routes: RouteOptions[]): RouteOptions[] {
  const [first] = routes;
  if (first === undefined || routes.some(({ via }) => via !== first.via)) return routes;
  return [{ to: DEFAULT_PREFIX, via: first.via }];
}
