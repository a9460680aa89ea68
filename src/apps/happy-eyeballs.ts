/**
 * Happy eyeballs (RFC 8305): a client that knows several addresses of a server, of both families, does not wait for one
 * that leads nowhere. It begins with IPv6, tries the next one when the last has failed or after a short while, goes by
 * turns through the families, and keeps the connection that stands first. Names are not looked up here.
 */
import { errnoName } from '../network/errno.ts';
import { endpointText } from '../packet/endpoint-text.ts';
import { MILLISECOND, type Nanos, NEVER, SECOND } from '../sim/time.ts';
import { type Endpoint, POLLOUT, type Socket } from '../sockets/api.ts';
import { poll, sleep } from '../sockets/blocking.ts';
import type { ProgramContext, Running } from '../sockets/program.ts';
import { app } from './app.ts';
import { kindFor } from './sockets.ts';

type HappyEyeballsStatistics = {
  /** Connections that were begun. */
  attempts: number;
  connected: boolean;
  /** Of the connection that was kept: 4 or 6; 0 when there is none. */
  family: number;
  /** From the first attempt to the connection, ns. */
  delay: Nanos;
};

export const happyEyeballs = app({
  name: 'happy-eyeballs',
  doc: 'Connects to a host by whichever of its addresses answers first, IPv6 preferred (RFC 8305).',
  parameters: {
    to: { type: 'endpoints', doc: 'A host by its name: all of its addresses are tried.' },
    stagger: {
      type: 'duration',
      default: 250 * MILLISECOND,
      min: 10 * MILLISECOND,
      max: 2 * SECOND,
      doc: 'How long an attempt has before the next one begins beside it.',
    },
    hold: { type: 'duration', default: SECOND, doc: 'How long the connection is kept.' },
  },
  statistics: (): HappyEyeballsStatistics => ({ attempts: 0, connected: false, family: 0, delay: 0 }),
  *run(context, { to, stagger, hold }, statistics) {
    const start = context.now();
    const race = new Race(context, byTurns(to), stagger);
    const winner = yield* race.run();
    statistics.attempts = race.begun;
    if (winner === null) {
      context.print('no address answers');
      return 1;
    }
    statistics.connected = true;
    statistics.family = winner.to.address.family;
    statistics.delay = context.now() - start;
    const after = (statistics.delay / MILLISECOND).toFixed(3);
    context.print(`connected to ${endpointText(winner.to.address, winner.to.port)} after ${after} ms`);
    yield* sleep(hold);
    winner.socket.close();
    return 0;
  },
});

interface Attempt {
  readonly to: Endpoint;
  readonly socket: Socket;
}

class Race {
  begun = 0;
  readonly #context: ProgramContext;
  readonly #order: readonly Endpoint[];
  readonly #stagger: Nanos;
  #running: Attempt[] = [];

  constructor(context: ProgramContext, order: readonly Endpoint[], stagger: Nanos) {
    this.#context = context;
    this.#order = order;
    this.#stagger = stagger;
  }

  /** @returns the connection that stands first; null when no address is left */
  *run(): Running<Attempt | null> {
    for (;;) {
      const due = this.#beginNext();
      if (this.#running.length === 0) return null;
      const winner = yield* this.#wait(due);
      if (winner === null) continue;
      for (const { socket } of this.#running) if (socket !== winner.socket) socket.close();
      return winner;
    }
  }

  /** Begins attempts until one is under way. @returns when the next one is due */
  #beginNext(): Nanos {
    while (this.begun < this.#order.length) {
      const to = this.#order[this.begun++]!;
      const socket = this.#context.process.socket(kindFor('tcp', to.address));
      if (typeof socket === 'number') continue;
      const result = socket.connect(to);
      if (result >= 0 || errnoName(result) === 'EINPROGRESS') {
        this.#running.push({ to, socket });
        return this.begun < this.#order.length ? this.#context.now() + this.#stagger : NEVER;
      }
      this.#failed(to, result);
      socket.close();
    }
    return NEVER;
  }

  /** Until a connection stands, or it is time for the next attempt: because of the clock, or because one has failed. */
  *#wait(due: Nanos): Running<Attempt | null> {
    while (this.#running.length > 0) {
      const left = due - this.#context.now();
      if (left <= 0) return null;
      const ready = yield* poll(
        this.#running.map(({ socket }) => ({ socket, events: POLLOUT })),
        left,
      );
      const decided = this.#running.filter((_, i) => ready[i] !== 0);
      for (const attempt of decided) {
        const error = Number(attempt.socket.getOption('SO_ERROR'));
        if (error === 0) return attempt;
        this.#failed(attempt.to, -error);
        attempt.socket.close();
        this.#running = this.#running.filter((other) => other !== attempt);
      }
      if (decided.length > 0 && due < NEVER) return null;
    }
    return null;
  }

  #failed({ address, port }: Endpoint, errno: number): void {
    this.#context.print(`${endpointText(address, port)}: ${errnoName(errno)}`);
  }
}

/** RFC 8305 4: the families by turns, IPv6 first, each in the order in which its addresses came. */
function byTurns(endpoints: readonly Endpoint[]): Endpoint[] {
  const six = endpoints.filter(({ address }) => address.family === 6);
  const four = endpoints.filter(({ address }) => address.family === 4);
  const length = Math.max(six.length, four.length);
  return Array.from({ length }, (_, i) => [six[i], four[i]])
    .flat()
    .filter((one) => one !== undefined);
}
