/**
 * Programs on hosts: generator functions that the engine resumes inside events, synchronously and in a fixed
 * order. A program runs until it yields a {@link Wait}; the scheduler of its host resumes it when the wait is over.
 *
 * A wake-up is an event of its own at the same instant, never a call from within the stack: a program may close the
 * very socket that woke it, as a process does once the kernel has finished with the packet.
 */
import { InvariantError } from '../sim/errors.ts';
import type { RandomStream } from '../sim/random.ts';
import type { EventHandler, Simulator } from '../sim/simulator.ts';
import { formatTime, type Nanos, NEVER } from '../sim/time.ts';
import type { Process, Socket } from './api.ts';
import { UndefinedByProfile } from './profile.ts';

/** What can be waited for: a socket, or anything else that knows readiness. */
export type Waitable = Pick<Socket, 'poll' | 'wait'>;

/** Why a program does not go on: the first of these that happens resumes it. */
export interface Wait {
  /** The call that blocks, as messages name it: `recv(fd 3)`. */
  readonly call: string;
  /** An event at any of them resumes the program, which then looks for itself whether it got what it wants. */
  readonly on: readonly Waitable[];
  /** At the latest after this span, ns; `NEVER` = no limit. */
  readonly timeout: Nanos;
  /** At the latest at this instant; `NEVER` = no limit. */
  readonly until: Nanos;
}

/** A running program. Each `yield` is answered with what is left of its timeout, ns: 0 when the time is over. */
export type Running<Result = number> = Generator<Wait, Result, Nanos>;

/** What a program finds around itself. */
export interface ProgramContext {
  readonly host: string;
  readonly process: Process;
  /** A stream of random numbers of its own. */
  readonly random: RandomStream;
  /** The present instant. */
  now(): Nanos;
  /** Writes a line to the program's standard output. */
  print(line: string): void;
  /** Starts a thread of the same process; it ends with its body, or with the program. */
  spawn(body: () => Running<unknown>): void;
}

/** A program returns its exit status. */
export type Program = (context: ProgramContext) => Running;

/** One line that a program printed. */
export interface Printed {
  readonly time: Nanos;
  readonly host: string;
  readonly program: string;
  readonly line: string;
}

/** Where the life of a program stands. */
export type ProgramState = 'running' | 'exited' | 'killed';

/** A program that was started: its state, and its exit status once it has returned. */
export interface Task {
  readonly name: string;
  readonly process: Process;
  readonly state: ProgramState;
  /** What the program returned; null while it runs and for ever when it was killed. */
  readonly status: number | null;
  /** The call in which it waits; null when it does not run. */
  readonly waitsIn: string | null;
  /** When it ended, or `NEVER`. */
  readonly endedAt: Nanos;
}

/** An exception in a program: the user's program is wrong, and the run ends. */
export class ProgramError extends Error {
  readonly host: string;
  readonly program: string;
  readonly time: Nanos;

  constructor(host: string, task: Task, time: Nanos, lastCall: string, cause: unknown) {
    const what = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
    super(
      `program '${task.name}' on host '${host}' threw after ${lastCall} at ${formatTime(time)} s: ${what}`,
      { cause },
    );
    this.name = 'ProgramError';
    this.host = host;
    this.program = task.name;
    this.time = time;
  }
}

const RESUME = 0;
const TIMEOUT = 1;

/** The scheduler of one host: starts programs, resumes them, and ends them with the host. */
export class ProgramScheduler implements EventHandler {
  readonly #simulator: Simulator;
  readonly #host: string;
  readonly #place: number;
  readonly #tasks: Thread[] = [];
  /** Programs and their further threads, in the order of their start. */
  readonly #running = new Set<Thread>();

  constructor(simulator: Simulator, host: string) {
    this.#simulator = simulator;
    this.#host = host;
    this.#place = simulator.addPlace(`${host} programs`, this);
  }

  /** All programs that were ever started here, in that order. */
  get tasks(): readonly Task[] {
    return this.#tasks;
  }

  /**
   * Starts a program as the process `owner`, which exits with it. Its first step is an event of its own.
   * @param at the instant of the first step, not in the past
   */
  start(
    program: Program,
    owner: Process,
    random: RandomStream,
    at: Nanos,
    printed: (line: Printed) => void,
  ): Task {
    const simulator = this.#simulator;
    const host = this.#host;
    const context: ProgramContext = {
      host,
      process: owner,
      random,
      now: () => simulator.now,
      print: (line) => printed({ time: simulator.now, host, program: owner.name, line }),
      spawn: (body) => {
        this.#launch(new Thread(owner, false, body()), simulator.now);
      },
    };
    const task = new Thread(owner, true, program(context));
    this.#tasks.push(task);
    this.#launch(task, at);
    return task;
  }

  /** Ends a program where it stands; its process exits and the kernel closes its sockets. */
  kill(task: Task): void {
    if (task.state !== 'running') return;
    this.#endProcess(task.process, 'killed', null);
    task.process.exit();
  }

  /** The host has died: no program takes another step. Their sockets are the business of whoever crashed the host. */
  crash(): void {
    for (const thread of this.#running) this.#end(thread, 'killed', null);
  }

  onEvent(kind: number, arg: unknown): void {
    const thread = arg as Thread;
    if (kind === RESUME) {
      thread.resumeQueued = false;
      this.#resume(thread);
    } else {
      this.#onTimeout(thread);
    }
  }

  #wake(thread: Thread): void {
    if (thread.resumeQueued || thread.state !== 'running') return;
    thread.resumeQueued = true;
    this.#simulator.after(0, this.#place, RESUME, thread);
  }

  #onTimeout(thread: Thread): void {
    const now = this.#simulator.now;
    if (now !== thread.timeoutQueuedAt) return; // overtaken by an earlier one
    thread.timeoutQueuedAt = NEVER;
    if (thread.state !== 'running' || thread.deadline === NEVER) return;
    if (thread.deadline > now) this.#queueTimeout(thread);
    else if (!thread.resumeQueued) this.#resume(thread);
  }

  #resume(thread: Thread): void {
    if (thread.state !== 'running') return;
    const now = this.#simulator.now;
    let step: IteratorResult<Wait, unknown>;
    try {
      step = thread.generator.next(Math.max(0, thread.deadline - now));
    } catch (cause) {
      if (cause instanceof InvariantError) throw cause; // our fault, not the program's
      if (cause instanceof UndefinedByProfile)
        throw cause.placed({ host: this.#host, time: now, program: thread.name });
      throw new ProgramError(this.#host, thread, now, thread.waitsIn ?? 'its start', cause);
    }
    if (step.done === true) {
      this.#onReturn(thread, step.value);
      return;
    }
    const wait = step.value;
    if (!isWait(wait)) {
      const cause = new TypeError('it yielded what is no wait: `yield*` stands before calls that block');
      throw new ProgramError(this.#host, thread, now, thread.waitsIn ?? 'its start', cause);
    }
    thread.waitsIn = wait.call;
    thread.deadline = Math.min(now + wait.timeout, Math.max(now, wait.until));
    for (const source of wait.on) source.wait(thread.wake);
    if (thread.deadline < thread.timeoutQueuedAt) this.#queueTimeout(thread);
  }

  #onReturn(thread: Thread, value: unknown): void {
    if (!thread.isMain) {
      this.#end(thread, 'exited', null);
      return;
    }
    this.#endProcess(thread.process, 'exited', value as number);
    thread.process.exit();
  }

  #launch(thread: Thread, at: Nanos): void {
    thread.wake = () => this.#wake(thread);
    thread.resumeQueued = true;
    this.#running.add(thread);
    this.#simulator.at(at, this.#place, RESUME, thread);
  }

  #queueTimeout(thread: Thread): void {
    thread.timeoutQueuedAt = thread.deadline;
    this.#simulator.at(thread.deadline, this.#place, TIMEOUT, thread);
  }

  #endProcess(owner: Process, state: ProgramState, status: number | null): void {
    for (const thread of this.#running) if (thread.process === owner) this.#end(thread, state, status);
  }

  #end(thread: Thread, state: ProgramState, status: number | null): void {
    thread.state = state;
    thread.status = status;
    thread.waitsIn = null;
    thread.deadline = NEVER;
    thread.endedAt = this.#simulator.now;
    this.#running.delete(thread);
  }
}

/** Programs are the user's: `yield recv(…)` without the star is a slip that types need not have caught. */
function isWait(value: Wait): boolean {
  return typeof value === 'object' && value !== null && Array.isArray(value.on);
}

class Thread implements Task {
  readonly process: Process;
  /** Its return ends the process. */
  readonly isMain: boolean;
  readonly generator: Running<unknown>;
  /** The one function that this thread's waits register, so that a socket can tell a waiter it has already. */
  wake: () => void = () => {};
  state: ProgramState = 'running';
  status: number | null = null;
  waitsIn: string | null = null;
  endedAt: Nanos = NEVER;
  deadline: Nanos = NEVER;
  /** A resume event is under way. */
  resumeQueued = false;
  /** When the one timeout event that counts is due. */
  timeoutQueuedAt: Nanos = NEVER;

  constructor(owner: Process, isMain: boolean, generator: Running<unknown>) {
    this.process = owner;
    this.isMain = isMain;
    this.generator = generator;
  }

  get name(): string {
    return this.process.name;
  }
}
