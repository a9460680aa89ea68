/**
 * The schema of programs: the built-in ones of `src/apps`, whose parameters are described there as data, and inline
 * lists of socket calls.
 */
import * as v from 'valibot';
import type { AnyProgram } from '../../apps/async/any-program.ts';
import type { Parameter } from '../../apps/parameters.ts';
import { APPS } from '../../apps/registry.ts';
import { ConfigError } from '../../sim/errors.ts';
import { parseCall } from '../calls/parse.ts';
import type { Call } from '../calls/syntax.ts';
import { type NamedEndpoint, type NamedHost, parseHost } from './endpoint.ts';
import { notation, table } from './table.ts';
import { count, duration, endpoint, instant, port, rate, reference, size } from './values.ts';

/** A value of a parameter, in the engine's units; names of hosts are not looked up yet. */
export type ParameterValue =
  | number
  | string
  | boolean
  | null
  | readonly string[]
  | Readonly<Record<string, string>>
  | NamedHost
  | NamedEndpoint;

interface ProgramBase {
  readonly host: string;
  /** When it begins, ns. */
  readonly start: number;
  /** Effective user id; null = that of its host. */
  readonly uid: number | null;
}

/** A built-in program; `run` is its name among the apps. Parameters that nobody gave are left to the app. */
export interface AppSpec extends ProgramBase {
  readonly run: string;
  readonly calls?: never;
  readonly program?: never;
  readonly parameters: Readonly<Record<string, ParameterValue>>;
}

/** An inline list of calls. */
export interface CallsSpec extends ProgramBase {
  readonly run: 'calls';
  readonly calls: readonly Call[];
  readonly program?: never;
}

/** A program that a scenario in TypeScript brings along. */
export interface FunctionSpec extends ProgramBase {
  readonly run: 'function';
  readonly calls?: never;
  readonly program: AnyProgram;
}

export type ProgramSpec = AppSpec | CallsSpec | FunctionSpec;
export type { NamedEndpoint, NamedHost };

interface ProgramInputBase {
  readonly host: string;
  readonly start?: string;
  readonly uid?: number;
}

/** What people write. The parameters of built-in programs are judged when the scenario is read. */
export type ProgramInput = ProgramInputBase &
  (
    | { readonly run: 'calls'; readonly calls: readonly string[] }
    | { readonly run: AnyProgram }
    | {
        readonly run: string;
        readonly [parameter: string]:
          | number
          | string
          | boolean
          | null
          | readonly string[]
          | Readonly<Record<string, string>>;
      }
  );

const BASE = {
  host: reference,
  start: v.optional(instant, '0s'),
  /** Effective user id; null: that of the host. */
  uid: v.optional(v.nullable(count), null),
};

const BASE_KEYS: readonly string[] = ['run', ...Object.keys(BASE)];

const call = notation('a socket call, as in connect(s, 10.0.0.1:80)', parseCall);
const calls = table({ run: v.literal('calls'), ...BASE, calls: v.array(call) });
const address = notation('an address, the name of a host, or * for any address', parseAddress);

const func = table({ run: v.custom<AnyProgram>((value) => typeof value === 'function'), ...BASE });

/** One value of `run` and the keys that go with it. */
type Option = v.StrictObjectSchema<{ run: v.LiteralSchema<string, undefined> }, undefined>;

const OPTIONS = [
  calls,
  func,
  ...APPS.map(({ name, parameters }) => appOption(name, parameters)),
] as unknown as Option[];

/** The casts say what valibot cannot infer from a list that is made at run time. */
export const program = v.pipe(
  v.variant('run', OPTIONS) as unknown as v.GenericSchema<ProgramInput, Record<string, unknown>>,
  v.transform((written): ProgramSpec => {
    if (written.run === 'calls') return written as unknown as CallsSpec;
    const { run, host, start, uid } = written as unknown as AppSpec;
    if (typeof run === 'function') return { run: 'function', program: run, host, start, uid };
    const given = Object.entries(written).filter(([key]) => !BASE_KEYS.includes(key));
    return { run, host, start, uid, parameters: Object.fromEntries(given) as Record<string, ParameterValue> };
  }),
);

function appOption(name: string, parameters: Readonly<Record<string, Parameter>>): v.GenericSchema {
  const entries = Object.entries(parameters).map(([key, parameter]) => {
    const described = v.pipe(valueSchema(parameter), v.description(documented(parameter)));
    return [key, 'default' in parameter ? v.exactOptional(described) : described] as const;
  });
  return table({ run: v.literal(name), ...BASE, ...Object.fromEntries(entries) });
}

function documented({ doc, default: value }: Parameter): string {
  const isPlain = typeof value === 'number' || typeof value === 'boolean' || typeof value === 'string';
  return isPlain ? `${doc} Default: ${value}.` : doc;
}

function valueSchema(parameter: Parameter): v.GenericSchema {
  switch (parameter.type) {
    case 'integer':
      return bounded(parameter);
    case 'duration':
      return duration;
    case 'size':
      return size;
    case 'rate':
      return rate;
    case 'port':
      return parameter.default === 0 ? v.union([v.literal(0), port]) : port;
    case 'address':
      return address;
    case 'endpoint':
    case 'endpoints':
      return endpoint;
    case 'text':
      return v.string('text');
    case 'flag':
      return v.boolean('true or false');
    case 'choice':
      return v.picklist([...(parameter.choices ?? [])]);
    case 'lines':
      return v.array(v.string('a line of text'));
    case 'map':
      return v.record(v.string(), v.string('text'));
  }
}

function bounded({ min, max }: Parameter): v.GenericSchema {
  const least = min ?? Number.MIN_SAFE_INTEGER;
  const most = max ?? Number.MAX_SAFE_INTEGER;
  const words =
    max === undefined ? `a whole number from ${least}` : `a whole number from ${least} to ${most}`;
  return v.pipe(v.number(words), v.safeInteger(words), v.minValue(least, words), v.maxValue(most, words));
}

function parseAddress(text: string): NamedHost {
  if (text.trim() === '') throw new ConfigError('an address is missing', [], 'an address, a host, or *');
  return parseHost(text.trim());
}
