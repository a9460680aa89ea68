/** The benchmark workloads by name; each is loaded when it is run. */

/** Runs a workload; every figure is one JSON line. */
export type Workload = () => Promise<Iterable<object>>;

export const WORKLOADS: Readonly<Record<string, Workload>> = {
  hold: async () => [(await import('./bench/hold.ts')).hold()],
  'udp-chain': async () => {
    const { udpChain } = await import('./bench/udp-chain.ts');
    return figures([1, 4, 16], (routers) => udpChain({ routers }));
  },
  /** How much slower a hop is when 8,700 devices no longer fit into the caches. */
  'many-devices': async () => {
    const { udpChain } = await import('./bench/udp-chain.ts');
    return figures([1, 256], (chains) => udpChain({ routers: 16, chains }));
  },
  /** TCP over a bottleneck. */
  'tcp-dumbbell': async () => {
    const { tcpDumbbell } = await import('./bench/tcp-dumbbell.ts');
    const flows = [1, 10, 100];
    const runs = [false, true].flatMap((isFast) => flows.map((n) => ({ isFast, flows: n })));
    return figures(runs, tcpDumbbell);
  },
  'ethernet-lan': async () => {
    const { ethernetLan } = await import('./bench/ethernet-lan.ts');
    return figures([16, 64], (hosts) => ethernetLan({ hosts }));
  },
  /** What a segment costs when there are ever more connections. */
  'many-connections': async () => {
    const { manyConnections } = await import('./bench/many-connections.ts');
    return figures([100, 1000, 5000, 10_000], (connections) => manyConnections({ connections }));
  },
  demux: async () => (await import('./bench/demux.ts')).benchDemux(),
};

/** One figure after the other, so that each can be shown when it is there. */
function* figures<T>(parameters: readonly T[], measure: (parameter: T) => object): Generator<object> {
  for (const parameter of parameters) yield measure(parameter);
}
