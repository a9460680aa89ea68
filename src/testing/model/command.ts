/**
 * Commands of model-based tests. A command is data (`{ do: 'send', connection: 0, bytes: 10 }`), so that a sequence of
 * them can be stored and run again; what it means stands in a table of kinds, to which users add their own.
 */
import fc from 'fast-check';
import type { Nanos } from '../../sim/time.ts';
import type { Bench } from './bench.ts';
import type { NetworkModel } from './network-model.ts';

/** What the arguments of a command are: plain data with names. */
export type Arguments = Readonly<Record<string, number | string | boolean>>;

/** One call of a sequence. */
export type Command = { readonly do: string } & Arguments;

export interface CommandKind<M extends NetworkModel, A extends Arguments = Arguments> {
  /** What is drawn for it. Numbers may stand for anything there is by being taken modulo its count. */
  readonly arguments: { readonly [K in keyof A]: fc.Arbitrary<A[K]> };
  /** How often it is drawn beside the others. Default: 1. */
  readonly weight?: number;
  /** May it be done as things stand? A command that may not is left out. Default: always. */
  check?(model: Readonly<M>, bench: Bench, args: A): boolean;
  /** Does it to the network and to the model; throws where the two part. */
  run(model: M, bench: Bench, args: A): void;
  /** Virtual time until the next command, ns. Default: 10 ms. */
  lasting?(args: A): Nanos;
}

/** By name. A kind's own arguments are known where it is declared, and forgotten in the table. */
export type CommandKinds<M extends NetworkModel> = Readonly<Record<string, CommandKind<M>>>;

/** Declares a kind; its arguments are typed by their arbitraries. */
export function command<M extends NetworkModel, A extends Arguments>(
  kind: CommandKind<M, A>,
): CommandKind<M> {
  return kind as unknown as CommandKind<M>;
}

/** Sequences of commands. Shrinks to fewer, each with smaller arguments. */
export function commands<M extends NetworkModel>(
  kinds: CommandKinds<M>,
  most: number,
): fc.Arbitrary<Command[]> {
  const one = Object.entries(kinds).map(([name, kind]) => ({
    weight: kind.weight ?? 1,
    arbitrary: oneCommand(name, kind),
  }));
  return fc.array(fc.oneof(...one), { maxLength: most, size: 'max' });
}

/** A command of one kind. */
export function oneCommand<M extends NetworkModel>(
  name: string,
  kind: CommandKind<M>,
): fc.Arbitrary<Command> {
  return fc.record({ do: fc.constant(name), ...kind.arguments }) as fc.Arbitrary<Command>;
}
