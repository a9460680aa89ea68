/** What benchmarks report: CPU time, since wall time on a shared machine says little, garbage collection, memory. */
import { GCProfiler, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Network } from '../../node/network.ts';

/** What a piece of work cost this process, with the threads that compile and collect garbage for it. */
export interface Cost {
  readonly cpuSeconds: number;
  /** Part of the time during which the garbage collector held up the work, 0 to 1. */
  readonly gcShare: number;
}

/** What every workload that runs a network reports. */
export interface NetworkFigures extends Cost {
  /** Frames transmitted on links, ARP and floods included. */
  readonly packetHops: number;
  readonly events: number;
  /** Per CPU second. */
  readonly hopsPerSecond: number;
  readonly eventsPerSecond: number;
  /** The most memory that this process ever had: of all workloads that it has run so far. */
  readonly peakRssMib: number;
}

/** Does the work and says what it cost; setting up is not part of it. */
export function costOf(work: () => void): Cost {
  const collector = new GCProfiler();
  collector.start();
  const start = process.hrtime.bigint();
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  const elapsed = Number(process.hrtime.bigint() - start);
  const paused = collector.stop().statistics.reduce((sum, { cost }) => sum + cost, 0); // us
  return { cpuSeconds: (user + system) / 1e6, gcShare: rounded((paused * 1000) / elapsed) };
}

/** Runs a network, and says what that cost. */
export function measureNetwork(network: Network, run: () => void): NetworkFigures {
  const { simulator } = network;
  const before = { hops: transmittedFrames(network), events: simulator.events };
  const cost = costOf(run);
  return networkFigures(cost, transmittedFrames(network) - before.hops, simulator.events - before.events);
}

/** The sums of several runs of the same kind as the figures of one. */
export function networkFigures(cost: Cost, packetHops: number, events: number): NetworkFigures {
  return {
    ...cost,
    packetHops,
    events,
    hopsPerSecond: Math.round(packetHops / cost.cpuSeconds),
    eventsPerSecond: Math.round(events / cost.cpuSeconds),
    peakRssMib: peakRssMib(),
  };
}

/** Packet-hops: frames that were transmitted on links, ARP and floods included. */
export function transmittedFrames(network: Network): number {
  return network.conservation().sent;
}

/** Bytes that live objects take, inside V8's heap and outside. */
export function liveBytes(): number {
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/**
 * A full collection, whether or not node was started with --expose-gc. Code that was compiled for objects of which none
 * is left is thrown away with them: keep one network of a kind alive if its code is to stay compiled.
 */
function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  for (let i = 0; i < 3; i++) collect(); // what one pass unlinks, the next one frees
}

/** MiB */
export function peakRssMib(): number {
  return Math.round(process.resourceUsage().maxRSS / 1024);
}

/** The middle one of an odd number of values. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}

/** @returns `value` with three decimals: what is worth printing */
export function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}
