/** Small networks for tests: hosts on a line, with routers in between, and programs on them. */
import type { App, Launch, Statistics } from '../../src/apps/app.ts';
import { launch } from '../../src/apps/app.ts';
import type { GivenValues, ParameterTable } from '../../src/apps/parameters.ts';
import type { Cable } from '../../src/node/cable.ts';
import { Network, type NetworkOptions } from '../../src/node/network.ts';
import type { CableOptions, HostOptions } from '../../src/node/options.ts';
import { Recorder } from '../../src/observe/recorder.ts';
import { IpAddress, type IpFamily } from '../../src/packet/ip-address.ts';
import { parsePrefix } from '../../src/packet/prefix.ts';
import { MILLISECOND } from '../../src/sim/time.ts';
import type { Endpoint } from '../../src/sockets/api.ts';
import type { Task } from '../../src/sockets/program.ts';
import { inFamily } from './families.ts';

export function interfaces(...addresses: string[]): HostOptions['interfaces'] {
  return addresses.map((address) => ({ addresses: [parsePrefix(address)] }));
}

export function endpoint(text: string): Endpoint {
  const [address, port] = text.split(':') as [string, string];
  return { address: IpAddress.parse(address), port: Number(port) };
}

/** Joins `a.eth0` and `b.eth0`; 100 Mbit/s and 1 ms unless told otherwise. */
export function join(network: Network, a: string, b: string, options: Partial<CableOptions> = {}): Cable {
  const [from, to] = [a, b].map((end) => {
    const [node, device] = end.split('.') as [string, string];
    return { node, device };
  });
  return network.connect({ ends: [from!, to!], rate: 100_000_000, delay: MILLISECOND, ...options });
}

/** Addresses are those of `inFamily`. */
interface InFamily {
  /** Default: 4. */
  readonly family?: IpFamily;
}

/** `a` (10.0.0.1) and `b` (10.0.0.2) with one cable between them, `a.eth0--b.eth0`. */
export function pair(
  options: InFamily & NetworkOptions & { readonly cable?: Partial<CableOptions> } = {},
): Network {
  const { family = 4 } = options;
  const network = new Network(options);
  network.addHost('a', { interfaces: interfaces(inFamily(family, '10.0.0.1/24')) });
  network.addHost('b', { interfaces: interfaces(inFamily(family, '10.0.0.2/24')) });
  join(network, 'a.eth0', 'b.eth0', options.cable);
  return network;
}

/** `client` (10.0.0.2), `routers` routers `r1`, `r2`, ..., and `server` (192.168.1.5), on a line. */
export function line(routers: number, options: InFamily & NetworkOptions = {}): Network {
  const { family = 4 } = options;
  const at = (text: string) => inFamily(family, text);
  const network = new Network(options);
  network.addHost('client', { interfaces: interfaces(at('10.0.0.2/24')) });
  for (let i = 1; i <= routers; i++) {
    const right = i === routers ? '192.168.1.1/24' : `10.0.${i}.1/24`;
    const left = `10.0.${i - 1}.${i === 1 ? 1 : 3}/24`;
    network.addRouter(`r${i}`, { interfaces: interfaces(at(left), at(right)) });
  }
  network.addHost('server', { interfaces: interfaces(at(routers === 0 ? '10.0.0.5/24' : '192.168.1.5/24')) });
  const names = ['client.eth0', ...Array.from({ length: routers }, (_, i) => `r${i + 1}`), 'server.eth0'];
  for (let i = 0; i + 1 < names.length; i++) {
    const left = names[i]!.includes('.') ? names[i]! : `${names[i]}.eth1`;
    const right = names[i + 1]!.includes('.') ? names[i + 1]! : `${names[i + 1]}.eth0`;
    join(network, left, right);
  }
  network.computeRoutes();
  return network;
}

/** Watches every node. */
export function record(network: Network): Recorder {
  const recorder = new Recorder(network.simulator);
  for (const node of network.nodes) node.observe(recorder.tap(node.name));
  return recorder;
}

/** Starts a built-in program under its own name. */
export function start<P extends ParameterTable, S extends Statistics>(
  network: Network,
  host: string,
  app: App<P, S>,
  given: GivenValues<P>,
  at: number = 0,
): Launch<S> & { readonly task: Task } {
  const launched = launch(app, given);
  const task = network.host(host).start(launched.program, { name: app.name, at });
  return { ...launched, task };
}

/** What a host's programs printed, without the times. */
export function linesOf(network: Network, host: string): string[] {
  return network.host(host).printed.map(({ line }) => line);
}
