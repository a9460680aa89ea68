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
import { type Cost, costOf, median, peakRssMib, rounded } from './measure.ts';

/** `hold` and `heap`: the wheel and its oracle alone; `simulator` and `cancel`: with the kernel around the wheel. */
export type HoldMode = 'hold' | 'heap' | 'simulator' | 'cancel';

export interface HoldOptions {
  readonly mode: HoldMode;
  /** Events that are pending at any time. */
  readonly pending: number;
  /** Firings per pass; default 1,000,000. */
  readonly firings?: number;
  /** Timed passes, of which the median counts; default 5, behind one to warm up. */
  readonly passes?: number;
}

export interface HoldResult extends Cost {
  readonly workload: HoldMode;
  readonly pending: number;
  readonly events: number;
  /** CPU time, ns. */
  readonly nsPerFiring: number;
  readonly eventsPerSecond: number;
  readonly peakRssMib: number;
}

const MAX_AHEAD = 2_000_000;
const TIMEOUT = 200 * MILLISECOND;
const FIRE = 0;

export function hold(options: HoldOptions): HoldResult {
  const { mode, pending, firings = 1_000_000, passes = 5 } = options;
  passOf(mode, pending, firings);
  const costs = Array.from({ length: passes }, () => passOf(mode, pending, firings));
  const middle = median(costs.map((cost) => cost.cpuSeconds));
  return {
    workload: mode,
    pending,
    events: firings,
    ...costs.find((cost) => cost.cpuSeconds === middle)!,
    nsPerFiring: rounded((middle * 1e9) / firings),
    eventsPerSecond: Math.round(firings / middle),
    peakRssMib: peakRssMib(),
  };
}

function passOf(mode: HoldMode, pending: number, firings: number): Cost {
  if (mode === 'hold') return holdPass(new WheelQueue(), pending, firings);
  if (mode === 'heap') return holdPass(new HeapQueue(), pending, firings);
  return simulatorPass(pending, firings, mode === 'cancel');
}

function holdPass(queue: EventQueue, pending: number, firings: number): Cost {
  const states = new Int32Array(pending);
  for (let process = 0; process < pending; process++) {
    states[process] = seedOf(process);
    queue.push(1 + aheadOf(states, process), process);
  }
  return costOf(() => {
    for (let i = 0; i < firings; i++) {
      const process = queue.popUntil(NEVER);
      queue.push(queue.timeOf(process) + 1 + aheadOf(states, process), process);
    }
  });
}

function simulatorPass(pending: number, firings: number, withTimeouts: boolean): Cost {
  const simulator = new Simulator();
  const states = new Int32Array(pending);
  for (let process = 0; process < pending; process++) {
    states[process] = seedOf(process);
    const timer = withTimeouts ? new LazyTimer(simulator, 'timeout', () => {}) : null;
    const handler: EventHandler = new Process(simulator, states, process, timer);
    handler.onEvent(FIRE, null);
  }
  return costOf(() => {
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
