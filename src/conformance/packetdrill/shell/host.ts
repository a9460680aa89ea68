/** What shell blocks can change of the host under test: the port between the interpreter and the host. */

/** `ip route change`: only what is given changes; numbers in bytes, segments or milliseconds. */
export interface RouteChange {
  readonly destination: string;
  readonly advmss?: number;
  readonly mtu?: number;
  /** `mtu lock`: path MTU discovery may not lower it. */
  readonly mtuLocked?: boolean;
  readonly initcwnd?: number;
  readonly initrwnd?: number;
  readonly rtoMinMs?: number;
  readonly quickack?: boolean;
}

export interface ShellHost {
  hasSysctl(name: string): boolean;
  /** @throws ConfigError when there is none of that name, or the value is not of its kind */
  setSysctl(name: string, value: string): void;
  /** `ip tcp_metrics flush all`: forgets what was learnt about destinations (RTT, ssthresh, Fast Open cookies). */
  flushTcpMetrics(): void;
  /** @throws ConfigError when the host cannot do it */
  changeRoute(change: RouteChange): void;
  /** The transmit queue takes so many packets; 0 loses everything that is sent. */
  setQueueLimit(packets: number): void;
  /** `ethtool -K`: tso, gso, gro … */
  setOffload(feature: string, on: boolean): void;
  /** `echo V > /sys/module/M/parameters/P`. @throws ConfigError when there is no such parameter */
  setModuleParameter(module: string, parameter: string, value: string): void;
  /** The text of a file beside the script, or null. */
  readFile(path: string): string | null;
}
