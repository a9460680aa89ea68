/**
 * Workload W3: hosts around one learning switch, links of 1 Gb/s and 1 us. Host i sends 1,000 bytes of UDP to host
 * (5i + 3) mod H every 80 us, from 1 ms + 1.25 us x i on; ARP and the flooding of its first frames are a part of it.
 *
 * A frame is 1,046 bytes, without preamble and gap. The ports are full duplex, as those of real switches are; ns-3's
 * model of the same has half-duplex segments with carrier sense.
 */
import { Network } from '../../node/network.ts';
import type { Prefix } from '../../packet/prefix.ts';
import { invariant } from '../../sim/errors.ts';
import { MICROSECOND, MILLISECOND, SECOND } from '../../sim/time.ts';
import { DatagramSink, DatagramSource } from './datagrams.ts';
import { cpuSeconds, peakRssMib } from './measure.ts';
import { prefix, transmittedFrames } from './topology.ts';

export interface EthernetLanOptions {
  /** A multiple of 16 keeps (5i + 3) mod H a bijection; default 16. */
  readonly hosts?: number;
  /** Simulated time that is measured; default 4 s shared by 16 hosts. */
  readonly seconds?: number;
}

export interface EthernetLanResult {
  readonly workload: 'ethernet-lan';
  readonly hosts: number;
  readonly duplex: 'full';
  readonly simulatedSeconds: number;
  readonly cpuSeconds: number;
  /** Frames transmitted on links, floods and ARP included. */
  readonly packetHops: number;
  readonly events: number;
  readonly delivered: number;
  readonly hopsPerSecond: number;
  readonly eventsPerSecond: number;
  readonly peakRssMib: number;
}

const INTERVAL = 80 * MICROSECOND;
const PAYLOAD_SIZE = 1000;
const PORT = 9;
const HOST_SECONDS = 64;
/** Run before the measurement, so that compilation is not measured. */
const WARM_UP_SHARE = 0.3;

export function ethernetLan(options: EthernetLanOptions = {}): EthernetLanResult {
  const hosts = options.hosts ?? 16;
  const seconds = options.seconds ?? HOST_SECONDS / hosts;
  const network = new Network();
  const all = Array.from({ length: hosts }, (_, i) => i);
  network.addSwitch('switch', { ports: all.map(() => ({})) });
  for (const i of all) {
    network.addHost(`host${i}`, { interfaces: [{ addresses: [addressOf(i)] }] });
    network.connect({
      ends: [
        { node: `host${i}`, device: 'eth0' },
        { node: 'switch', device: `port${i + 1}` },
      ],
      rate: 1_000_000_000,
      delay: MICROSECOND,
    });
  }
  const sinks = all.map((i) => new DatagramSink(network.host(`host${i}`).newProcess('sink'), PORT));
  for (const i of all) {
    const process = network.host(`host${i}`).newProcess(`source ${i}`);
    const target = { address: addressOf((5 * i + 3) % hosts).address, port: PORT };
    const source = new DatagramSource(network.simulator, process, target, PAYLOAD_SIZE, INTERVAL);
    source.startAt(MILLISECOND + i * 1250);
  }
  const { simulator } = network;
  simulator.run({ until: Math.round(MILLISECOND + seconds * WARM_UP_SHARE * SECOND) });
  const delivered = (): number => sinks.reduce((sum, sink) => sum + sink.received, 0);
  const before = { hops: transmittedFrames(network), events: simulator.events, delivered: delivered() };
  const until = simulator.now + Math.round(seconds * SECOND);
  const cpu = cpuSeconds(() => {
    simulator.run({ until });
  });
  const packetHops = transmittedFrames(network) - before.hops;
  const events = simulator.events - before.events;
  invariant(network.conservation().lost === 0, 'a network without a bottleneck loses nothing');
  return {
    workload: 'ethernet-lan',
    hosts,
    duplex: 'full',
    simulatedSeconds: seconds,
    cpuSeconds: cpu,
    packetHops,
    events,
    delivered: delivered() - before.delivered,
    hopsPerSecond: Math.round(packetHops / cpu),
    eventsPerSecond: Math.round(events / cpu),
    peakRssMib: peakRssMib(),
  };
}

function addressOf(i: number): Prefix {
  return prefix(10, 1, Math.floor(i / 250), 1 + (i % 250), 16);
}
