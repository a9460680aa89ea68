/** The benchmark workloads by name; each is loaded when it is run. */

/** Runs a workload; every figure is one JSON line. */
export type Workload = () => Promise<Iterable<object>>;

export const WORKLOADS: Readonly<Record<string, Workload>> = {
  hold: async () => [(await import('./bench/hold.ts')).hold()],
  demux: async () => (await import('./bench/demux.ts')).benchDemux(),
};
