/**
 * Coverage of the protocols: which transitions of TCP, which rules of the demultiplexer and which errors of calls a test
 * run reached. One object may take in many runs: `runScenario(scenario, { coverage })`.
 */
import { errnoName } from '../../network/errno.ts';
import type { ScenarioRun } from '../../scenario/build/run.ts';
import type { Process, Socket } from '../../sockets/api.ts';
import { CATALOGUE, COVERAGE_KINDS, type CoverageItem, type CoverageKind } from './catalogue.ts';

/** How often each thing was reached, by kind and name: what is stored and merged. */
export type CoverageCounts = Readonly<Record<CoverageKind, Readonly<Record<string, number>>>>;

export interface CoverageReport {
  readonly kinds: Readonly<Record<CoverageKind, KindReport>>;
  /** Of all things together, 0-100, rounded down. */
  readonly percent: number;
}

export interface KindReport {
  readonly reached: readonly (CoverageItem & { readonly count: number })[];
  readonly missed: readonly CoverageItem[];
  /** 0-100, rounded down. */
  readonly percent: number;
}

/** At least so many per cent: of everything, or of each kind that is named. */
export type CoverageGoal = number | Partial<Record<CoverageKind, number>>;

/** The goal was missed. The message lists what was not reached. */
export class CoverageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'CoverageError';
  }
}

/** A child of a listener is in the RFC's figure the listener itself. */
const SAME_ARROW: Readonly<Record<string, string>> = { 'CLOSED > SYN-RECEIVED': 'LISTEN > SYN-RECEIVED' };
/** Drops that are the verdict of a lookup: nobody gets the packet. */
const RULE_OF_DROP: Readonly<Record<string, string>> = { 'udp.no-socket': 'L33', 'tcp.no-socket': 'L10' };

export class ProtocolCoverage {
  readonly #counts: Record<CoverageKind, Map<string, number>> = {
    transitions: new Map(),
    rules: new Map(),
    errnos: new Map(),
  };

  /** Coverage that was stored with {@link counts}. */
  static of(counts: CoverageCounts): ProtocolCoverage {
    const coverage = new ProtocolCoverage();
    coverage.merge(counts);
    return coverage;
  }

  /** Adds a run that is over. */
  add({ recorder, network }: ScenarioRun): void {
    for (const { from, to } of recorder.transitions) {
      const arrow = `${from} > ${to}`;
      this.#hit('transitions', arrow);
      if (SAME_ARROW[arrow] !== undefined) this.#hit('transitions', SAME_ARROW[arrow]);
    }
    for (const { rule } of recorder.frames) if (rule !== null) this.#hit('rules', rule.split(':')[0]!);
    for (const host of network.hosts)
      for (const [reason, count] of host.dropped()) {
        const rule = RULE_OF_DROP[reason];
        if (rule !== undefined) this.#hit('rules', rule, count);
      }
  }

  /** Adds what another test run reached. */
  merge(counts: CoverageCounts): void {
    for (const kind of COVERAGE_KINDS)
      for (const [name, count] of Object.entries(counts[kind])) this.#hit(kind, name, count);
  }

  /** The process with sockets whose errors are counted. */
  disguise(owner: Process): Process {
    return watched(owner, (name, value) => {
      this.#noteErrno(value);
      return name === 'socket' && typeof value === 'object' ? this.#socket(value as Socket) : value;
    });
  }

  counts(): CoverageCounts {
    const plain = (kind: CoverageKind) => Object.fromEntries([...this.#counts[kind]].sort());
    return { transitions: plain('transitions'), rules: plain('rules'), errnos: plain('errnos') };
  }

  report(): CoverageReport {
    const kinds = {
      transitions: this.#kind('transitions'),
      rules: this.#kind('rules'),
      errnos: this.#kind('errnos'),
    };
    const all = COVERAGE_KINDS.map((kind) => kinds[kind]);
    const reached = all.reduce((sum, kind) => sum + kind.reached.length, 0);
    const missed = all.reduce((sum, kind) => sum + kind.missed.length, 0);
    return { kinds, percent: percent(reached, missed) };
  }

  /** @throws CoverageError naming what was not reached */
  expectAtLeast(goal: CoverageGoal): void {
    const report = this.report();
    const kinds =
      typeof goal === 'number' ? COVERAGE_KINDS : COVERAGE_KINDS.filter((kind) => goal[kind] !== undefined);
    const short =
      typeof goal === 'number'
        ? report.percent < goal
          ? [`${report.percent}% of the protocols were reached, ${goal}% are the goal`]
          : []
        : kinds.flatMap((kind) => {
            const { percent: is } = report.kinds[kind];
            return is < goal[kind]!
              ? [`${is}% of the ${kind} were reached, ${goal[kind]}% are the goal`]
              : [];
          });
    if (short.length === 0) return;
    const missed = kinds.map(
      (kind) => `  ${kind} not reached: ${report.kinds[kind].missed.map(({ name }) => name).join(', ')}`,
    );
    throw new CoverageError([...short, ...missed].join('\n'));
  }

  #kind(kind: CoverageKind): KindReport {
    const counts = this.#counts[kind];
    const items = CATALOGUE[kind];
    const reached = items.flatMap((item) => {
      const count = counts.get(item.name) ?? 0;
      return count === 0 ? [] : [{ ...item, count }];
    });
    const missed = items.filter(({ name }) => !counts.has(name));
    return { reached, missed, percent: percent(reached.length, missed.length) };
  }

  #socket(socket: Socket): Socket {
    return watched(socket, (name, value) => {
      if (name !== 'getOption') this.#noteErrno(value); // -1 is the value of some options
      return name === 'accept' && typeof value === 'object' ? this.#socket(value as Socket) : value;
    });
  }

  #noteErrno(result: unknown): void {
    if (typeof result === 'number' && result < 0) this.#hit('errnos', errnoName(result));
  }

  #hit(kind: CoverageKind, name: string, count: number = 1): void {
    this.#counts[kind].set(name, (this.#counts[kind].get(name) ?? 0) + count);
  }
}

/** The object with methods whose results `see` gets, and may replace. Getters pass unseen: `fd` is -1 once closed. */
function watched<T extends object>(target: T, see: (method: string, result: unknown) => unknown): T {
  return new Proxy(target, {
    get: (object, key) => {
      const value: unknown = Reflect.get(object, key, object);
      if (typeof value !== 'function') return value;
      return (...given: unknown[]): unknown => see(String(key), Reflect.apply(value, object, given));
    },
    set: (object, key, value) => Reflect.set(object, key, value, object),
  });
}

function percent(reached: number, missed: number): number {
  return reached + missed === 0 ? 100 : Math.floor((100 * reached) / (reached + missed));
}
