/** What all TCP connections of one host share: clock, parameters, secrets, rate limits and counters. */
import type { RandomStream } from '../../sim/random.ts';
import type { Nanos } from '../../sim/time.ts';
import { AckOutcome } from './ack-outcome.ts';
import { ChallengeAckLimit } from './challenge-ack.ts';
import { AckFacts } from './congestion/controller.ts';
import { CubicParameters } from './congestion/hystart.ts';
import { FastOpenCache } from './fast-open/cache.ts';
import { IsnGenerator } from './isn.ts';
import type { TcpConfig } from './sysctls.ts';

/** The time of day, in ns; `Simulator` is one. */
export interface Clock {
  readonly now: Nanos;
}

export class TcpHost {
  readonly clock: Clock;
  readonly config: TcpConfig;
  readonly random: RandomStream;
  readonly isn: IsnGenerator;
  /** Parameters of CUBIC, as of the kernel's module. */
  readonly cubic: CubicParameters = new CubicParameters();
  readonly challengeAcks: ChallengeAckLimit = new ChallengeAckLimit();
  readonly fastOpen: FastOpenCache = new FastOpenCache();
  /** Working space for the one ACK that is being processed, so that no connection carries its own. */
  readonly ack: AckOutcome = new AckOutcome();
  readonly ackFacts: AckFacts = new AckFacts();
  /** MIB counters under the kernel's names (`TcpExtTCPTimeouts`), as nstat(8) prints them. */
  readonly mib: TcpMib = new TcpMib();

  /** @param random a stream of this host's own: secrets and jitter */
  constructor(clock: Clock, config: TcpConfig, random: RandomStream) {
    this.clock = clock;
    this.config = config;
    this.random = random;
    this.isn = new IsnGenerator(random);
  }
}

/** Event counters by the kernel's names. */
export class TcpMib {
  readonly #counts = new Map<string, number>();

  add(name: string, n: number = 1): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + n);
  }

  count(name: string): number {
    return this.#counts.get(name) ?? 0;
  }

  /** All counters, sorted by name. */
  entries(): [name: string, count: number][] {
    return [...this.#counts].sort(([a], [b]) => (a < b ? -1 : 1));
  }
}
