/**
 * A host, composed: devices below, the IP stack and the sockets on them, programs on top. A router is the same
 * machine with forwarding switched on.
 */
import type { NetDevice } from '../link/device.ts';
import { Sysctls, type SysctlTable } from '../network/sysctls.ts';
import { DropCounters } from '../packet/drops.ts';
import type { Tap } from '../packet/tap.ts';
import type { RandomStreams } from '../sim/random.ts';
import type { Simulator } from '../sim/simulator.ts';
import type { Nanos } from '../sim/time.ts';
import type { Process } from '../sockets/api.ts';
import { type Printed, type Program, ProgramScheduler, type Task } from '../sockets/program.ts';
import type { NetworkNode } from './node.ts';
import type { HostOptions } from './options.ts';

/** How a program is started. */
export interface StartOptions {
  /** Name of its process, as `ss -p` shows it. */
  readonly name: string;
  /** Effective user id. Default: 0, which may bind any port. */
  readonly uid?: number;
  /** When it takes its first step. Default: now. */
  readonly at?: Nanos;
}

export class Host implements NetworkNode {
  readonly name: string;
  readonly kind: 'host' | 'router';
  readonly devices: readonly NetDevice[] = [];
  readonly drops: DropCounters = new DropCounters();
  readonly sysctls: Sysctls;
  /** What its programs printed, in order. */
  readonly printed: Printed[] = [];
  readonly #simulator: Simulator;
  readonly #random: RandomStreams;
  readonly #programs: ProgramScheduler;
  #started = 0;

  constructor(
    simulator: Simulator,
    random: RandomStreams,
    name: string,
    kind: 'host' | 'router',
    options: HostOptions,
    tables: readonly SysctlTable[],
  ) {
    this.name = name;
    this.kind = kind;
    this.#simulator = simulator;
    this.#random = random;
    this.sysctls = new Sysctls(tables);
    for (const [key, value] of Object.entries(options.sysctls ?? {})) this.sysctls.set(key, value);
    this.#programs = new ProgramScheduler(simulator, name);
  }

  /** Every program that was started, in that order. */
  get tasks(): readonly Task[] {
    return this.#programs.tasks;
  }

  /** A process without a program, for callers that drive its sockets themselves. */
  newProcess(_name: string, _uid: number = 0): Process {
    throw new Error('no sockets yet');
  }

  /** Starts a program in a process of its own. */
  start(program: Program, options: StartOptions): Task {
    const process = this.newProcess(options.name, options.uid);
    const random = this.#random.stream(`${this.name} program ${this.#started++}`);
    const at = options.at ?? this.#simulator.now;
    return this.#programs.start(program, process, random, at, (line) => this.printed.push(line));
  }

  /** Ends a program where it stands; the kernel closes its sockets. */
  kill(task: Task): void {
    this.#programs.kill(task);
  }

  /** The power goes: programs and connections are gone without a word to anybody, and nothing is answered. */
  crash(): void {
    this.#programs.crash();
  }

  /** Starts a crashed host again, with empty tables; its programs are started by whoever wants them. */
  restart(): void {}

  observe(tap: Tap | null): void {
    this.drops.tap = tap;
  }
}
