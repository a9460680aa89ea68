/** A scenario that runs: the network, its programs and its timeline, what was seen, and how the sockets stood when. */
import type { Network } from '../../node/network.ts';
import { Recorder } from '../../observe/recorder.ts';
import { ConfigError } from '../../sim/errors.ts';
import type { EventHandler, RunEnd } from '../../sim/simulator.ts';
import { type Nanos, NEVER } from '../../sim/time.ts';
import type { SocketRow } from '../../sockets/rows.ts';
import type { Scenario } from '../schema/scenario.ts';
import { Directory } from './directory.ts';
import { buildNetwork } from './network.ts';
import { type Disguise, Programs } from './programs.ts';
import { Timeline } from './timeline.ts';

export interface RunSettings {
  /** Instead of the scenario's. */
  readonly seed?: number;
  readonly until?: Nanos;
  /** Encode and decode every frame at every hop. */
  readonly wire?: boolean;
  /** Keep all frames that pass hosts and routers and all that programs read, also when no expectation needs them. Default: true. */
  readonly records?: boolean;
  /** Programs get the process that this makes of theirs: one that counts, or that splits what is sent. */
  readonly disguise?: Disguise;
  /** Sockets to be looked at besides those of expectations and outputs; null = at the end. */
  readonly lookAt?: readonly { readonly host: string; readonly at: Nanos | null }[];
}

/** The sockets of a host at an instant. */
export interface TimedRows {
  readonly host: string;
  readonly at: Nanos;
  readonly rows: readonly SocketRow[];
}

const LOOK = 1;
/** So many events make one slice of a run. */
const SLICE = 100_000;

export class ScenarioRun implements EventHandler {
  readonly scenario: Scenario;
  readonly directory: Directory;
  readonly network: Network;
  readonly programs: Programs;
  readonly recorder: Recorder;
  readonly until: Nanos;
  readonly #looks: TimedRows[] = [];
  readonly #watchers: (() => void)[] = [];
  readonly #place: number;

  /** @throws ConfigError for what only the engine can judge */
  constructor(scenario: Scenario, settings: RunSettings = {}) {
    const { seed = scenario.seed, wire = false } = settings;
    this.scenario = scenario;
    this.until = settings.until ?? scenario.until;
    this.directory = new Directory(scenario);
    this.network = buildNetwork(scenario, this.directory, { seed, wire });
    this.recorder = new Recorder(this.network.simulator);
    const records = settings.records ?? true;
    const checks = new Set(scenario.expect.map(({ check }) => check));
    if (records || checks.has('packets') || checks.has('delay')) this.#record();
    const listens = records || checks.has('received');
    this.programs = new Programs(this.network, scenario, this.directory, listens, settings.disguise);
    new Timeline(this.network, scenario, this.directory, this.programs, this);
    this.#place = this.network.simulator.addPlace('observer', this);
    this.#planLooks(settings.lookAt ?? []);
  }

  /**
   * Runs to the end, or for one slice.
   * @param maxEvents of the whole run: the slice ends there at the latest
   * @returns why it came back; 'limit' = there is more to do
   */
  async slice(maxEvents: number = Number.MAX_SAFE_INTEGER): Promise<RunEnd> {
    const { promises } = this.programs;
    for (;;) {
      await promises.rest();
      const end = this.#slice(maxEvents);
      if (!promises.hasWork) return end;
    }
  }

  /** Runs to the end without a pause. @throws ConfigError when a program is async: that takes {@link slice} */
  run(maxEvents: number = Number.MAX_SAFE_INTEGER): RunEnd {
    const { simulator } = this.network;
    for (;;) {
      const end = this.#slice(maxEvents);
      if (this.programs.promises.hasWork)
        throw new ConfigError('a program of the scenario is async: the run must be awaited');
      if (end !== 'limit' || simulator.events >= maxEvents) return end;
    }
  }

  /** The sockets of a host, at an instant that was planned or (null) now. @returns null when the run ended before */
  sockets(host: string, at: Nanos | null): readonly SocketRow[] | null {
    if (at === null) return this.network.host(host).sockets.rows();
    return this.#looks.find((look) => look.host === host && look.at === at)?.rows ?? null;
  }

  onEvent(_kind: number, arg: unknown): void {
    const host = arg as string;
    const { now } = this.network.simulator;
    this.#looks.push({ host, at: now, rows: this.network.host(host).sockets.rows() });
  }

  /** Calls `afterEvent` after every event from now on. It may read everything, and throw; it may not act. */
  watch(afterEvent: () => void): void {
    this.#watchers.push(afterEvent);
  }

  #slice(most: number): RunEnd {
    const watchers = this.#watchers;
    const look = () => {
      for (const afterEvent of watchers) afterEvent();
      return false;
    };
    const condition = watchers.length === 0 ? {} : { condition: look };
    const maxEvents = Math.min(SLICE, Math.max(0, most - this.network.simulator.events));
    return this.network.run({ until: this.until, maxEvents, ...condition });
  }

  #record(): void {
    for (const { name } of this.network.hosts) this.network.node(name).observe(this.recorder.tap(name));
  }

  #planLooks(more: readonly { readonly host: string; readonly at: Nanos | null }[]): void {
    const { expect, outputs } = this.scenario;
    const looks = [...expect, ...(outputs.sockets ?? []), ...more].flatMap((look) =>
      'host' in look && 'at' in look && typeof look.at === 'number' ? [{ host: look.host, at: look.at }] : [],
    );
    const planned = new Set<string>();
    for (const { host, at } of looks) {
      const key = `${host} ${at}`;
      if (planned.has(key) || at >= NEVER) continue;
      planned.add(key);
      this.network.simulator.at(at, this.#place, LOOK, host);
    }
  }
}
