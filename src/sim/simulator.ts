/**
 * The event kernel: a clock, a queue of pending events, and the only loop. It knows nothing of networks.
 *
 * An event is (time, place, kind, arg): at `time` the handler registered as `place` is told `kind` and `arg`.
 * Places are small integers given out in declaration order, so pending events can be listed and hashed;
 * no closure is made per event. Events of equal time fire in the order in which they were scheduled.
 */
import { invariant } from './errors.ts';
import type { EventQueue } from './event-queue.ts';
import { Fingerprint } from './fingerprint.ts';
import { type Nanos, NEVER } from './time.ts';
import { WheelQueue } from './wheel-queue.ts';

/** Something that events happen to: a device, a host's TCP, a program. */
export interface EventHandler {
  /** @param kind a small integer whose meaning is private to the handler @param arg what `at` was given */
  onEvent(kind: number, arg: unknown): void;
}

/** Why {@link Simulator.run} came back. */
export type RunEnd = 'idle' | 'time' | 'stopped' | 'limit';

export interface RunOptions {
  /** Run events up to and including this instant, then set the clock to it. Default: until idle. */
  until?: Nanos;
  /** Checked after every event; true ends the run. */
  condition?: () => boolean;
  /** At most this many events. Default: no bound. */
  maxEvents?: number;
}

export class Simulator {
  /** The present instant, ns. */
  now: Nanos = 0;
  /** Events delivered so far. */
  events = 0;
  /** Where the latest event happened; -1 before the first. See {@link placeName}. */
  place = -1;
  readonly fingerprint: Fingerprint = new Fingerprint();

  readonly #queue: EventQueue;
  readonly #places: EventHandler[] = [];
  readonly #placeNames: string[] = [];
  #stopped = false;

  // Event records by slot: place and kind side by side, and the argument. A free slot links to the next free one.
  #records = new Int32Array(128);
  readonly #arg: unknown[] = [];
  #free = -1;
  #used = 0;

  constructor(queue: EventQueue = new WheelQueue()) {
    this.#queue = queue;
  }

  /** Registers a handler under a name that people recognise; the result goes into {@link at} and {@link after}. */
  addPlace(name: string, handler: EventHandler): number {
    this.#placeNames.push(name);
    return this.#places.push(handler) - 1;
  }

  placeName(place: number): string {
    return this.#placeNames[place] ?? `place ${place}`;
  }

  /** Schedules an event `delay` ns (an integer, at least 0) from now. */
  after(delay: Nanos, place: number, kind: number, arg: unknown): void {
    this.at(this.now + delay, place, kind, arg);
  }

  /** Schedules an event at an instant that is not in the past. */
  at(time: Nanos, place: number, kind: number, arg: unknown): void {
    invariant(time >= this.now && time < NEVER, 'an event was scheduled in the past or for never');
    const slot = this.#free >= 0 ? this.#free : this.#newSlot();
    const record = slot << 1;
    this.#free = this.#records[record]!;
    this.#records[record] = place;
    this.#records[record + 1] = kind;
    this.#arg[slot] = arg;
    this.#queue.push(time, slot);
  }

  /** Delivers events in order until there are none, or as `options` say. */
  run(options: RunOptions = {}): RunEnd {
    const until = options.until ?? NEVER;
    const condition = options.condition ?? null;
    const last = this.events + (options.maxEvents ?? Number.MAX_SAFE_INTEGER);
    this.#stopped = false;
    while (this.events < last) {
      if (!this.#deliverNext(until)) {
        if (until < NEVER && until > this.now) this.now = until;
        return this.#queue.size === 0 ? 'idle' : 'time';
      }
      if (this.#stopped || condition?.()) return 'stopped';
    }
    return 'limit';
  }

  /** Delivers one event. @returns false when there was none */
  step(): boolean {
    return this.#deliverNext(NEVER);
  }

  /** Ends the present {@link run} after the event that is being delivered. */
  stop(): void {
    this.#stopped = true;
  }

  /** Number of events that are waiting. */
  get pending(): number {
    return this.#queue.size;
  }

  /** When the next event is due, or `NEVER`. */
  nextTime(): Nanos {
    return this.#queue.peekTime();
  }

  #deliverNext(limit: Nanos): boolean {
    const slot = this.#queue.popUntil(limit);
    if (slot < 0) return false;
    const time = this.#queue.timeOf(slot);
    const record = slot << 1;
    const place = this.#records[record]!;
    const kind = this.#records[record + 1]!;
    const arg = this.#arg[slot];
    this.#arg[slot] = null;
    this.#records[record] = this.#free;
    this.#free = slot;
    this.now = time;
    this.place = place;
    this.events++;
    this.fingerprint.add(time, place, kind);
    this.#places[place]!.onEvent(kind, arg);
    return true;
  }

  #newSlot(): number {
    const slot = this.#used++;
    if (slot * 2 === this.#records.length) {
      const records = new Int32Array(slot * 4);
      records.set(this.#records);
      this.#records = records;
    }
    this.#records[slot << 1] = -1;
    this.#arg.push(null);
    return slot;
  }
}
