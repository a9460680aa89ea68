/**
 * Figures over time as plain data, without an event of its own: throughput from what was recorded, anything else
 * (cwnd, queue lengths) by looking whenever a frame passes, so that watching changes nothing.
 */
import type { Tap } from '../packet/tap.ts';
import type { Nanos } from '../sim/time.ts';
import type { Clock, RecordedFrame } from './recorder.ts';

export interface Sample {
  readonly time: Nanos;
  readonly value: number;
}

/**
 * Throughput at one interface in bits per second, one sample at the end of each interval; intervals without frames
 * give 0.
 * @param end when the last interval ends at the latest
 */
export function throughput(
  frames: readonly RecordedFrame[],
  interfaceName: string,
  direction: 'in' | 'out',
  interval: Nanos,
  end: Nanos,
): Sample[] {
  const bytes: number[] = Array.from({ length: Math.ceil(end / interval) }, () => 0);
  for (const event of frames) {
    if (event.interfaceName !== interfaceName || event.direction !== direction || event.time >= end) continue;
    bytes[Math.floor(event.time / interval)]! += event.frame.size;
  }
  return bytes.map((sum, i) => ({ time: (i + 1) * interval, value: (sum * 8e9) / interval }));
}

/** A tap that samples values when frames pass, at most once per interval, and hands everything on to another tap. */
export class Sampler implements Tap {
  /** By the names of the probes, in the order of time. */
  readonly series: Readonly<Record<string, readonly Sample[]>>;
  readonly #clock: Clock;
  readonly #interval: Nanos;
  readonly #probes: readonly { readonly read: () => number; readonly samples: Sample[] }[];
  readonly #next: Tap | null;
  #due: Nanos = 0;

  /** @param probes what to read, by name; called while the stack is at work, so they only look */
  constructor(
    clock: Clock,
    interval: Nanos,
    probes: Readonly<Record<string, () => number>>,
    next: Tap | null,
  ) {
    this.#clock = clock;
    this.#interval = interval;
    this.#next = next;
    const named = Object.entries(probes).map(([name, read]) => ({ name, read, samples: [] as Sample[] }));
    this.#probes = named;
    this.series = Object.fromEntries(named.map(({ name, samples }) => [name, samples]));
  }

  frame(...event: Parameters<Tap['frame']>): void {
    const { now } = this.#clock;
    if (now >= this.#due) {
      this.#due = now + this.#interval;
      for (const { read, samples } of this.#probes) samples.push({ time: now, value: read() });
    }
    this.#next?.frame(...event);
  }

  dropped(...event: Parameters<Tap['dropped']>): void {
    this.#next?.dropped(...event);
  }

  demultiplexed(...event: Parameters<Tap['demultiplexed']>): void {
    this.#next?.demultiplexed(...event);
  }

  transition(from: string, to: string): void {
    this.#next?.transition?.(from, to);
  }
}
