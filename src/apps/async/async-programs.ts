/**
 * Programs written with async/await, for people who write scenarios in TypeScript. The engine stays synchronous:
 * when a call that a promise waits for is over, the run stops after that event, the machine's event loop lets every
 * promise go as far as it can, and the run goes on at the same virtual instant. About 2 us per awaited call, so not
 * for the hot path; the order of things is the same in every run.
 */
import type { RunEnd, RunOptions, Simulator } from '../../sim/simulator.ts';
import { formatTime, NEVER } from '../../sim/time.ts';
import type { Program, ProgramContext, Running } from '../../sockets/program.ts';

/** What an async program finds around itself. */
export interface AsyncContext extends Pick<ProgramContext, 'host' | 'process' | 'random' | 'now' | 'print'> {
  /** A blocking call as a promise: `await context.call(recv(socket, 1000))`. Await nothing else in a program. */
  call<T>(blocking: Running<T>): Promise<T>;
}

export type AsyncProgram = (context: AsyncContext) => Promise<number>;

/** An async program awaits a timer, a file or another thing of the real world, which no virtual time waits for. */
export class ForeignWaitError extends Error {
  constructor(host: string, program: string, lastCall: string, time: string) {
    super(
      `program '${program}' on host '${host}' awaits something outside the simulation after ${lastCall} at ${time} s: ` +
        'a program may await nothing but what call() gives it',
    );
    this.name = 'ForeignWaitError';
  }
}

export class AsyncPrograms {
  readonly #simulator: Simulator;
  /** Those that have begun and not ended. */
  readonly #live = new Set<AsyncCalls>();
  #hasWork = false;

  constructor(simulator: Simulator) {
    this.#simulator = simulator;
  }

  /** The program as the engine takes it. It makes progress only under {@link run}. */
  program(main: AsyncProgram): Program {
    return (context) => this.#begin(main, context);
  }

  /** Like `Simulator.run`, with pauses in which promises go on. @throws ForeignWaitError */
  async run(options: RunOptions = {}): Promise<RunEnd> {
    for (;;) {
      await this.rest();
      const end = this.#simulator.run(options);
      if (!this.#hasWork) return end;
    }
  }

  /** Does a promise want to go on before the next event? */
  get hasWork(): boolean {
    return this.#hasWork;
  }

  /** Lets every promise go as far as it can without the simulator. @throws ForeignWaitError */
  async rest(): Promise<void> {
    if (this.#live.size > 0 || this.#hasWork) await promisesAtRest();
    this.#hasWork = false;
    for (const { isStuck, context, lastCall } of this.#live) {
      const time = formatTime(this.#simulator.now).slice(0, -3);
      if (isStuck) throw new ForeignWaitError(context.host, context.process.name, lastCall, time);
    }
  }

  /** The blocking calls of one program. */
  calls(context: ProgramContext): AsyncCalls {
    return new AsyncCalls(context, () => this.#pause());
  }

  /** Waits for the end of an async function whose calls are `calls`. */
  *drive<T>(promise: Promise<T>, calls: AsyncCalls): Running<T> {
    const end = new Ending<T>();
    this.#live.add(calls);
    const reach = (outcome: Outcome<T>) => {
      this.#live.delete(calls);
      end.reach(outcome);
    };
    promise.then(
      (value) => reach({ value }),
      (error: unknown) => reach({ error }),
    );
    this.#pause();
    for (;;) {
      const { outcome } = end;
      if (outcome === null) yield { call: 'await', on: [end], timeout: NEVER, until: NEVER };
      else if ('value' in outcome) return outcome.value;
      else {
        yield { call: calls.lastCall, on: [], timeout: 0, until: NEVER }; // so that messages name the call
        throw outcome.error;
      }
    }
  }

  *#begin(main: AsyncProgram, context: ProgramContext): Running {
    const { host, process: owner, random, now, print } = context;
    const calls = this.calls(context);
    return yield* this.drive(main({ host, process: owner, random, now, print, call: calls.call }), calls);
  }

  #pause(): void {
    this.#hasWork = true;
    this.#simulator.stop();
  }
}

/** The blocking calls of one async program: how many it waits for, and which was the last. */
class AsyncCalls {
  readonly context: ProgramContext;
  lastCall = 'its start';
  readonly #pause: () => void;
  #outstanding = 0;

  constructor(context: ProgramContext, pause: () => void) {
    this.context = context;
    this.#pause = pause;
  }

  /** Not ended, and waiting for no call. */
  get isStuck(): boolean {
    return this.#outstanding === 0;
  }

  readonly call = <T>(blocking: Running<T>): Promise<T> =>
    new Promise((resolve) => {
      this.#outstanding++;
      const settle = (result: T) => {
        this.#outstanding--;
        resolve(result);
        this.#pause();
      };
      const note = (call: string) => {
        this.lastCall = call;
      };
      this.context.spawn(function* () {
        settle(yield* noting(blocking, note));
      });
    });
}

/** Hands on every wait, having told its name. */
function* noting<T>(blocking: Running<T>, note: (call: string) => void): Running<T> {
  let answer = 0;
  for (;;) {
    const step = blocking.next(answer);
    if (step.done === true) return step.value;
    note(step.value.call);
    answer = yield step.value;
  }
}

type Outcome<T> = { readonly value: T } | { readonly error: unknown };

/** The end of an async function, which a program can wait for. */
class Ending<T> {
  outcome: Outcome<T> | null = null;
  #waiters: (() => void)[] = [];

  reach(outcome: Outcome<T>): void {
    this.outcome = outcome;
    for (const wake of this.#waiters) wake();
    this.#waiters = [];
  }

  poll(): number {
    return this.outcome === null ? 0 : 1;
  }

  wait(wake: () => void): void {
    this.#waiters.push(wake);
  }
}

/** Resolves when no promise can go on without the simulator: microtasks all run before an immediate does. */
function promisesAtRest(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
