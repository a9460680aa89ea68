/**
 * Workload W3: hosts around one learning switch, links of 1 Gb/s and 1 us. Host i sends 1,000 bytes of UDP to host
 * (5i + 3) mod H every 80 us, from 1 ms + 1.25 us x i on; ARP and the flooding of its first frames are a part of it.
 *
 * A frame is 1,046 bytes, without preamble and gap. The ports are full duplex, as those of real switches are; ns-3's
 * model of the same has half-duplex segments with carrier sense.
 *
 * `lan-large` is the same with 1,000 hosts at 20 switches, nineteen of which hang on the first by links of 10 Gb/s;
 * host i sends to (7i + 3) mod H, so most frames cross several switches.
 */
import { Network } from '../../node/network.ts';
import type { CableEnd } from '../../node/options.ts';
import type { Prefix } from '../../packet/prefix.ts';
import { invariant } from '../../sim/errors.ts';
import { MICROSECOND, MILLISECOND, SECOND } from '../../sim/time.ts';
import { DatagramSink, DatagramSource } from './datagrams.ts';
import { measureNetwork, type NetworkFigures } from './measure.ts';
import { prefix } from './topology.ts';

export interface EthernetLanOptions {
  /** A multiple of 16 (of 50 with 20 switches) keeps the mapping of sources to targets a bijection; default 16. */
  readonly hosts?: number;
  /** Hosts are spread evenly over them; default 1. */
  readonly switches?: number;
  /** Simulated time that is measured; default 4 s shared by 16 hosts. */
  readonly seconds?: number;
}

export interface EthernetLanResult extends NetworkFigures {
  readonly workload: 'ethernet-lan' | 'lan-large';
  readonly hosts: number;
  readonly switches: number;
  readonly duplex: 'full';
  readonly simulatedSeconds: number;
  readonly delivered: number;
}

const INTERVAL = 80 * MICROSECOND;
const PAYLOAD_SIZE = 1000;
const PORT = 9;
const HOST_SECONDS = 64;
const RATE = 1_000_000_000;
const UPLINK_RATE = 10_000_000_000;
/** Run before the measurement, so that compilation is not measured. */
const WARM_UP_SHARE = 0.3;

export function ethernetLan(options: EthernetLanOptions = {}): EthernetLanResult {
  const hosts = options.hosts ?? 16;
  const switches = options.switches ?? 1;
  const seconds = options.seconds ?? HOST_SECONDS / hosts;
  const network = new Network();
  build(network, hosts, switches);
  const all = Array.from({ length: hosts }, (_, i) => i);
  const sinks = all.map((i) => new DatagramSink(network.host(`host${i}`).newProcess('sink'), PORT));
  const factor = switches === 1 ? 5 : 7;
  for (const i of all) {
    const process = network.host(`host${i}`).newProcess(`source ${i}`);
    const target = { address: addressOf((factor * i + 3) % hosts).address, port: PORT };
    const source = new DatagramSource(network.simulator, process, target, PAYLOAD_SIZE, INTERVAL);
    source.startAt(MILLISECOND + i * 1250);
  }
  const { simulator } = network;
  simulator.run({ until: Math.round(MILLISECOND + seconds * WARM_UP_SHARE * SECOND) });
  const delivered = (): number => sinks.reduce((sum, sink) => sum + sink.received, 0);
  const before = delivered();
  const until = simulator.now + Math.round(seconds * SECOND);
  const figures = measureNetwork(network, () => {
    simulator.run({ until });
  });
  invariant(network.conservation().lost === 0, 'a network without a bottleneck loses nothing');
  return {
    workload: switches === 1 ? 'ethernet-lan' : 'lan-large',
    hosts,
    switches,
    duplex: 'full',
    simulatedSeconds: seconds,
    ...figures,
    delivered: delivered() - before,
  };
}

/** Switch 0 has links to all others behind the ports of its hosts; port 1 of the others leads to it. */
function build(network: Network, hosts: number, switches: number): void {
  const hostsEach = hosts / switches;
  const cable = (a: CableEnd, b: CableEnd, rate: number): void => {
    network.connect({ ends: [a, b], rate, delay: MICROSECOND });
  };
  for (let s = 0; s < switches; s++) {
    const ports = hostsEach + (s === 0 ? switches - 1 : 1);
    network.addSwitch(`switch${s}`, { ports: Array.from({ length: ports }, () => ({})) });
    if (s === 0) continue;
    const uplink = { node: 'switch0', device: `port${hostsEach + s}` };
    cable(uplink, { node: `switch${s}`, device: 'port1' }, UPLINK_RATE);
  }
  for (let i = 0; i < hosts; i++) {
    const s = Math.floor(i / hostsEach);
    const port = (i % hostsEach) + (s === 0 ? 1 : 2);
    network.addHost(`host${i}`, { interfaces: [{ addresses: [addressOf(i)] }] });
    cable({ node: `host${i}`, device: 'eth0' }, { node: `switch${s}`, device: `port${port}` }, RATE);
  }
}

function addressOf(i: number): Prefix {
  return prefix(10, 1, Math.floor(i / 250), 1 + (i % 250), 16);
}
