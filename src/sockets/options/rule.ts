/** How an option is described: one entry per option, with how it is read and set. */
import { EINVAL, ENOPROTOOPT } from '../../network/errno.ts';
import type { OptionValue } from '../api.ts';

/** An option without `set` is read-only (ENOPROTOOPT), one without `get` cannot be read. */
export interface OptionRule<S> {
  readonly get?: (socket: S) => OptionValue;
  /** @returns 0 or minus an errno */
  readonly set?: (socket: S, value: OptionValue) => number;
}

export type OptionTable<S> = Readonly<Record<string, OptionRule<S>>>;

/** An option that is on (not 0) or off. */
export function flag<S>(
  get: (socket: S) => boolean,
  set: (socket: S, on: boolean) => unknown,
): OptionRule<S> {
  return {
    get: (socket) => (get(socket) ? 1 : 0),
    set: (socket, value) => {
      if (typeof value !== 'number') return -EINVAL;
      set(socket, value !== 0);
      return 0;
    },
  };
}

/** An option with an integer in [min, max], or `also`; outside of it EINVAL. */
export function integer<S>(
  get: (socket: S) => number,
  set: (socket: S, value: number) => unknown,
  min: number = -2147483648,
  max: number = 2147483647,
  also: number = min,
): OptionRule<S> {
  return {
    get,
    set: (socket, value) => {
      if (typeof value !== 'number' || !Number.isInteger(value)) return -EINVAL;
      if ((value < min || value > max) && value !== also) return -EINVAL;
      set(socket, value);
      return 0;
    },
  };
}

export function readOnly<S>(get: (socket: S) => OptionValue): OptionRule<S> {
  return { get };
}

/** The rule for `name`, or undefined when the table has none. */
export function findRule<S>(table: OptionTable<S>, name: string): OptionRule<S> | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

/** @returns 0 or minus an errno: ENOPROTOOPT when there is no such option or it can only be read */
export function applyRule<S>(rule: OptionRule<S> | undefined, socket: S, value: OptionValue): number {
  return rule?.set === undefined ? -ENOPROTOOPT : rule.set(socket, value);
}

/** @returns the value, or minus an errno */
export function readRule<S>(rule: OptionRule<S> | undefined, socket: S): OptionValue {
  return rule?.get === undefined ? -ENOPROTOOPT : rule.get(socket);
}
