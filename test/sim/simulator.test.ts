/** The event kernel: order, ends of a run, and what a lazy timer makes of deadlines that move. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvariantError } from '../../src/sim/errors.ts';
import { HeapQueue } from '../../src/sim/heap-queue.ts';
import { type EventHandler, Simulator } from '../../src/sim/simulator.ts';
import { type Nanos, NEVER } from '../../src/sim/time.ts';
import { LazyTimer } from '../../src/sim/timer.ts';
import { WheelQueue } from '../../src/sim/wheel-queue.ts';
import { runs } from '../support/property.ts';

/** Notes every event that happens to it, and may react. */
class Log implements EventHandler {
  readonly seen: [time: Nanos, kind: number, arg: unknown][] = [];
  readonly place: number;
  readonly #simulator: Simulator;
  react: (kind: number) => void = () => {};

  constructor(simulator: Simulator, name = 'log') {
    this.#simulator = simulator;
    this.place = simulator.addPlace(name, this);
  }

  onEvent(kind: number, arg: unknown): void {
    this.seen.push([this.#simulator.now, kind, arg]);
    this.react(kind);
  }

  get times(): Nanos[] {
    return this.seen.map(([time]) => time);
  }

  get kinds(): number[] {
    return this.seen.map(([, kind]) => kind);
  }
}

function world(): { simulator: Simulator; log: Log } {
  const simulator = new Simulator();
  return { simulator, log: new Log(simulator) };
}

describe('a simulator', () => {
  it('delivers events in order of time, with kind and argument, and moves the clock', () => {
    const { simulator, log } = world();
    simulator.at(30, log.place, 3, 'c');
    simulator.at(10, log.place, 1, 'a');
    simulator.after(20, log.place, 2, 'b');
    expect(simulator.pending).toBe(3);
    expect(simulator.nextTime()).toBe(10);
    expect(simulator.run()).toBe('idle');
    expect(log.seen).toEqual([
      [10, 1, 'a'],
      [20, 2, 'b'],
      [30, 3, 'c'],
    ]);
    expect([simulator.now, simulator.events, simulator.pending]).toEqual([30, 3, 0]);
    expect(simulator.nextTime()).toBe(NEVER);
  });

  it('delivers events of one instant in the order in which they were scheduled, also from within it', () => {
    const { simulator, log } = world();
    log.react = (kind) => {
      if (kind === 1) simulator.after(0, log.place, 4, null);
    };
    for (const kind of [1, 2, 3]) simulator.at(5, log.place, kind, null);
    simulator.run();
    expect(log.kinds).toEqual([1, 2, 3, 4]);
    expect(new Set(log.times)).toEqual(new Set([5]));
  });

  it('runs up to and including an instant, and sets the clock to it', () => {
    const { simulator, log } = world();
    for (const time of [10, 20, 21]) simulator.at(time, log.place, 0, null);
    expect(simulator.run({ until: 20 })).toBe('time');
    expect([log.times, simulator.now]).toEqual([[10, 20], 20]);
    expect(simulator.run({ until: 100 })).toBe('idle');
    expect(simulator.now).toBe(100);
    expect(simulator.run({ until: 50 })).toBe('idle');
    expect(simulator.now).toBe(100);
  });

  it('stops at a condition, by request, or after a number of events', () => {
    const { simulator, log } = world();
    for (let time = 1; time <= 10; time++) simulator.at(time, log.place, time, null);
    expect(simulator.run({ condition: () => log.seen.length === 2 })).toBe('stopped');
    expect(simulator.run({ maxEvents: 3 })).toBe('limit');
    expect(simulator.now).toBe(5);
    log.react = (kind) => {
      if (kind === 7) simulator.stop();
    };
    expect(simulator.run()).toBe('stopped');
    expect(simulator.now).toBe(7);
    expect(simulator.step()).toBe(true);
    expect(simulator.run()).toBe('idle');
    expect(simulator.step()).toBe(false);
    expect(log.kinds).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });

  it('refuses events in the past and at no time', () => {
    const { simulator, log } = world();
    simulator.run({ until: 10 });
    expect(() => simulator.at(9, log.place, 0, null)).toThrow(InvariantError);
    expect(() => simulator.at(NEVER, log.place, 0, null)).toThrow(InvariantError);
    expect(() => simulator.at(Number.NaN, log.place, 0, null)).toThrow(InvariantError);
  });

  it('names its places', () => {
    const { simulator, log } = world();
    expect([simulator.placeName(log.place), simulator.placeName(99)]).toEqual(['log', 'place 99']);
  });

  it('keeps records apart while they grow and are used again', () => {
    const { simulator, log } = world();
    for (let i = 0; i < 300; i++) simulator.at(1 + (i % 7), log.place, i, i);
    simulator.run({ until: 3 });
    for (let i = 300; i < 900; i++) simulator.at(4 + (i % 5), log.place, i, i);
    simulator.run();
    expect(log.seen.length).toBe(900);
    expect(log.seen.every(([, kind, arg]) => kind === arg)).toBe(true);
  });

  it('does the same in two runs as in one, with either queue', () => {
    const plan = fc.array(fc.tuple(fc.nat({ max: 3000 }), fc.nat({ max: 2000 })), {
      maxLength: 60,
      size: 'max',
    });
    const trace = (
      simulator: Simulator,
      events: readonly (readonly [number, number])[],
      stops: number[],
    ): string => {
      const log = new Log(simulator);
      log.react = (kind) => {
        if (kind > 0 && kind % 3 === 0) simulator.after(kind, log.place, kind - 1, null); // events beget events
      };
      for (const [time, kind] of events) simulator.at(time, log.place, kind, null);
      for (const stop of stops) simulator.run({ until: stop });
      simulator.run();
      return simulator.fingerprint.toString() + JSON.stringify(log.seen);
    };
    fc.assert(
      fc.property(plan, fc.array(fc.nat({ max: 4000 }), { maxLength: 4 }), (events, stops) => {
        const whole = trace(new Simulator(new WheelQueue()), events, []);
        expect(trace(new Simulator(new WheelQueue()), events, stops)).toBe(whole);
        expect(trace(new Simulator(new HeapQueue()), events, stops)).toBe(whole);
      }),
      runs(200),
    );
  });
});

describe('the fingerprint of a run', () => {
  const of = (...events: [time: Nanos, kind: number][]): string => {
    const { simulator, log } = world();
    for (const [time, kind] of events) simulator.at(time, log.place, kind, null);
    simulator.run();
    return simulator.fingerprint.toString();
  };

  it('is the same for the same events', () => {
    expect(of([1, 2], [3, 4])).toBe(of([1, 2], [3, 4]));
    expect(of([1, 2])).toMatch(/^[0-9a-f]{16}$/);
  });

  it('differs when a time, a kind or the order differs', () => {
    const different = [
      of([1, 2], [3, 4]),
      of([1, 2], [4, 4]),
      of([1, 2], [3, 5]),
      of([1, 4], [3, 2]),
      of([1, 2]),
      of([1, 2], [3, 4], [3, 4]),
      of([1, 2], [3 + 4294967296, 4]), // beyond 32 bits of time
      of(),
    ];
    expect(new Set(different).size).toBe(different.length);
  });

  it('differs when events happen elsewhere', () => {
    const simulator = new Simulator();
    const [a, b] = [new Log(simulator, 'a'), new Log(simulator, 'b')];
    simulator.at(1, a.place, 0, null);
    simulator.run();
    const other = new Simulator();
    new Log(other, 'a');
    const c = new Log(other, 'b');
    other.at(1, c.place, 0, null);
    other.run();
    expect(other.fingerprint.toString()).not.toBe(simulator.fingerprint.toString());
    expect(b.seen).toEqual([]);
  });
});

describe('a lazy timer', () => {
  it('expires once at its last deadline, however it moved', () => {
    const moves = fc.array(
      fc.tuple(fc.nat({ max: 300 }), fc.oneof(fc.nat({ max: 500 }), fc.constant(NEVER))),
      { maxLength: 30 },
    );
    fc.assert(
      fc.property(moves, (steps) => {
        const simulator = new Simulator();
        const expired: Nanos[] = [];
        const timer = new LazyTimer(simulator, 'timer', () => expired.push(simulator.now));
        const expected: Nanos[] = [];
        let deadline = NEVER;
        for (const [wait, ahead] of steps) {
          const now = simulator.now + wait;
          if (deadline <= now) {
            expected.push(deadline);
            deadline = NEVER;
          }
          simulator.run({ until: now });
          deadline = now + ahead;
          timer.set(deadline);
          expect(timer.isSet).toBe(deadline !== NEVER);
        }
        simulator.run();
        if (deadline !== NEVER) expected.push(deadline);
        expect(expired).toEqual(expected);
      }),
      runs(500),
    );
  });

  it('may be set anew when it expires', () => {
    const simulator = new Simulator();
    const expired: Nanos[] = [];
    const timer: LazyTimer = new LazyTimer(simulator, 'timer', () => {
      expired.push(simulator.now);
      if (expired.length < 3) timer.set(simulator.now + 10);
    });
    timer.set(5);
    simulator.run();
    expect(expired).toEqual([5, 15, 25]);
  });

  it('queues one event while its deadline moves on', () => {
    const simulator = new Simulator();
    const timer = new LazyTimer(simulator, 'timer', () => {});
    for (let i = 0; i < 1000; i++) timer.set(100 + i);
    expect(simulator.pending).toBe(1);
    timer.clear();
    simulator.run();
    expect([simulator.events, timer.isSet]).toEqual([1, false]);
  });
});
