/**
 * Workload W1: a line of hosts and routers, a datagram of 1,000 bytes every 16 us from one end to the other
 * (500 Mb/s of payload). Links of 1 Gb/s and 10 us with two bytes of framing, so that a frame is 1,030 bytes, and
 * drop-tail queues of 10,000 packets; nothing is lost.
 *
 * The path is the complete one: sockets, UDP, IPv4 or IPv6 with its checks, route lookup, TTL, neighbours resolved by
 * ARP or discovery, devices and their counters. Nobody watches, so no bytes are made; where they are, their checksums are computed.
 */
import { PPP_FRAMING } from '../../link/framing.ts';
import { Network } from '../../node/network.ts';
import type { InterfaceOptions } from '../../node/options.ts';
import type { IpFamily } from '../../packet/ip-address.ts';
import { invariant } from '../../sim/errors.ts';
import { MICROSECOND, SECOND } from '../../sim/time.ts';
import type { Endpoint } from '../../sockets/api.ts';
import { DatagramSink, DatagramSource } from './datagrams.ts';
import { measureNetwork, type NetworkFigures } from './measure.ts';
import { defaultRoute, prefix } from './topology.ts';

export interface UdpChainOptions {
  /** Default 4. */
  readonly family?: IpFamily;
  /** Routers between the two hosts; default 4. */
  readonly routers?: number;
  /** Chains side by side, all of them busy; default 1. */
  readonly chains?: number;
  /** Simulated time that is measured; by default as much as makes about 2,000,000 packet-hops. */
  readonly seconds?: number;
}

export interface UdpChainResult extends NetworkFigures {
  readonly workload: 'udp-chain' | 'many-devices';
  readonly family: IpFamily;
  readonly routers: number;
  readonly chains: number;
  readonly simulatedSeconds: number;
  /** Datagrams that reached their socket. */
  readonly delivered: number;
}

const INTERVAL = 16 * MICROSECOND;
const PAYLOAD_SIZE = 1000;
const PORT = 9;
const PACKET_HOPS = 2_000_000;
/** Run before the measurement, so that compilation is not measured. */
const WARM_UP_SHARE = 0.3;

export function udpChain(options: UdpChainOptions = {}): UdpChainResult {
  const family = options.family ?? 4;
  const routers = options.routers ?? 4;
  const chains = options.chains ?? 1;
  const seconds = options.seconds ?? (PACKET_HOPS / chains / (routers + 1)) * (INTERVAL / SECOND);
  const network = new Network();
  const sinks = Array.from({ length: chains }, (_, chain) => addChain(network, chain, routers, family));
  const delivered = (): number => sinks.reduce((sum, sink) => sum + sink.received, 0);
  const { simulator } = network;

  simulator.run({ until: Math.round(seconds * WARM_UP_SHARE * SECOND) });
  const before = delivered();
  const until = simulator.now + Math.round(seconds * SECOND);
  const figures = measureNetwork(network, () => {
    simulator.run({ until });
  });
  const lost = network.conservation().dropped.map(([reason, count]) => `${count} ${reason}`);
  invariant(lost.length === 0, `the chain dropped ${lost.join(', ')}`);
  return {
    workload: chains === 1 ? 'udp-chain' : 'many-devices',
    family,
    routers,
    chains,
    simulatedSeconds: seconds,
    ...figures,
    delivered: delivered() - before,
  };
}

/** Host, routers and host in a line; every default route points right. */
export function addChain(
  network: Network,
  chain: number,
  routers: number,
  family: IpFamily = 4,
): DatagramSink {
  const at = (link: number, end: number) => prefix(10, chain, link, end, 24, family);
  const nodes = Array.from({ length: routers + 2 }, (_, n) => `${chain}.${n}`);
  for (const [n, name] of nodes.entries()) {
    const interfaces: InterfaceOptions[] = [];
    if (n > 0) interfaces.push({ name: 'left', addresses: [at(n - 1, 2)] });
    if (n <= routers) interfaces.push({ name: 'right', addresses: [at(n, 1)] });
    const routes = n <= routers ? [defaultRoute(at(n, 2))] : [];
    if (n === 0 || n > routers) network.addHost(name, { interfaces, routes });
    else network.addRouter(name, { interfaces, routes });
  }
  for (let n = 0; n <= routers; n++) {
    network.connect({
      ends: [
        { node: nodes[n]!, device: 'right' },
        { node: nodes[n + 1]!, device: 'left' },
      ],
      rate: 1_000_000_000,
      delay: 10 * MICROSECOND,
      queue: { packets: 10_000 },
      framing: PPP_FRAMING,
    });
  }
  const target: Endpoint = { address: at(routers, 2).address, port: PORT };
  const sink = new DatagramSink(network.host(nodes[routers + 1]!).newProcess('sink'), PORT, family);
  const process = network.host(nodes[0]!).newProcess(`${nodes[0]!} source`);
  const source = new DatagramSource(network.simulator, process, target, PAYLOAD_SIZE, INTERVAL);
  source.startAt(chain * 61);
  return sink;
}
