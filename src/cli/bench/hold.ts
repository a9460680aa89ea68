/**
 * Timer churn (workload W5): N processes, each of which schedules its next firing a random time ahead when it fires.
 *
 * `hold` is the event queue alone: one pop and one push per firing. `simulator` adds the kernel: records, dispatch,
 * fingerprint. `cancel` adds a 200 ms timeout per process that every firing moves, as TCP moves its retransmission
 * timer at every acknowledgement.
 */
import type { EventQueue } from '../../sim/event-queue.ts';
import { HeapQueue } from '../../sim/heap-queue.ts';
import { type EventHandler, Simulator } from '../../sim/simulator.ts';
import { MILLISECOND, NEVER } from '../../sim/time.ts';
import { LazyTimer } from '../../sim/timer.ts';
import { WheelQueue } from '../../sim/wheel-queue.ts';
import { cpuSeconds, median } from './measure.ts';

export interface HoldOptions {
  /** Pending events; default 1,000, 10,000 and 100,000. */
  readonly pending?: readonly number[];
  /** Firings per pass; default 1,000,000. */
  readonly firings?: number;
  /** Timed passes, of which the median counts; default 3, behind one to warm up. */
  readonly passes?: number;
}

export interface HoldRow {
  readonly mode: 'hold' | 'simulator' | 'cancel';
  readonly queue: 'wheel' | 'heap';
  readonly pending: number;
  /** CPU time per firing, ns. */
  readonly nsPerFiring: number;
  readonly firingsPerSecond: number;
}

export interface HoldResult {
  readonly workload: 'hold';
  readonly firings: number;
  readonly rows: readonly HoldRow[];
}

const SIZES = [1_000, 10_000, 100_000];
const MAX_AHEAD = 2_000_000;
const TIMEOUT = 200 * MILLISECOND;
const FIRE = 0;

export function hold(options: HoldOptions = {}): HoldResult {
  const firings = options.firings ?? 1_000_000;
  const passes = options.passes ?? 3;
  const rows: HoldRow[] = [];
  const measure = (
    mode: HoldRow['mode'],
    queue: HoldRow['queue'],
    pending: number,
    pass: () => number,
  ): void => {
    pass();
    const cpu = median(Array.from({ length: passes }, pass));
    const nsPerFiring = Math.round((cpu * 1e9) / firings);
    rows.push({ mode, queue, pending, nsPerFiring, firingsPerSecond: Math.round(firings / cpu) });
  };
  for (const pending of options.pending ?? SIZES) {
    measure('hold', 'wheel', pending, () => holdPass(new WheelQueue(), pending, firings));
    measure('simulator', 'wheel', pending, () => simulatorPass(pending, firings, false));
    measure('cancel', 'wheel', pending, () => simulatorPass(pending, firings, true));
  }
  // Last, because the calls of the loop above would not be monomorphic any more.
  for (const pending of options.pending ?? SIZES)
    measure('hold', 'heap', pending, () => holdPass(new HeapQueue(), pending, firings));
  return { workload: 'hold', firings, rows };
}

function holdPass(queue: EventQueue, pending: number, firings: number): number {
  const states = new Int32Array(pending);
  for (let process = 0; process < pending; process++) {
    states[process] = seedOf(process);
    queue.push(1 + aheadOf(states, process), process);
  }
  return cpuSeconds(() => {
    for (let i = 0; i < firings; i++) {
      const process = queue.popUntil(NEVER);
      queue.push(queue.timeOf(process) + 1 + aheadOf(states, process), process);
    }
  });
}

function simulatorPass(pending: number, firings: number, withTimeouts: boolean): number {
  const simulator = new Simulator();
  const states = new Int32Array(pending);
  for (let process = 0; process < pending; process++) {
    states[process] = seedOf(process);
    const timer = withTimeouts ? new LazyTimer(simulator, 'timeout', () => {}) : null;
    const handler: EventHandler = new Process(simulator, states, process, timer);
    handler.onEvent(FIRE, null);
  }
  return cpuSeconds(() => {
    simulator.run({ maxEvents: firings });
  });
}

class Process implements EventHandler {
  readonly #simulator: Simulator;
  readonly #place: number;
  readonly #states: Int32Array;
  readonly #number: number;
  readonly #timer: LazyTimer | null;

  constructor(simulator: Simulator, states: Int32Array, number: number, timer: LazyTimer | null) {
    this.#simulator = simulator;
    this.#place = simulator.addPlace('process', this);
    this.#states = states;
    this.#number = number;
    this.#timer = timer;
  }

  onEvent(_kind: number, _arg: unknown): void {
    this.#timer?.set(this.#simulator.now + TIMEOUT);
    this.#simulator.after(1 + aheadOf(this.#states, this.#number), this.#place, FIRE, null);
  }
}

function seedOf(process: number): number {
  return Math.imul(process + 1, 2654435761);
}

/** The process's next random number (xorshift32), below two milliseconds. */
function aheadOf(states: Int32Array, process: number): number {
  let x = states[process]!;
  x ^= x << 13;
  x ^= x >>> 17;
  x ^= x << 5;
  states[process] = x;
  return (x >>> 0) % MAX_AHEAD;
}
