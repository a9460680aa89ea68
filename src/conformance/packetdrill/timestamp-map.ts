/**
 * TCP timestamps of the host (RFC 7323 3): scripts write made-up values. Each value that an outbound line names is
 * remembered with the live value that matched it, and echoed back in its place.
 */
import { MICROSECOND, type Nanos } from '../../sim/time.ts';

const U32 = 4294967296;

export interface TimestampRules {
  /** Microseconds of one tick of the host's timestamp clock; 0 = values are not compared. */
  readonly tickUsecs: number;
  /** An unknown value to echo is computed from the first pair instead of refused. */
  readonly ecrScaled: boolean;
}

export class TimestampMap {
  readonly #rules: TimestampRules;
  readonly #live = new Map<number, number>();
  /** The first outbound pair. */
  #baseline: { readonly script: number; readonly live: number } | null = null;

  constructor(rules: TimestampRules) {
    this.#rules = rules;
  }

  /** An outbound line that says `script` met a segment with `live`. */
  learn(script: number, live: number): void {
    this.#baseline ??= { script, live };
    this.#live.set(script, live);
  }

  /** The live value for an inbound `ecr`, or null when the host never sent it. */
  echo(script: number): number | null {
    const known = this.#live.get(script);
    if (known !== undefined) return known;
    if (!this.#rules.ecrScaled || this.#baseline === null) return null;
    return (((script - this.#baseline.script + this.#baseline.live) % U32) + U32) % U32;
  }

  /**
   * Compares an outbound value where the script has a clock for it (`--tcp_ts_tick_usecs`).
   * @param allowance how far it may be off
   * @returns what is wrong, or null
   */
  check(script: number, live: number, allowance: Nanos): string | null {
    const { tickUsecs } = this.#rules;
    if (tickUsecs === 0 || this.#baseline === null) return null;
    const expected = script - this.#baseline.script;
    const actual = ((live - this.#baseline.live + U32 / 2 + U32) % U32) - U32 / 2;
    if (Math.abs(expected - actual) * tickUsecs * MICROSECOND <= allowance) return null;
    return `TS val advanced by ${actual} ticks since the first, expected ${expected}`;
  }
}
