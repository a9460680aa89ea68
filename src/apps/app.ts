/**
 * A built-in program: a name, its parameters, the statistics that it keeps, and what it does. Programs use the
 * socket API only, and know nothing of the stack below it.
 */
import { errnoName } from '../network/errno.ts';
import type { Program, ProgramContext, Running } from '../sockets/program.ts';
import { completeValues, type GivenValues, type ParameterTable, type Values } from './parameters.ts';

/** What a program counts while it runs: plain data. Times are ns. */
export type Statistics = Record<string, number | string | boolean | null | readonly (number | string)[]>;

export interface App<P extends ParameterTable = ParameterTable, S extends Statistics = Statistics> {
  readonly name: string;
  /** What it does, in one or two sentences. */
  readonly doc: string;
  readonly parameters: P;
  /** Fresh statistics, before anything has happened. */
  readonly statistics: () => S;
  readonly run: (context: ProgramContext, parameters: Values<P>, statistics: S) => Running;
}

/** A program that is ready to be started once, and the statistics that it will keep. */
export interface Launch<S extends Statistics = Statistics> {
  readonly program: Program;
  readonly statistics: S;
}

/** Describes a program; the identity function, for its types. */
export function app<const P extends ParameterTable, S extends Statistics>(description: App<P, S>): App<P, S> {
  return description;
}

/**
 * Prepares a program.
 * @throws ConfigError when the parameters are not what it takes
 */
export function launch<P extends ParameterTable, S extends Statistics>(
  description: App<P, S>,
  given: GivenValues<P>,
): Launch<S> {
  const values = completeValues(description.parameters, given);
  const statistics = description.statistics();
  return { program: (context) => description.run(context, values, statistics), statistics };
}

/** Says on standard output which call failed and why. @returns the exit status 1 */
export function fail(context: ProgramContext, call: string, errno: number): number {
  context.print(`${call}: ${errnoName(errno)}`);
  return 1;
}
