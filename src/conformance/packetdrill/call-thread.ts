/**
 * Runs one system call as a thread of the process: until it returns, waiting for sockets and deadlines as it asks.
 * A wake-up is an event of its own, never a call from within the stack.
 */
import type { EventHandler, Simulator } from '../../sim/simulator.ts';
import { type Nanos, NEVER } from '../../sim/time.ts';
import type { Running } from '../../sockets/program.ts';

const RESUME = 0;
const TIMEOUT = 1;

/** A call in progress, or over. */
export class CallThread {
  readonly startedAt: Nanos;
  /** When it returned, or `NEVER`. */
  endedAt: Nanos = NEVER;
  /** What it returned: meaningful when it is over. */
  result = 0;
  /** Null for a call that returned at once. */
  generator: Running | null = null;
  deadline: Nanos = NEVER;
  resumeQueued = false;
  /** The one function that its waits register, so that a socket can tell a waiter it has already. */
  wake: () => void = () => {};

  constructor(startedAt: Nanos) {
    this.startedAt = startedAt;
  }

  get isOver(): boolean {
    return this.endedAt < NEVER;
  }
}

/** Starts and resumes calls. */
export class CallRunner implements EventHandler {
  readonly #simulator: Simulator;
  readonly #place: number;

  constructor(simulator: Simulator) {
    this.#simulator = simulator;
    this.#place = simulator.addPlace('script calls', this);
  }

  /** Makes a call and runs it up to its first wait, or to its end. */
  start(call: () => number | Running): CallThread {
    const thread = new CallThread(this.#simulator.now);
    thread.wake = () => this.#wake(thread);
    const begun = call();
    if (typeof begun === 'number') this.#end(thread, begun);
    else {
      thread.generator = begun;
      this.#resume(thread, begun, 0);
    }
    return thread;
  }

  onEvent(kind: number, arg: unknown): void {
    const thread = arg as CallThread;
    const { generator } = thread;
    if (thread.isOver || generator === null) return;
    if (kind === RESUME) {
      thread.resumeQueued = false;
      this.#resume(thread, generator, Math.max(0, thread.deadline - this.#simulator.now));
    } else if (thread.deadline <= this.#simulator.now && !thread.resumeQueued)
      this.#resume(thread, generator, 0);
  }

  #resume(thread: CallThread, generator: Running, left: Nanos): void {
    const now = this.#simulator.now;
    const step = generator.next(left);
    if (step.done === true) {
      this.#end(thread, step.value);
      return;
    }
    const { on, timeout, until } = step.value;
    thread.deadline = Math.min(now + timeout, Math.max(now, until));
    for (const source of on) source.wait(thread.wake);
    if (thread.deadline < NEVER) this.#simulator.at(thread.deadline, this.#place, TIMEOUT, thread);
  }

  #end(thread: CallThread, result: number): void {
    thread.result = result;
    thread.endedAt = this.#simulator.now;
  }

  #wake(thread: CallThread): void {
    if (thread.resumeQueued || thread.isOver) return;
    thread.resumeQueued = true;
    this.#simulator.after(0, this.#place, RESUME, thread);
  }
}
