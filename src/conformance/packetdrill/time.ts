/**
 * When things are due and whether they came in time. Scripts count from their start; the simulation began earlier.
 * A relative time counts from the live instant at which the event before was over, except between two inbound
 * packets: there from the first one's own time.
 */
import { MICROSECOND, type Nanos } from '../../sim/time.ts';
import type { EventTime } from './ast.ts';

export interface Tolerance {
  readonly usecs: number;
  /** Of the script's span from the event before to this one. */
  readonly percent: number;
}

/** The default of packetdrill. */
export const DEFAULT_TOLERANCE: Tolerance = { usecs: 4000, percent: 12.5 };

/** An event's time in script time: exact, or a range, or null for any time. */
export interface Due {
  readonly from: Nanos;
  readonly to: Nanos;
  readonly isAnyTime: boolean;
}

export class ScriptClock {
  readonly #origin: Nanos;
  readonly #tolerance: Tolerance;
  /** Script time of the event before this one. */
  #previous: Nanos = 0;
  #current: Nanos = 0;

  /** @param origin live time of script time 0 */
  constructor(origin: Nanos, tolerance: Tolerance) {
    this.#origin = origin;
    this.#tolerance = tolerance;
  }

  toScript(live: Nanos): Nanos {
    return live - this.#origin;
  }

  toLive(script: Nanos): Nanos {
    return script + this.#origin;
  }

  /** The base of a relative time. */
  base(live: Nanos, isInboundAfterInbound: boolean): Nanos {
    return isInboundAfterInbound ? this.#current : this.toScript(live);
  }

  /**
   * Moves on to the next event.
   * @param base what a relative time counts from, script time
   * @returns when it is due, or what is wrong with its time
   */
  advance(time: EventTime, base: Nanos): Due | string {
    const offset = time.kind === 'absolute' ? 0 : base;
    const from = time.from + offset;
    if (from < this.#current) {
      return `time goes backwards, from ${seconds(this.#current)} to ${seconds(from)}`;
    }
    this.#previous = this.#current;
    this.#current = from;
    return { from, to: time.to === null ? from : time.to + offset, isAnyTime: time.kind === 'any' };
  }

  /** How far from its time the current event may be. */
  get allowance(): Nanos {
    return this.#allowance(this.#current - this.#previous);
  }

  /** Script time from the event before to this one. */
  get span(): Nanos {
    return this.#current - this.#previous;
  }

  /** @returns what is wrong with something that came at `live`, or null */
  check(due: Due, live: Nanos): string | null {
    if (due.isAnyTime) return null;
    return outside(this.toScript(live), due, this.allowance);
  }

  /** As {@link check} for the return of a blocking call: the percentage is of its own duration. */
  checkReturn(start: Nanos, end: Nanos, live: Nanos): string | null {
    const due = { from: end, to: end, isAnyTime: false };
    return outside(this.toScript(live), due, this.#allowance(end - start));
  }

  /** How far a timestamp may be off: the percentage is of the whole script so far. */
  timestampAllowance(live: Nanos): Nanos {
    return this.#allowance(this.toScript(live));
  }

  #allowance(span: Nanos): Nanos {
    return Math.max(this.#tolerance.usecs * MICROSECOND, (this.#tolerance.percent / 100) * span);
  }
}

function outside(actual: Nanos, due: Due, allowance: Nanos): string | null {
  if (actual >= due.from - allowance && actual <= due.to + allowance) return null;
  const expected =
    due.from === due.to ? seconds(due.from) : `between ${seconds(due.from)} and ${seconds(due.to)}`;
  return `came at ${seconds(actual)}, expected ${expected} (tolerance ${seconds(allowance)})`;
}

/** `0.123456 s`. */
export function seconds(time: Nanos): string {
  return `${(time / 1e9).toFixed(6)} s`;
}
