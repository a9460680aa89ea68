/** The network of workload W4: a server and clients around one router, links of 10 Gb/s and 1 ms. */
import { PPP_FRAMING } from '../../link/framing.ts';
import type { Network } from '../../node/network.ts';
import type { IpFamily } from '../../packet/ip-address.ts';
import type { Prefix } from '../../packet/prefix.ts';
import { MILLISECOND } from '../../sim/time.ts';
import { defaultRoute, prefix } from './topology.ts';

const BACKLOG = 65535;

/** `client0` …, `server`, `router`; the server is on the last link. */
export function buildStar(network: Network, clients: number, family: IpFamily = 4): void {
  const at = (link: number, end: number) => addressInStar(link, end, family);
  const sysctls = { 'net.core.somaxconn': BACKLOG, 'net.ipv4.ip_local_port_range': '1024 65535' };
  const names = Array.from({ length: clients + 1 }, (_, i) => (i < clients ? `client${i}` : 'server'));
  for (const [i, name] of names.entries()) {
    network.addHost(name, {
      interfaces: [{ addresses: [at(i, 1)] }],
      routes: [defaultRoute(at(i, 2))],
      sysctls,
    });
  }
  network.addRouter('router', { interfaces: names.map((_, i) => ({ addresses: [at(i, 2)] })) });
  for (const [i, name] of names.entries()) {
    network.connect({
      ends: [
        { node: name, device: 'eth0' },
        { node: 'router', device: `eth${i}` },
      ],
      rate: 10_000_000_000,
      delay: MILLISECOND,
      queue: { packets: 100_000 },
      framing: PPP_FRAMING,
    });
  }
}

/** @param end 1 for the host, 2 for the router */
export function addressInStar(link: number, end: number, family: IpFamily = 4): Prefix {
  return prefix(10, 1, link, end, 24, family);
}
