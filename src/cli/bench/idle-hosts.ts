/**
 * Benchmark `idle-hosts`: what a host takes that is there and does nothing: one interface at a switch, a listening TCP
 * socket and a bound UDP socket; and what one more idle TCP or UDP socket takes.
 */
import { Network } from '../../node/network.ts';
import { ANY_V4 } from '../../packet/ip-address.ts';
import { invariant } from '../../sim/errors.ts';
import type { SocketKind } from '../../sockets/api.ts';
import { type Cost, costOf, liveBytes, peakRssMib } from './measure.ts';
import { openSocket, prefix } from './topology.ts';

export interface IdleHostsResult extends Cost {
  readonly workload: 'idle-hosts';
  readonly hosts: number;
  /** With its cable and its port of the switch. */
  readonly bytesPerHost: number;
  readonly bytesPerListener: number;
  readonly bytesPerUdpSocket: number;
  readonly hostsPerSecond: number;
  readonly peakRssMib: number;
}

const FIRST_PORT = 1000;
const SOCKETS = 10_000;

export function idleHosts(hosts: number): IdleHostsResult {
  build(8);
  const empty = liveBytes();
  let network: Network | null = null;
  const cost = costOf(() => {
    network = build(hosts);
  });
  const bytesPerHost = Math.round((liveBytes() - empty) / hosts);
  return {
    workload: 'idle-hosts',
    hosts,
    ...cost,
    bytesPerHost,
    bytesPerListener: bytesPerSocket(network!, 'tcp'),
    bytesPerUdpSocket: bytesPerSocket(network!, 'udp'),
    hostsPerSecond: Math.round(hosts / cost.cpuSeconds),
    peakRssMib: peakRssMib(),
  };
}

function build(hosts: number): Network {
  const network = new Network();
  network.addSwitch('switch', { ports: Array.from({ length: hosts }, () => ({})) });
  for (let i = 0; i < hosts; i++) {
    const name = `host${i}`;
    network.addHost(name, {
      interfaces: [{ addresses: [prefix(10, 1, Math.floor(i / 250), 1 + (i % 250), 16)] }],
    });
    network.connect({
      ends: [
        { node: name, device: 'eth0' },
        { node: 'switch', device: `port${i + 1}` },
      ],
      rate: 1_000_000_000,
      delay: 1000,
    });
    bindSockets(network, name, 'tcp', 1);
    bindSockets(network, name, 'udp', 1);
  }
  network.run({ until: 1_000_000_000 });
  return network;
}

function bytesPerSocket(network: Network, kind: SocketKind): number {
  const before = liveBytes();
  bindSockets(network, 'host0', kind, SOCKETS);
  return Math.round((liveBytes() - before) / SOCKETS);
}

function bindSockets(network: Network, host: string, kind: SocketKind, count: number): void {
  const process = network.host(host).newProcess('server');
  for (let i = 0; i < count; i++) {
    const socket = openSocket(process, kind);
    const port = FIRST_PORT + i + (count === 1 ? 0 : 1);
    invariant(socket.bind({ address: ANY_V4, port }) === 0, 'a fresh host has every port to give');
    if (kind === 'tcp') socket.listen(8);
  }
}
