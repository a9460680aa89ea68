/**
 * What programs can be told: each parameter is described by plain data, from which the scenario schema, the
 * documentation and the TypeScript type of its values are all derived.
 */
import type { IpAddress } from '../packet/ip-address.ts';
import { ConfigError } from '../sim/errors.ts';
import { nearest } from '../sim/nearest.ts';
import type { Nanos } from '../sim/time.ts';
import type { Endpoint } from '../sockets/api.ts';

/** The kinds of value, with what a program gets. Durations are ns, sizes bytes, rates bits per second. */
export interface ValueTypes {
  integer: number;
  duration: Nanos;
  size: number;
  rate: number;
  port: number;
  address: IpAddress;
  endpoint: Endpoint;
  /** All addresses of a host, with one port: what a name resolves to. */
  endpoints: readonly Endpoint[];
  text: string;
  flag: boolean;
  /** One of the words in `choices`. */
  choice: string;
  /** Several texts. */
  lines: readonly string[];
  /** A text for each of several names. */
  map: Readonly<Record<string, string>>;
}

export interface Parameter {
  readonly type: keyof ValueTypes;
  /** One sentence for people. */
  readonly doc: string;
  /** What it is when nobody says; null = nothing. Without this key the parameter must be given. */
  readonly default?: ValueTypes[keyof ValueTypes] | null;
  /** Bounds of numbers, both included. */
  readonly min?: number;
  readonly max?: number;
  /** The words of a choice. */
  readonly choices?: readonly string[];
}

export type ParameterTable = Readonly<Record<string, Parameter>>;

/** The values that belong to a table: every parameter is there, null only where that is the default. */
export type Values<P extends ParameterTable> = { readonly [K in keyof P]: ValueOf<P[K]> };

/** What a user may leave out. */
export type GivenValues<P extends ParameterTable> = Partial<Values<P>> &
  Pick<Values<P>, { [K in keyof P]: P[K] extends { default: unknown } ? never : K }[keyof P]>;

type ValueOf<P extends Parameter> =
  | (P extends { choices: readonly (infer C)[] } ? C : ValueTypes[P['type']])
  | (P extends { default: null } ? null : never);

/**
 * Fills in the defaults and checks bounds.
 * @throws ConfigError for an unknown or missing parameter, or a number out of bounds; its path is the name
 */
export function completeValues<P extends ParameterTable>(table: P, given: GivenValues<P>): Values<P> {
  const values: Record<string, unknown> = { ...given };
  for (const name of Object.keys(values))
    if (!Object.hasOwn(table, name)) throw unknownParameter(table, name);
  for (const [name, parameter] of Object.entries(table)) {
    values[name] ??= parameter.default;
    if (values[name] === undefined) {
      throw new ConfigError(`the parameter '${name}' is missing`, [name], parameter.doc);
    }
    checkBounds(name, parameter, values[name]);
  }
  return values as Values<P>;
}

function checkBounds(name: string, parameter: Parameter, value: unknown): void {
  const { min, max, choices } = parameter;
  if (choices !== undefined && value !== null && !choices.includes(String(value))) {
    throw new ConfigError(`'${value}' is not a value of '${name}'`, [name], `one of ${choices.join(', ')}`);
  }
  if (typeof value !== 'number') return;
  if ((min !== undefined && value < min) || (max !== undefined && value > max) || Number.isNaN(value)) {
    throw new ConfigError(`${value} is out of bounds for '${name}'`, [name], boundsText(min, max));
  }
}

function boundsText(min: number | undefined, max: number | undefined): string {
  if (max === undefined) return `at least ${min}`;
  return min === undefined ? `at most ${max}` : `from ${min} to ${max}`;
}

function unknownParameter(table: ParameterTable, name: string): ConfigError {
  const like = nearest(name, Object.keys(table));
  const expected = like === null ? `one of ${Object.keys(table).join(', ')}` : `did you mean '${like}'?`;
  return new ConfigError(`there is no parameter '${name}'`, [name], expected);
}
