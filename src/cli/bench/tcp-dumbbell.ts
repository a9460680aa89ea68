/**
 * Workload W2: n TCP flows over one bottleneck, sender_i - L - R - receiver_i, each with access links of its own.
 * Slow: access 1 Gb/s, bottleneck 100 Mb/s with a queue of 100 packets; fast: ten times all of that. One-way delays
 * of 1, 10 and 1 ms. Flow i connects at 10 ms x i and sends without end.
 *
 * TCP: Reno, SACK, timestamps, window scaling, an MSS of 1448, an initial window of 10 segments, delayed ACKs, buffers
 * for 4 MiB. The minimal RTO is 1 s, as it is in ns-3 (Linux has 200 ms). Two bytes of framing, so that a full
 * data frame is 1,502 bytes and at best 96.405 % of the bottleneck is goodput.
 */
import { PPP_FRAMING } from '../../link/framing.ts';
import type { SysctlValue } from '../../network/sysctls.ts';
import { Network } from '../../node/network.ts';
import type { Prefix } from '../../packet/prefix.ts';
import { MILLISECOND, SECOND } from '../../sim/time.ts';
import { BulkSink, BulkSource } from './bulk.ts';
import { measureNetwork, type NetworkFigures, rounded } from './measure.ts';
import { defaultRoute, prefix } from './topology.ts';

export interface TcpDumbbellOptions {
  readonly isFast?: boolean;
  readonly flows?: number;
  /** Simulated seconds, from the first SYN; default 20 (slow) and 5 (fast). */
  readonly seconds?: number;
  /** Default 1,000 ms. */
  readonly rtoMinMs?: number;
  /** Runs the same once before, so that compilation is not measured: less leaves half of it to the run; default true. */
  readonly warmUp?: boolean;
  /** Called with the network before it runs: to look at it. */
  readonly prepare?: (network: Network) => void;
}

export interface TcpDumbbellResult extends NetworkFigures {
  readonly workload: 'tcp-dumbbell';
  readonly speed: 'slow' | 'fast';
  readonly flows: number;
  readonly simulatedSeconds: number;
  /** Bytes read by the receivers, Mb/s: over the whole time, and over its second half. */
  readonly goodput: number;
  readonly goodputSecondHalf: number;
  /** Of the slowest and of the fastest flow, Mb/s. */
  readonly flowGoodput: readonly [number, number];
  /** Jain's index of fairness (RFC 5166 2.3): 1 when all flows got the same. */
  readonly jain: number;
  /** Frames that the queue of the bottleneck refused. */
  readonly drops: number;
  /** Segments that were sent again. */
  readonly retransmissions: number;
}

const PORT = 5001;
/** Data under way, at most. The kernel counts memory: half of what receives is window, and the sender is never short. */
const WINDOW = 4 * 1024 * 1024;
const RECEIVE_MEMORY = 2 * WINDOW;
const SEND_MEMORY = 4 * WINDOW;
/** Per host; nobody is full here but the bottleneck. */
const ACCESS_QUEUE = 10_000;
const START_GAP = 10 * MILLISECOND;

export function tcpDumbbell(options: TcpDumbbellOptions = {}): TcpDumbbellResult {
  const isFast = options.isFast ?? false;
  const flows = options.flows ?? 1;
  if (options.warmUp ?? true) tcpDumbbell({ isFast, flows, warmUp: false });
  const seconds = options.seconds ?? (isFast ? 5 : 20);
  const network = new Network();
  const sysctls = {
    'net.ipv4.tcp_congestion_control': 'reno',
    'net.ipv4.tcp_rto_min_us': (options.rtoMinMs ?? 1000) * 1000,
    'net.ipv4.tcp_rmem': `4096 ${RECEIVE_MEMORY} ${RECEIVE_MEMORY}`,
    'net.ipv4.tcp_wmem': `4096 ${SEND_MEMORY} ${SEND_MEMORY}`,
    'net.ipv4.tcp_moderate_rcvbuf': 0,
  };
  const { sinks, sources } = build(network, isFast, flows, sysctls);
  options.prepare?.(network);
  const { simulator } = network;
  const bytes = (): number[] => sinks.map((sink) => sink.bytes);
  const half = Math.round((seconds * SECOND) / 2);
  let middle: number[] = [];
  const figures = measureNetwork(network, () => {
    simulator.run({ until: half });
    middle = bytes();
    simulator.run({ until: 2 * half });
  });
  const end = bytes();
  const perFlow = end.map((size) => megabits(size, seconds));
  const retransmissions = sources.reduce((sum, source) => sum + source.retransmissions, 0);
  return {
    workload: 'tcp-dumbbell',
    speed: isFast ? 'fast' : 'slow',
    flows,
    simulatedSeconds: seconds,
    ...figures,
    goodput: rounded(megabits(total(end), seconds)),
    goodputSecondHalf: rounded(megabits(total(end) - total(middle), seconds / 2)),
    flowGoodput: [rounded(Math.min(...perFlow)), rounded(Math.max(...perFlow))],
    jain: rounded(jainIndex(perFlow)),
    drops: network.host('L').device('bottleneck').drops.count('link.queue-full'),
    retransmissions,
  };
}

/** Senders, L, R, receivers, in this order. */
function build(
  network: Network,
  isFast: boolean,
  flows: number,
  sysctls: Readonly<Record<string, SysctlValue>>,
): { sources: BulkSource[]; sinks: BulkSink[] } {
  const scale = isFast ? 10 : 1;
  const all = Array.from({ length: flows }, (_, i) => i);
  for (const i of all) addEnd(network, `sender${i}`, SENDERS, i, sysctls);
  addRouter(network, 'L', SENDERS, RECEIVERS, all);
  addRouter(network, 'R', RECEIVERS, SENDERS, all);
  for (const i of all) addEnd(network, `receiver${i}`, RECEIVERS, i, sysctls);
  const cable = (
    a: [string, string],
    b: [string, string],
    rate: number,
    ms: number,
    packets: number,
  ): void => {
    network.connect({
      ends: [
        { node: a[0], device: a[1] },
        { node: b[0], device: b[1] },
      ],
      rate: rate * scale,
      delay: ms * MILLISECOND,
      queue: { packets },
      framing: PPP_FRAMING,
    });
  };
  for (const i of all) cable([`sender${i}`, 'eth0'], ['L', `access${i}`], 1e9, 1, ACCESS_QUEUE);
  cable(['L', 'bottleneck'], ['R', 'bottleneck'], 1e8, 10, 100 * scale);
  for (const i of all) cable(['R', `access${i}`], [`receiver${i}`, 'eth0'], 1e9, 1, ACCESS_QUEUE);
  const sinks = all.map((i) => {
    const process = network.host(`receiver${i}`).newProcess('sink');
    return new BulkSink(process, { address: endAddress(RECEIVERS, i).address, port: PORT }, WINDOW);
  });
  const sources = all.map((i) => {
    const process = network.host(`sender${i}`).newProcess(`source ${i}`);
    const target = { address: endAddress(RECEIVERS, i).address, port: PORT };
    const source = new BulkSource(network.simulator, process, target);
    source.startAt(i * START_GAP);
    return source;
  });
  return { sources, sinks };
}

/** The second number of the addresses on either side of the bottleneck. */
const SENDERS = 1;
const RECEIVERS = 2;

function addEnd(
  network: Network,
  name: string,
  side: number,
  i: number,
  sysctls: Readonly<Record<string, SysctlValue>>,
): void {
  network.addHost(name, {
    interfaces: [{ addresses: [endAddress(side, i)] }],
    routes: [defaultRoute(routerAddress(side, i))],
    sysctls,
  });
}

function addRouter(
  network: Network,
  name: string,
  near: number,
  far: number,
  flows: readonly number[],
): void {
  const access = flows.map((i) => ({ name: `access${i}`, addresses: [routerAddress(near, i)] }));
  network.addRouter(name, {
    interfaces: [...access, { name: 'bottleneck', addresses: [prefix(10, 3, 0, near, 24)] }],
    routes: [{ to: prefix(10, far, 0, 0, 16), via: prefix(10, 3, 0, far, 24).address }],
  });
}

function endAddress(side: number, i: number): Prefix {
  return prefix(10, side, i, 1, 24);
}

function routerAddress(side: number, i: number): Prefix {
  return prefix(10, side, i, 2, 24);
}

/** (sum of x)^2 / (n * sum of x^2) */
function jainIndex(values: readonly number[]): number {
  const sum = total(values);
  return (sum * sum) / (values.length * total(values.map((value) => value * value)));
}

function megabits(bytes: number, seconds: number): number {
  return (bytes * 8) / 1e6 / seconds;
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
