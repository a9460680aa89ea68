/** Computed routes lead to every subnet that can be reached, by the fewest routers. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type RoutedNode, shortestPaths } from '../../src/node/shortest-paths.ts';
import { IpAddress } from '../../src/packet/ip-address.ts';
import { formatPrefix, networkOf, parsePrefix, prefixContains } from '../../src/packet/prefix.ts';
import { runs } from '../support/property.ts';

/** Random networks: each node is in some of eight subnets. */
const networks = fc
  .array(
    fc.record({ subnets: fc.uniqueArray(fc.nat(7), { minLength: 1, maxLength: 3 }), forwards: fc.boolean() }),
    {
      minLength: 1,
      maxLength: 8,
    },
  )
  .map((nodes) =>
    nodes.map(
      ({ subnets, forwards }, i): RoutedNode => ({
        name: `n${i}`,
        forwards,
        addresses: subnets.map((net) => ({ address: IpAddress.v4(0x0a000001 + net * 256 + i), length: 24 })),
      }),
    ),
  );

describe('shortest paths', () => {
  it('reach what can be reached, hop by hop, in as many hops as the distance says', () => {
    fc.assert(
      fc.property(networks, (nodes) => {
        const tables = shortestPaths(nodes);
        for (const node of nodes) {
          const distances = distancesFrom(node, nodes);
          for (const net of subnetsOf(nodes)) {
            expect(walk(node, net, nodes, tables), `${node.name} to ${net}`).toBe(distances.get(net) ?? -1);
          }
        }
      }),
      runs(300),
    );
  });

  it('cost no more than any other way, link by link', () => {
    // The same at all interfaces of a subnet, as with links that have costs: then nobody who is in it takes a detour.
    const costs = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 8, maxLength: 8 });
    fc.assert(
      fc.property(networks, costs, (plain, bySubnet) => {
        const nodes = plain.map((node): RoutedNode => {
          const addresses = node.addresses.map((own) => ({
            ...own,
            cost: bySubnet[(own.address.w3 >>> 8) & 7]!,
          }));
          return { ...node, addresses };
        });
        const tables = shortestPaths(nodes);
        for (const node of nodes) {
          const distances = costsFrom(node, nodes);
          for (const [net, distance] of distances) {
            if (node.addresses.some((own) => formatPrefix(networkOf(own)) === net)) continue;
            expect(walkCost(node, net, nodes, tables), `${node.name} to ${net}`).toBe(distance);
          }
        }
      }),
      runs(300),
    );
  });

  it('give a host with one gateway a default route', () => {
    const host = { name: 'h', forwards: false, addresses: [parsePrefix('10.0.0.2/24')] };
    const router = {
      name: 'r',
      forwards: true,
      addresses: ['10.0.0.1/24', '10.1.0.1/24', '10.2.0.1/24'].map(parsePrefix),
    };
    const routes = shortestPaths([host, router]);
    expect(routes.get('h')!.map(({ to, via }) => `${formatPrefix(to)} via ${via}`)).toEqual([
      '0.0.0.0/0 via 10.0.0.1',
    ]);
    expect(routes.get('r')).toEqual([]);
  });
});

function subnetsOf(nodes: readonly RoutedNode[]): string[] {
  return [...new Set(nodes.flatMap(({ addresses }) => addresses.map((own) => formatPrefix(networkOf(own)))))];
}

/** Routers on the way to each subnet, by relaxing until nothing changes: the plain way. */
function distancesFrom(start: RoutedNode, nodes: readonly RoutedNode[]): Map<string, number> {
  const own = (node: RoutedNode) => node.addresses.map((address) => formatPrefix(networkOf(address)));
  const distances = new Map(own(start).map((net) => [net, 0]));
  for (let changed = true; changed; ) {
    changed = false;
    for (const router of nodes.filter(({ forwards, name }) => forwards && name !== start.name)) {
      const near = Math.min(...own(router).map((net) => distances.get(net) ?? Number.POSITIVE_INFINITY));
      for (const net of own(router)) {
        if (near + 1 < (distances.get(net) ?? Number.POSITIVE_INFINITY)) {
          distances.set(net, near + 1);
          changed = true;
        }
      }
    }
  }
  return distances;
}

/** The cost of the cheapest way to each subnet that can be reached, by relaxing until nothing changes. */
function costsFrom(start: RoutedNode, nodes: readonly RoutedNode[]): Map<string, number> {
  const costs = new Map<string, number>();
  const relax = (node: RoutedNode, base: number): boolean => {
    let changed = false;
    for (const own of node.addresses) {
      const net = formatPrefix(networkOf(own));
      const cost = base + (own.cost ?? 1);
      if (cost >= (costs.get(net) ?? Number.POSITIVE_INFINITY)) continue;
      costs.set(net, cost);
      changed = true;
    }
    return changed;
  };
  relax(start, 0);
  for (let changed = true; changed; ) {
    changed = false;
    for (const router of nodes.filter(({ forwards }) => forwards)) {
      const near = router.addresses.map((own) => costs.get(formatPrefix(networkOf(own))) ?? Infinity);
      if (relax(router, Math.min(...near))) changed = true;
    }
  }
  return costs;
}

/** What the way costs that the routes lead: each interface by which the packet leaves; the way to a gateway is free to choose. */
function walkCost(
  start: RoutedNode,
  net: string,
  nodes: readonly RoutedNode[],
  tables: ReturnType<typeof shortestPaths>,
): number {
  const target = parsePrefix(net);
  let at = start;
  let cost = 0;
  for (let hops = 0; hops < 20; hops++) {
    const own = at.addresses.find((address) => formatPrefix(networkOf(address)) === net);
    if (own !== undefined && hops > 0) return cost + (own.cost ?? 1);
    const { via } = tables.get(at.name)!.find(({ to }) => prefixContains(to, target.address))!;
    const out = at.addresses.find((address) => prefixContains(networkOf(address), via!))!;
    cost += out.cost ?? 1;
    at = nodes.find(({ addresses }) => addresses.some(({ address }) => address === via))!;
  }
  throw new Error('a loop');
}

/** Follows the routes from node to node. @returns routers passed, or -1 when there is no way */
function walk(
  start: RoutedNode,
  net: string,
  nodes: readonly RoutedNode[],
  tables: ReturnType<typeof shortestPaths>,
): number {
  const target = parsePrefix(net);
  let at = start;
  for (let hops = 0; hops < 20; hops++) {
    if (at.addresses.some((own) => formatPrefix(networkOf(own)) === net)) return hops;
    const route = tables.get(at.name)!.find(({ to }) => prefixContains(to, target.address));
    if (route === undefined) return -1;
    const next = nodes.find(({ addresses }) => addresses.some(({ address }) => address === route.via))!;
    if (!next.forwards) throw new Error(`${at.name} routes through a host`);
    at = next;
  }
  throw new Error('a loop');
}

it('of a dual stack have gateways of their own family, and none to link-local addresses', () => {
  const node = (name: string, forwards: boolean, ...addresses: string[]) => ({
    name,
    forwards,
    addresses: addresses.map(parsePrefix),
  });
  const routes = shortestPaths([
    node('a', false, '10.0.0.2/24', 'fd00:1::2/64', 'fe80::2/64'),
    node('r', true, '10.0.0.1/24', 'fd00:1::1/64', '10.0.1.1/24', 'fd00:2::1/64', 'fe80::1/64'),
    node('s', true, '10.0.1.2/24', 'fd00:2::2/64', 'fe80::2/64', 'fd00:3::1/64'),
  ]);
  const written = (name: string) => routes.get(name)!.map(({ to, via }) => `${formatPrefix(to)} via ${via}`);
  expect(written('a')).toEqual(['0.0.0.0/0 via 10.0.0.1', '::/0 via fd00:1::1']);
  expect(written('r')).toEqual(['fd00:3::/64 via fd00:2::2']);
  expect(written('s')).toEqual(['10.0.0.0/24 via 10.0.1.1', 'fd00:1::/64 via fd00:2::1']);
});
