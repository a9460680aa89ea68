/** The programs of a scenario on their hosts: started, stopped and started again, with what they did. */
import { launch, type Statistics } from '../../apps/app.ts';
import { engineProgram } from '../../apps/async/any-program.ts';
import { AsyncPrograms } from '../../apps/async/async-programs.ts';
import { appByName } from '../../apps/registry.ts';
import type { Host } from '../../node/host.ts';
import type { Network } from '../../node/network.ts';
import type { Payload } from '../../packet/payload.ts';
import type { Process, Socket } from '../../sockets/api.ts';
import type { Program, Task } from '../../sockets/program.ts';
import { type CallNames, type CallRecord, callProgram } from '../calls/program.ts';
import type { AppSpec, NamedEndpoint, NamedHost, ProgramSpec } from '../schema/programs.ts';
import type { Scenario } from '../schema/scenario.ts';
import type { Directory } from './directory.ts';
import { OUT_OF_BAND, type Reading, RecordingProcess, type TrafficLog, type Writing } from './received.ts';

/** A program of the scenario; the figures are those of its last start. */
export interface ProgramRun {
  readonly name: string;
  readonly spec: ProgramSpec;
  readonly host: Host;
  task: Task;
  /** What a built-in program counted; null for a list of calls. */
  statistics: Statistics | null;
  /** The calls that were made; empty for a built-in program. */
  records: CallRecord[];
}

/** What programs get instead of their process. */
export type Disguise = (process: Process) => Process;

export class Programs {
  readonly runs = new Map<string, ProgramRun>();
  /** What all programs read, in order. */
  readonly readings: Reading[] = [];
  /** What all programs wrote, in order. */
  readonly writings: Writing[] = [];
  /** Those of them that are async functions. */
  readonly promises: AsyncPrograms;
  readonly #network: Network;
  readonly #scenario: Scenario;
  readonly #directory: Directory;
  readonly #listens: boolean;
  readonly #disguise: Disguise | null;
  #sockets = 0;

  /**
   * Starts all programs at their times.
   * @param listens whether what they read and write is kept
   * @throws ConfigError for a parameter out of bounds
   */
  constructor(
    network: Network,
    scenario: Scenario,
    directory: Directory,
    listens: boolean,
    disguise: Disguise | null = null,
  ) {
    this.#listens = listens;
    this.#disguise = disguise;
    this.promises = new AsyncPrograms(network.simulator);
    this.#network = network;
    this.#scenario = scenario;
    this.#directory = directory;
    for (const [name, spec] of Object.entries(scenario.programs)) this.#launch(name, spec, spec.start);
  }

  /** Kills a program; nothing happens when it has ended. */
  stop(name: string): void {
    const run = this.runs.get(name)!;
    run.host.kill(run.task);
  }

  /** Starts a program anew, now. It is killed first when it still runs. */
  start(name: string): void {
    this.stop(name);
    this.#launch(name, this.#scenario.programs[name]!, this.#network.simulator.now);
  }

  /** Starts the programs of a host that has come back, as its boot would: now, or when their time comes. */
  startAllOf(host: string): void {
    const { now } = this.#network.simulator;
    for (const [name, spec] of Object.entries(this.#scenario.programs))
      if (spec.host === host) this.#launch(name, spec, Math.max(now, spec.start));
  }

  #launch(name: string, spec: ProgramSpec, at: number): void {
    const host = this.#network.host(spec.host);
    const records: CallRecord[] = [];
    const { program, statistics } = this.#prepare(spec, host, records);
    const uid = spec.uid ?? this.#uidOf(spec.host);
    const task = host.start(this.#observed(program, host, name), { name, uid, at });
    this.runs.set(name, { name, spec, host, task, statistics, records });
  }

  #prepare(
    spec: ProgramSpec,
    host: Host,
    records: CallRecord[],
  ): { program: Program; statistics: Statistics | null } {
    if (spec.program !== undefined)
      return { program: engineProgram(spec.program, this.promises), statistics: null };
    const scopeOf = (zone: string) => host.ip.deviceByName(zone)?.index ?? 0;
    if (spec.calls === undefined) return this.#launchApp(spec, scopeOf);
    const names: CallNames = {
      endpoint: (end, family) => this.#directory.endpoint(end, family, scopeOf),
      interfaceIndex: scopeOf,
    };
    return { program: callProgram(spec.calls, names, records), statistics: null };
  }

  #launchApp(spec: AppSpec, scopeOf: (zone: string) => number): { program: Program; statistics: Statistics } {
    const app = appByName(spec.run);
    const values = Object.entries(spec.parameters).map(([key, value]) => {
      const type = app.parameters[key]?.type;
      if (value === null) return [key, null];
      if (type === 'address') return [key, this.#directory.address(value as NamedHost)];
      if (type === 'endpoint') return [key, this.#directory.endpoint(value as NamedEndpoint, null, scopeOf)];
      if (type === 'endpoints') return [key, this.#directory.endpoints(value as NamedEndpoint)];
      return [key, value];
    });
    return launch(app, Object.fromEntries(values));
  }

  /** The program with a process that notes what it does, and that is disguised as the run wants it. */
  #observed(program: Program, host: Host, name: string): Program {
    const disguise = this.#disguise;
    if (!this.#listens && disguise === null) return program;
    const log = this.#trafficLog(host, name);
    return (context) => {
      const noted = this.#listens ? new RecordingProcess(context.process, log) : context.process;
      return program({ ...context, process: disguise === null ? noted : disguise(noted) });
    };
  }

  #trafficLog(host: Host, program: string): TrafficLog {
    const traffic = (socket: Socket, id: number, data: Payload, flags: number): Writing => {
      const peer = socket.peerName();
      return {
        time: this.#network.simulator.now,
        host: host.name,
        program,
        kind: socket.kind,
        socket: id,
        local: socket.localName(),
        peer: typeof peer === 'number' ? null : peer,
        data,
        isInBand: (flags & OUT_OF_BAND) === 0,
      };
    };
    return {
      nextSocket: () => ++this.#sockets,
      read: (socket, id, { data, from }, flags) => {
        const one = traffic(socket, id, data, flags);
        this.readings.push({ ...one, from: from ?? one.peer });
      },
      wrote: (socket, id, data, flags) => {
        this.writings.push(traffic(socket, id, data, flags));
      },
    };
  }

  #uidOf(host: string): number {
    return this.#scenario.hosts[host]?.uid ?? 0;
  }
}
