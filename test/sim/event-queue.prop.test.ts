/** The pending-event set: both queues against a sorted list, and the wheel against the heap. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EventQueue } from '../../src/sim/event-queue.ts';
import { HeapQueue } from '../../src/sim/heap-queue.ts';
import { type Nanos, NEVER } from '../../src/sim/time.ts';
import { WheelQueue } from '../../src/sim/wheel-queue.ts';
import { runs } from '../support/property.ts';

/** The specification: a list in order of time, new entries behind those of equal time. */
class SortedList implements EventQueue {
  readonly #entries: { time: Nanos; slot: number }[] = [];
  readonly #times = new Map<number, Nanos>();

  get size(): number {
    return this.#entries.length;
  }

  push(time: Nanos, slot: number): void {
    const behind = this.#entries.findIndex((entry) => entry.time > time);
    this.#entries.splice(behind < 0 ? this.#entries.length : behind, 0, { time, slot });
    this.#times.set(slot, time);
  }

  popUntil(limit: Nanos): number {
    const first = this.#entries[0];
    if (first === undefined || first.time > limit) return -1;
    this.#entries.shift();
    return first.slot;
  }

  timeOf(slot: number): Nanos {
    return this.#times.get(slot)!;
  }

  peekTime(): Nanos {
    return this.#entries[0]?.time ?? NEVER;
  }
}

/** What a simulator does to a queue: spans are counted from the present instant. */
type Step =
  | { readonly do: 'push'; readonly ahead: number }
  | { readonly do: 'pop'; readonly upTo: number }
  | { readonly do: 'peek' };

/** Spans that meet every level of the wheel and its edges, and ties. */
const span: fc.Arbitrary<number> = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: 0, max: 3 }) },
  { weight: 3, arbitrary: fc.integer({ min: 0, max: 600 }) },
  { weight: 2, arbitrary: fc.integer({ min: 0, max: 70_000 }) },
  { weight: 1, arbitrary: fc.constantFrom(255, 256, 65_535, 65_536, 4294967295, 4294967296, 4294967297) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 70368744177664 }) },
);

const program: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: span.map((ahead): Step => ({ do: 'push', ahead })) },
    { weight: 3, arbitrary: fc.constant<Step>({ do: 'pop', upTo: NEVER }) },
    { weight: 3, arbitrary: span.map((upTo): Step => ({ do: 'pop', upTo })) },
    { weight: 1, arbitrary: fc.constant<Step>({ do: 'peek' }) },
  ),
  { maxLength: 300, size: 'max' },
);

/** Runs a program and empties the queue; @returns everything that could be seen */
function observe(queue: EventQueue, start: Nanos, steps: readonly Step[]): unknown[] {
  const seen: unknown[] = [];
  let now = start;
  let slots = 0;
  const pop = (limit: Nanos): void => {
    const slot = queue.popUntil(limit);
    if (slot >= 0) now = queue.timeOf(slot);
    else if (limit < NEVER) now = limit; // as the simulator does: the clock goes on to the limit
    seen.push(slot, now, queue.size);
  };
  for (const step of steps) {
    if (step.do === 'push') queue.push(now + step.ahead, slots++);
    else if (step.do === 'pop') pop(now + step.upTo);
    else seen.push(queue.peekTime());
  }
  while (queue.size > 0) pop(NEVER);
  pop(NEVER);
  return seen;
}

const start = fc.constantFrom(0, 255, 4294967295, 4294967296 * 255 + 4294967295);

describe.each([
  ['HeapQueue', () => new HeapQueue()],
  ['WheelQueue', () => new WheelQueue()],
])('%s', (_name, make) => {
  it('does what a sorted list does', () => {
    fc.assert(
      fc.property(start, program, (from, steps) => {
        expect(observe(make(), from, steps)).toEqual(observe(new SortedList(), from, steps));
      }),
      runs(400),
    );
  });

  it('keeps the order of insertion among a thousand equal times', () => {
    const queue = make();
    for (let slot = 0; slot < 1000; slot++) queue.push(slot % 2 === 0 ? 70_000 : 300, slot);
    const popped = Array.from({ length: 1000 }, () => queue.popUntil(NEVER));
    const odd = Array.from({ length: 500 }, (_, i) => 2 * i + 1);
    expect(popped).toEqual([...odd, ...odd.map((slot) => slot - 1)]);
  });
});

describe('WheelQueue', () => {
  it('takes an entry between a limit at which nothing was due and the bucket behind it', () => {
    const queue = new WheelQueue();
    queue.push(0x1_0500, 0);
    queue.push(0x1_0700, 1);
    expect(queue.popUntil(0x1_0010)).toBe(-1); // inside their bucket of level 2, before both
    queue.push(0x1_0020, 2);
    expect(queue.popUntil(0x500)).toBe(-1);
    expect([queue.popUntil(NEVER), queue.popUntil(NEVER), queue.popUntil(NEVER)]).toEqual([2, 0, 1]);
  });

  it('agrees with the heap over 20,000 events of a hold model with ties and far jumps', () => {
    const wheel = new WheelQueue();
    const heap = new HeapQueue();
    let state = 12345;
    const draw = (): number => {
      state = (Math.imul(state, 1103515245) + 12345) >>> 0;
      return state;
    };
    const ahead = (): number => {
      const kind = draw() % 100;
      if (kind < 50) return 1200;
      if (kind < 90) return draw() % 20_000;
      return kind < 98 ? 200_000_000 : draw() * 16384;
    };
    for (let slot = 0; slot < 500; slot++) {
      const time = ahead();
      wheel.push(time, slot);
      heap.push(time, slot);
    }
    for (let i = 0; i < 20_000; i++) {
      const slot = wheel.popUntil(NEVER);
      expect(heap.popUntil(NEVER)).toBe(slot);
      const time = wheel.timeOf(slot) + ahead();
      wheel.push(time, slot);
      heap.push(time, slot);
    }
  });
});
