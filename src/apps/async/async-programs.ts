/**
 * Programs written with async/await, for people who write scenarios in TypeScript. The engine stays synchronous:
 * when a call that a promise waits for is over, the run stops after that event, the machine's event loop lets every
 * promise go as far as it can, and the run goes on at the same virtual instant. About 2 us per awaited call, so not
 * for the hot path; the order of things is the same in every run.
 */
import type { RunEnd, RunOptions, Simulator } from '../../sim/simulator.ts';
import { NEVER } from '../../sim/time.ts';
import type { Program, ProgramContext, Running } from '../../sockets/program.ts';

/** What an async program finds around itself. */
export interface AsyncContext extends Pick<ProgramContext, 'host' | 'process' | 'random' | 'now' | 'print'> {
  /** A blocking call as a promise: `await context.call(recv(socket, 1000))`. Await nothing else in a program. */
  call<T>(blocking: Running<T>): Promise<T>;
}

export type AsyncProgram = (context: AsyncContext) => Promise<number>;

export class AsyncPrograms {
  readonly #simulator: Simulator;
  #hasWork = false;

  constructor(simulator: Simulator) {
    this.#simulator = simulator;
  }

  /** The program as the engine takes it. It makes progress only under {@link run}. */
  program(main: AsyncProgram): Program {
    return (context) => this.#drive(main, context);
  }

  /** Like `Simulator.run`, with pauses in which promises go on. */
  async run(options: RunOptions = {}): Promise<RunEnd> {
    for (;;) {
      await promisesAtRest();
      this.#hasWork = false;
      const end = this.#simulator.run(options);
      if (!this.#hasWork) return end;
    }
  }

  *#drive(main: AsyncProgram, context: ProgramContext): Running {
    const { host, process: owner, random, now, print } = context;
    const end = new Ending();
    const call = <T>(blocking: Running<T>): Promise<T> =>
      new Promise((resolve) => {
        const settle = (result: T) => {
          resolve(result);
          this.#pause();
        };
        context.spawn(function* () {
          settle(yield* blocking);
        });
      });
    main({ host, process: owner, random, now, print, call }).then(
      (status) => end.reach(status, null),
      (error: unknown) => end.reach(1, { error }),
    );
    this.#pause();
    while (!end.isReached) yield { call: 'await', on: [end], timeout: NEVER, until: NEVER };
    if (end.failure !== null) throw end.failure.error;
    return end.status;
  }

  #pause(): void {
    this.#hasWork = true;
    this.#simulator.stop();
  }
}

/** The end of an async function, which a program can wait for. */
class Ending {
  isReached = false;
  status = 0;
  failure: { readonly error: unknown } | null = null;
  #waiters: (() => void)[] = [];

  reach(status: number, failure: { readonly error: unknown } | null): void {
    this.isReached = true;
    this.status = status;
    this.failure = failure;
    for (const wake of this.#waiters) wake();
    this.#waiters = [];
  }

  poll(): number {
    return this.isReached ? 1 : 0;
  }

  wait(wake: () => void): void {
    this.#waiters.push(wake);
  }
}

/** Resolves when no promise can go on without the simulator: microtasks all run before an immediate does. */
function promisesAtRest(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
