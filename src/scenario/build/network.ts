/** From the data of a scenario to nodes and cables: every key of the file arrives at an option of the engine here. */
import { Network } from '../../node/network.ts';
import type { HostOptions, InterfaceOptions, RouteOptions } from '../../node/options.ts';
import { ANY_V4, ANY_V6 } from '../../packet/ip-address.ts';
import type { LinkEnd } from '../schema/links.ts';
import type { StaticRoute } from '../schema/route.ts';
import type { HostSpec, RouterSpec, Scenario } from '../schema/scenario.ts';
import type { Directory } from './directory.ts';

export interface BuildOptions {
  /** Default: that of the scenario. */
  readonly seed?: number;
  /** Encode and decode every frame at every hop. */
  readonly wire?: boolean;
}

/** @throws ConfigError for what only the engine can judge, such as the name of a sysctl */
export function buildNetwork(scenario: Scenario, directory: Directory, options: BuildOptions = {}): Network {
  const network = new Network({ seed: options.seed ?? scenario.seed, wire: options.wire ?? false });
  const { ends } = directory;
  for (const [name, host] of Object.entries(scenario.hosts))
    network.addHost(name, { ...ipOptions(host), profile: host.profile ?? scenario.profile });
  for (const [name, router] of Object.entries(scenario.routers)) network.addRouter(name, ipOptions(router));
  for (const [name, { ageing, 'spanning-tree': spanningTree }] of Object.entries(scenario.switches))
    network.addSwitch(name, { ageing, spanningTree, ports: ends.switchPorts(name) });
  for (const [name, { rate }] of Object.entries(scenario.hubs)) network.addHub(name, { rate });
  for (const [name, link] of Object.entries(scenario.links)) {
    network.connect({
      name,
      ends: ends.of(name),
      ...(link.rate === null ? {} : { rate: link.rate }),
      delay: link.delay,
      cost: link.cost,
      queue: link.queue,
    });
  }
  if (scenario.routing === 'shortest-path') network.computeRoutes();
  return network;
}

/** Which end of a link a node is at; null = both are meant. */
export function sideOf([a]: readonly [LinkEnd, LinkEnd], from: string | null): 0 | 1 | null {
  if (from === null) return null;
  return a.node === from ? 0 : 1;
}

function ipOptions(node: HostSpec | RouterSpec): Omit<HostOptions, 'profile'> {
  return {
    interfaces: Object.entries(node.interfaces).map(
      ([name, { addresses, slaac, dad, advertise, mac, mtu }]): InterfaceOptions => ({
        name,
        addresses,
        slaac,
        detectDuplicates: dad,
        advertise,
        ...(mtu === null ? {} : { mtu }),
        ...(mac === null ? {} : { mac }),
      }),
    ),
    routes: [...defaultRoutes(node), ...node.routes.map(routeOptions)],
    sysctls: node.sysctls,
  };
}

function defaultRoutes({ gateway, gateway6 }: HostSpec | RouterSpec): RouteOptions[] {
  return [
    ...(gateway === null ? [] : [{ to: { address: ANY_V4, length: 0 }, via: gateway }]),
    ...(gateway6 === null ? [] : [{ to: { address: ANY_V6, length: 0 }, via: gateway6 }]),
  ];
}

function routeOptions({ kind, to, via, device, metric }: StaticRoute): RouteOptions {
  return { kind, to, via, metric, ...(device === null ? {} : { device }) };
}
