/**
 * The minimum of the samples of the last while, in constant space: the best three, each later and larger than the one
 * before (Kathleen Nichols' windowed filter, as in Linux's win_minmax).
 */
import type { Nanos } from '../../sim/time.ts';

export class WindowedMin {
  readonly #values = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  readonly #times: Nanos[] = [0, 0, 0];

  /** The minimum; Infinity before the first sample. */
  get value(): number {
    return this.#values[0]!;
  }

  sample(value: number, now: Nanos, window: Nanos): void {
    const values = this.#values;
    const times = this.#times;
    if (value <= values[0]! || now - times[2]! > window) {
      this.#set(0, value, now);
      return;
    }
    if (value <= values[1]!) this.#set(1, value, now);
    else if (value <= values[2]!) this.#set(2, value, now);

    const age = now - times[0]!;
    if (age > window) {
      // The best is too old: the others move up, twice if the second is too old as well.
      this.#shift(value, now);
      if (now - times[0]! > window) this.#shift(value, now);
    } else if (times[1] === times[0] && age > window / 4) {
      this.#set(1, value, now); // a quarter of the window without a second best
    } else if (times[2] === times[1] && age > window / 2) {
      this.#set(2, value, now);
    }
  }

  #shift(value: number, now: Nanos): void {
    this.#values[0] = this.#values[1]!;
    this.#times[0] = this.#times[1]!;
    this.#values[1] = this.#values[2]!;
    this.#times[1] = this.#times[2]!;
    this.#values[2] = value;
    this.#times[2] = now;
  }

  #set(from: number, value: number, now: Nanos): void {
    for (let i = from; i < 3; i++) {
      this.#values[i] = value;
      this.#times[i] = now;
    }
  }
}
