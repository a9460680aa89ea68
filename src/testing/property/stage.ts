/** What `play` works with: a drawn network without programs, on which it starts those that are tested. */
import type { AnyProgram } from '../../apps/async/any-program.ts';
import { ANY_V4, IpAddress } from '../../packet/ip-address.ts';
import type { ScenarioRun } from '../../scenario/build/run.ts';
import type { ProgramInput } from '../../scenario/schema/programs.ts';
import type { ScenarioInput } from '../../scenario/schema/scenario.ts';
import { ConfigError } from '../../sim/errors.ts';
import { nearest } from '../../sim/nearest.ts';
import { formatDuration } from '../../sim/time.ts';
import type { Endpoint } from '../../sockets/api.ts';
import { nanosOf, type Span } from '../../sockets/blocking.ts';

export interface StageOptions {
  /** By which messages and tables call the program. Default: the name of the host, `server-2` for its second program. */
  readonly name?: string;
  /** When it begins. Default: 0s. */
  readonly at?: Span;
  /** Effective user id. Default: 0. */
  readonly uid?: number;
}

/** A built-in program and its parameters, or a list of calls, as in scenario files: `{ run: 'echo-server', port: 7 }`. */
export type BuiltIn = { readonly run: string } & Readonly<
  Record<string, string | number | boolean | readonly string[] | Readonly<Record<string, string>>>
>;

export class Stage {
  /** The network as it was drawn. */
  readonly scenario: ScenarioInput;
  readonly programs: Record<string, ProgramInput> = {};
  readonly actions: NonNullable<ScenarioInput['timeline']> = [];

  constructor(scenario: ScenarioInput) {
    this.scenario = scenario;
  }

  /** The names of the hosts, in the order of their declaration. */
  get hosts(): readonly string[] {
    return Object.keys(this.scenario.hosts ?? {});
  }

  /** The first address of a host. @throws ConfigError when it has none */
  address(host: string): IpAddress {
    const interfaces = Object.values(this.#host(host).interfaces ?? {});
    const written = interfaces.flatMap((each) =>
      typeof each === 'string' ? [each] : (each.addresses ?? []),
    );
    const [first] = written;
    if (first === undefined) throw new ConfigError(`'${host}' has no address`);
    return IpAddress.parse(first.split('/')[0]!);
  }

  /** Where a server on a host is reached. */
  endpoint(host: string, port: number): Endpoint {
    return { address: this.address(host), port };
  }

  /** Where a server binds that wants to be reached at every address of its host. */
  any(port: number): Endpoint {
    return { address: ANY_V4, port };
  }

  /**
   * Starts a program: a generator function, an async function, a function that sets callbacks, or a built-in one.
   * A host that crashes and comes back starts it anew; what the function closes over outlives the crash, as a disk does.
   */
  start(host: string, program: AnyProgram | BuiltIn, options: StageOptions = {}): void {
    this.#host(host);
    const { name = this.#freeName(host), at, uid } = options;
    if (Object.hasOwn(this.programs, name)) throw new ConfigError(`two programs are called '${name}'`);
    const base = {
      host,
      ...(at === undefined ? {} : { start: text(at) }),
      ...(uid === undefined ? {} : { uid }),
    };
    this.programs[name] = typeof program === 'function' ? { ...base, run: program } : { ...base, ...program };
  }

  /** Calls a function at an instant, before whatever else happens then. */
  at(time: Span, act: (run: ScenarioRun) => void): void {
    this.actions.push({ at: text(time), do: 'call', run: act as (run: never) => void });
  }

  #host(name: string) {
    const { hosts = {} } = this.scenario;
    const found = Object.hasOwn(hosts, name) ? hosts[name] : undefined;
    if (found !== undefined) return found;
    const like = nearest(name, this.hosts);
    const expected = like === null ? `one of ${this.hosts.join(', ')}` : `did you mean '${like}'?`;
    throw new ConfigError(`the network has no host '${name}'`, [], expected);
  }

  #freeName(host: string): string {
    const isTaken = (name: string) => Object.hasOwn(this.programs, name);
    if (!isTaken(host)) return host;
    let number = 2;
    while (isTaken(`${host}-${number}`)) number++;
    return `${host}-${number}`;
  }
}

function text(span: Span): string {
  return formatDuration(nanosOf(span));
}
