/**
 * Programs written with callbacks: a function that opens sockets, says what is to be called when they are ready or when
 * time has gone by, and returns. The loop below is poll(2) with timers; it ends when nothing is left to wait for.
 */
import { type Nanos, NEVER } from '../sim/time.ts';
import { POLLERR, POLLHUP, POLLIN, type Socket } from '../sockets/api.ts';
import { nanosOf, type Span } from '../sockets/blocking.ts';
import type { ProgramContext, Running } from '../sockets/program.ts';

/** What a program of callbacks finds around itself, besides what every program finds. */
export interface LoopContext {
  /**
   * Calls `handler` again and again while the socket is ready (level-triggered, as poll(2)).
   * @param events POLLIN | POLLOUT | ...; default: POLLIN. Errors and hang-ups are always reported
   * @returns a function that ends this
   */
  on(socket: Socket, handler: (ready: number) => void, events?: number): () => void;
  /** Calls `handler` once when so much time has gone by. @returns a function that cancels it */
  after(span: Span, handler: () => void): () => void;
  /** Ends the program with a status. */
  exit(status: number): void;
}

interface Watch {
  readonly socket: Socket;
  readonly events: number;
  readonly handler: (ready: number) => void;
}

interface Timer {
  readonly at: Nanos;
  readonly handler: () => void;
}

export class EventLoop implements LoopContext {
  readonly #now: () => Nanos;
  readonly #watches = new Set<Watch>();
  readonly #timers = new Set<Timer>();
  #status: number | null = null;

  constructor({ now }: Pick<ProgramContext, 'now'>) {
    this.#now = now;
  }

  readonly on = (socket: Socket, handler: (ready: number) => void, events: number = POLLIN): (() => void) => {
    const watch = { socket, events: events | POLLERR | POLLHUP, handler };
    this.#watches.add(watch);
    return () => this.#watches.delete(watch);
  };

  readonly after = (span: Span, handler: () => void): (() => void) => {
    const timer = { at: this.#now() + nanosOf(span), handler };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  };

  readonly exit = (status: number): void => {
    this.#status ??= status;
  };

  /** Calls handlers until exit(), or until nothing is waited for. A handler that consumes nothing is called at once again. */
  *run(): Running {
    for (;;) {
      const wasBusy = this.#callTimers() || this.#callWatches();
      if (this.#status !== null) return this.#status;
      const sockets = [...this.#watches].map(({ socket }) => socket);
      if (sockets.length === 0 && this.#timers.size === 0) return 0;
      const call = sockets.length === 0 ? 'after' : `poll(${sockets.map(({ fd }) => `fd ${fd}`).join(', ')})`;
      yield { call, on: sockets, timeout: wasBusy ? 0 : NEVER, until: this.#nextTimer() };
    }
  }

  /** One timer that is due: the earliest. */
  #callTimers(): boolean {
    const at = this.#nextTimer();
    if (at > this.#now()) return false;
    const timer = [...this.#timers].find((each) => each.at === at)!;
    this.#timers.delete(timer);
    timer.handler();
    return true;
  }

  /** Every socket that is ready, in the order in which they were given. */
  #callWatches(): boolean {
    let wasReady = false;
    for (const watch of [...this.#watches]) {
      if (watch.socket.fd < 0) this.#watches.delete(watch); // closed by a handler
      if (this.#status !== null || !this.#watches.has(watch)) continue;
      const ready = watch.socket.poll() & watch.events;
      if (ready === 0) continue;
      wasReady = true;
      watch.handler(ready);
    }
    return wasReady;
  }

  #nextTimer(): Nanos {
    return [...this.#timers].reduce((least, { at }) => Math.min(least, at), NEVER);
  }
}
