/** The benchmark workloads by name; the code of each is loaded when it is run. */
import type { IpFamily } from '../packet/ip-address.ts';

const BOTH: readonly IpFamily[] = [4, 6];

/** One measurement, and what makes one JSON line of it. */
export interface BenchCase {
  /** The workload and its parameters: `udp-chain/16`. */
  readonly name: string;
  readonly families: readonly IpFamily[];
  readonly run: (family: IpFamily) => Promise<object>;
}

/** In the order in which they are run. */
export const BENCH_CASES: readonly BenchCase[] = [
  // W1: UDP over 1, 4 and 16 routers.
  ...cases('udp-chain', [1, 4, 16], async (routers, family) => (await udpChain())({ routers, family }), BOTH),
  // How much slower a hop is when 8,700 devices no longer fit into the caches.
  ...cases(
    'many-devices',
    [1, 16, 256],
    async (chains, family) => (await udpChain())({ routers: 16, chains, family }),
    BOTH,
  ),
  // W2: so many TCP flows over a bottleneck, and the same at ten times the rate.
  ...cases('tcp-slow', [1, 10, 100], async (flows) => (await tcpDumbbell())({ flows })),
  ...cases('tcp-fast', [1, 10, 100], async (flows) => (await tcpDumbbell())({ isFast: true, flows })),
  // W3: so many hosts around a switch; and 1,000 of them around twenty.
  ...cases('ethernet-lan', [16, 64], async (hosts) => (await ethernetLan())({ hosts })),
  ...cases('lan-large', [1000], async (hosts) => (await ethernetLan())({ hosts, switches: 20 })),
  // W4: what a segment costs when there are ever more connections.
  ...cases(
    'many-connections',
    [100, 1000, 5000, 10_000],
    async (connections, family) =>
      (await manyConnections())({ family, connections, repeats: Math.max(1, 5000 / connections) }),
    BOTH,
  ),
  // Longest prefix match among so many routes, past the caches in front of it.
  ...cases(
    'lpm',
    [1000, 100_000],
    async (routes, family) => (await import('./bench/lpm.ts')).lpm({ routes, family }),
    BOTH,
  ),
  // The same with a request a minute.
  ...cases('million', [1000, 100_000, 1_000_000], async (connections) =>
    (await manyConnections())({ ...MILLION, connections, repeats: Math.max(1, 20_000 / connections) }),
  ),
  // W5: the event queue, alone and with the kernel around it.
  ...cases('hold', [1000, 10_000, 100_000], async (pending) => (await hold())({ mode: 'hold', pending })),
  ...cases('simulator', [1000, 10_000, 100_000], async (pending) =>
    (await hold())({ mode: 'simulator', pending }),
  ),
  ...cases('cancel', [1000, 10_000, 100_000], async (pending) => (await hold())({ mode: 'cancel', pending })),
  ...cases('demux', [10, 1000, 100_000, 1_000_000], async (connections) =>
    (await import('./bench/demux.ts')).benchDemux(connections),
  ),
  ...cases('pcap', [4], async (routers) => (await import('./bench/pcap.ts')).pcap({ routers })),
  ...cases('idle-hosts', [1000], async (hosts) => (await import('./bench/idle-hosts.ts')).idleHosts(hosts)),
];

const MILLION = { clients: 20, connectSeconds: 60, pauseSeconds: 60, seconds: 125 };

const udpChain = async () => (await import('./bench/udp-chain.ts')).udpChain;
const tcpDumbbell = async () => (await import('./bench/tcp-dumbbell.ts')).tcpDumbbell;
const ethernetLan = async () => (await import('./bench/ethernet-lan.ts')).ethernetLan;
const manyConnections = async () => (await import('./bench/many-connections.ts')).manyConnections;
const hold = async () => (await import('./bench/hold.ts')).hold;

/** The workloads, without parameters. */
export function workloadNames(cases: readonly BenchCase[] = BENCH_CASES): string[] {
  return [...new Set(cases.map(({ name }) => name.split('/')[0]!))];
}

function cases(
  workload: string,
  parameters: number[],
  run: (parameter: number, family: IpFamily) => Promise<object>,
  families: readonly IpFamily[] = [4],
): BenchCase[] {
  return parameters.map((parameter) => ({
    name: `${workload}/${parameter}`,
    families,
    run: (family) => run(parameter, family),
  }));
}
