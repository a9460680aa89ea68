/** What is asked of the workloads, and which figure of each tells. Targets are floors on one core of the project's machine. */

/** The line of JSON that a benchmark prints, as far as a reader without knowledge of the workload can use it. */
export interface Figures {
  readonly case: string;
  readonly cpuSeconds: number;
  readonly gcShare: number;
  readonly peakRssMib: number;
  readonly [figure: string]: unknown;
}

export interface Target {
  readonly figure: string;
  /** The least that is asked for, or with `isCost` the most. */
  readonly value: number;
  readonly isCost?: boolean;
}

const hops = (value: number): Target => ({ figure: 'hopsPerSecond', value });

export const TARGETS: Readonly<Record<string, Target>> = {
  'udp-chain/1': hops(4e6),
  'udp-chain/4': hops(4e6),
  'udp-chain/16': hops(4e6),
  'tcp-slow/1': hops(1.8e6),
  'tcp-slow/10': hops(1.8e6),
  'tcp-slow/100': hops(1.8e6),
  'tcp-fast/1': hops(1.8e6),
  'tcp-fast/10': hops(1.8e6),
  'tcp-fast/100': hops(1.8e6),
  'ethernet-lan/16': hops(3.5e6),
  'ethernet-lan/64': hops(3.5e6),
  'many-connections/100': hops(1.5e6),
  'many-connections/1000': hops(1.5e6),
  'many-connections/5000': hops(1.5e6),
  'many-connections/10000': hops(1.5e6),
  'million/1000000': { figure: 'bytesPerConnection', value: 2048, isCost: true },
  'hold/10000': { figure: 'eventsPerSecond', value: 15e6 },
  'cancel/1000': { figure: 'nsPerFiring', value: 120, isCost: true },
  'cancel/100000': { figure: 'nsPerFiring', value: 120, isCost: true },
  'pcap/4': { figure: 'packetsWrittenPerSecond', value: 1.2e6 },
};

/** The figure that says most about a case. */
export function tellingFigure(name: string, figures: Figures): string {
  const target = TARGETS[name];
  if (target !== undefined) return target.figure;
  const rate = ['hopsPerSecond', 'lookupsPerSecond', 'hostsPerSecond', 'eventsPerSecond'];
  return rate.find((figure) => figure in figures) ?? 'cpuSeconds';
}
