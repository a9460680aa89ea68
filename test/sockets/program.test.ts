/** Programs: when they run, what wakes them, and how they end. */
import { describe, expect, it } from 'vitest';
import { ECONNREFUSED, EINPROGRESS } from '../../src/network/errno.ts';
import { Payload } from '../../src/packet/payload.ts';
import { InvariantError, invariant } from '../../src/sim/errors.ts';
import { RandomStreams } from '../../src/sim/random.ts';
import { Simulator } from '../../src/sim/simulator.ts';
import { MILLISECOND, NEVER, SECOND } from '../../src/sim/time.ts';
import { POLLIN, POLLOUT, type Received } from '../../src/sockets/api.ts';
import {
  accept,
  connect,
  poll,
  recv,
  recvExactly,
  recvWithin,
  sendAll,
  sleep,
  until,
} from '../../src/sockets/blocking.ts';
import { type Printed, type Program, ProgramError, ProgramScheduler } from '../../src/sockets/program.ts';
import { FakeProcess, FakeSocket } from './fake-socket.ts';

class Bench {
  readonly simulator = new Simulator();
  readonly scheduler = new ProgramScheduler(this.simulator, 'alice');
  readonly printed: Printed[] = [];
  readonly #place = this.simulator.addPlace('script', { onEvent: (_kind, act) => (act as () => void)() });

  start(program: Program, name = 'test') {
    const random = new RandomStreams(1).stream(name);
    return this.scheduler.start(program, new FakeProcess(name), random, this.simulator.now, (line) =>
      this.printed.push(line),
    );
  }

  at(time: number, act: () => void): void {
    this.simulator.at(time, this.#place, 0, act);
  }

  lines(): string[] {
    return this.printed.map(({ time, line }) => `${time / MILLISECOND} ${line}`);
  }
}

describe('a program', () => {
  it('sleeps for a span and until an instant', () => {
    const bench = new Bench();
    const task = bench.start(function* (context) {
      yield* sleep('10ms');
      context.print('slept');
      yield* until('25ms');
      context.print('it is time');
      yield* until('1ms');
      context.print('long past');
      return 3;
    });
    expect(bench.simulator.run()).toBe('idle');
    expect(bench.lines()).toEqual(['10 slept', '25 it is time', '25 long past']);
    expect(task).toMatchObject({ state: 'exited', status: 3, endedAt: 25 * MILLISECOND, waitsIn: null });
    expect((task.process as FakeProcess).hasExited).toBe(true);
  });

  it('blocks in recv until data comes, and names the call while it does', () => {
    const bench = new Bench();
    const socket = new FakeSocket();
    const task = bench.start(function* (context) {
      const received = (yield* recv(socket, 100)) as Received;
      context.print(`${received.data.size} bytes`);
      return 0;
    });
    bench.at(MILLISECOND, () => expect(task.waitsIn).toBe('recv(fd 3)'));
    bench.at(2 * MILLISECOND, () => socket.changed()); // woken for nothing
    bench.at(5 * MILLISECOND, () => socket.arrive('hello'));
    bench.simulator.run();
    expect(bench.lines()).toEqual(['5 5 bytes']);
  });

  it('is resumed by an event of its own, not from within the call that woke it', () => {
    const bench = new Bench();
    const socket = new FakeSocket();
    const order: string[] = [];
    bench.start(function* () {
      yield* recv(socket, 100);
      order.push('program');
      return 0;
    });
    bench.at(MILLISECOND, () => {
      socket.arrive('x');
      order.push('stack');
    });
    bench.simulator.run();
    expect(order).toEqual(['stack', 'program']);
  });

  it('gives up after a timeout, in recvWithin and in poll', () => {
    const bench = new Bench();
    const socket = new FakeSocket();
    bench.start(function* (context) {
      context.print(String(yield* recvWithin(socket, 10, '3ms')));
      const nothing = yield* poll([{ socket, events: POLLIN }], '4ms');
      context.print(String(nothing));
      const some = yield* poll([
        { socket, events: POLLIN },
        { socket, events: POLLIN | POLLOUT },
      ]);
      context.print(String(some));
      return 0;
    });
    bench.simulator.run();
    expect(bench.lines()).toEqual(['3 -11', '7 0', '7 0,4']);
  });

  it('a later timeout is not hit by an earlier one that came to nothing', () => {
    const bench = new Bench();
    const socket = new FakeSocket();
    bench.start(function* (context) {
      yield* recvWithin(socket, 10, '10ms'); // answered at 1 ms
      yield* sleep('20ms');
      context.print('done');
      return 0;
    });
    bench.at(MILLISECOND, () => socket.arrive('x'));
    bench.simulator.run();
    expect(bench.lines()).toEqual(['21 done']);
  });

  it('is not woken early by a socket for which it waited before', () => {
    const bench = new Bench();
    const socket = new FakeSocket();
    bench.start(function* (context) {
      yield* recvWithin(socket, 10, '1ms');
      yield* sleep('10ms');
      context.print('slept');
      yield* recvWithin(socket, 10, '1ms');
      yield* until('30ms');
      context.print('it is time');
      return 0;
    });
    for (const ms of [5, 20]) bench.at(ms * MILLISECOND, () => socket.changed());
    bench.simulator.run();
    expect(bench.lines()).toEqual(['11 slept', '30 it is time']);
  });

  it('leaves no events behind for timeouts that came to nothing', () => {
    const bench = new Bench();
    const socket = new FakeSocket();
    const count = 1000;
    bench.start(function* () {
      for (let i = 0; i < count; i++) yield* recvWithin(socket, 10, '10s');
      return 0;
    });
    for (let i = 1; i <= count; i++) bench.at(i * MILLISECOND, () => socket.arrive('x'));
    bench.simulator.run();
    expect(bench.simulator.events).toBeLessThan(2 * count + 10);
  });

  it('sends everything as room appears, and reads exactly what it asked for', () => {
    const bench = new Bench();
    const socket = new FakeSocket();
    socket.room = 4;
    bench.start(function* (context) {
      context.print(`sent ${yield* sendAll(socket, Payload.text('abcdefghij'))}`);
      const block = yield* recvExactly(socket, 6);
      context.print(new TextDecoder().decode((block as Payload).view()));
      const rest = yield* recvExactly(socket, 6);
      context.print(`${(rest as Payload).size} before the end`);
      return 0;
    });
    for (const ms of [1, 2]) {
      bench.at(ms * MILLISECOND, () => {
        socket.room = 3;
        socket.changed();
      });
    }
    bench.at(3 * MILLISECOND, () => socket.arrive('123'));
    bench.at(4 * MILLISECOND, () => socket.arrive('45678'));
    bench.at(5 * MILLISECOND, () => {
      socket.hasEnded = true;
      socket.changed();
    });
    bench.simulator.run();
    expect(bench.lines()).toEqual(['2 sent 10', '4 123456', '5 2 before the end']);
    expect(new TextDecoder().decode(socket.sent.view())).toBe('abcdefghij');
  });

  it('connects when the handshake is over, or learns why not; accepts who comes', () => {
    const bench = new Bench();
    const socket = new FakeSocket();
    const listener = new FakeSocket();
    const peer = new FakeSocket();
    socket.connectResult = -EINPROGRESS;
    bench.start(function* (context) {
      context.print(String(yield* connect(socket, socket.localName())));
      expect(yield* accept(listener)).toBe(peer);
      context.print('accepted');
      return 0;
    });
    bench.at(MILLISECOND, () => {
      socket.connectResult = -ECONNREFUSED;
      socket.changed();
    });
    bench.at(2 * MILLISECOND, () => {
      listener.waiting.push(peer);
      listener.changed();
    });
    bench.simulator.run();
    expect(bench.lines()).toEqual(['1 -111', '2 accepted']);
  });

  it('has threads that end with it', () => {
    const bench = new Bench();
    const task = bench.start(function* (context) {
      context.spawn(function* () {
        for (;;) {
          yield* sleep('10ms');
          context.print('tick');
        }
      });
      context.spawn(function* () {
        yield* sleep('5ms');
        context.print('a short one');
      });
      yield* sleep('35ms');
      return 0;
    });
    expect(bench.simulator.run()).toBe('idle');
    expect(bench.lines()).toEqual(['5 a short one', '10 tick', '20 tick', '30 tick']);
    expect(task.endedAt).toBe(35 * MILLISECOND);
  });

  it('takes no further step when it is killed or its host crashes', () => {
    for (const end of ['kill', 'crash'] as const) {
      const bench = new Bench();
      const task = bench.start(function* (context) {
        for (;;) {
          yield* sleep('10ms');
          context.print('alive');
        }
      });
      bench.at(15 * MILLISECOND, () =>
        end === 'kill' ? bench.scheduler.kill(task) : bench.scheduler.crash(),
      );
      expect(bench.simulator.run({ until: SECOND })).toBe('idle');
      expect(bench.lines()).toEqual(['10 alive']);
      expect(task).toMatchObject({ state: 'killed', status: null });
      expect((task.process as FakeProcess).hasExited).toBe(end === 'kill');
    }
  });

  it('that throws stops the run with host, program, call and time', () => {
    const bench = new Bench();
    bench.start(function* () {
      yield* sleep('1500us');
      throw new TypeError('nonsense');
    }, 'buggy');
    expect(() => bench.simulator.run()).toThrow(ProgramError);
    const again = new Bench();
    again.start(function* () {
      yield* sleep('1500us');
      throw new TypeError('nonsense');
    }, 'buggy');
    expect(() => again.simulator.run()).toThrow(
      "program 'buggy' on host 'alice' threw after sleep at 0.001500000 s: TypeError: nonsense",
    );
  });

  it('does not take the blame for a broken invariant', () => {
    const bench = new Bench();
    bench.start(function* () {
      yield* sleep(1);
      invariant(false, 'ours');
      return 0;
    });
    expect(() => bench.simulator.run()).toThrow(InvariantError);
  });

  it('runs the same twice', () => {
    const once = () => {
      const bench = new Bench();
      for (const name of ['a', 'b', 'c']) {
        bench.start(function* (context) {
          for (let i = 0; i < 20; i++) {
            yield* sleep(context.random.int(0, 5) * MILLISECOND);
            context.print(`${name}${i}`);
          }
          return 0;
        }, name);
      }
      bench.simulator.run({ until: NEVER });
      return [bench.simulator.fingerprint.toString(), bench.lines()];
    };
    expect(once()).toEqual(once());
  });
});
