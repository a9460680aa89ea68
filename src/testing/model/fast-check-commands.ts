/** The same commands for fast-check's own runner: `fc.commands` and `fc.modelRun`, on a network that the caller built. */
import type fc from 'fast-check';
import { MILLISECOND } from '../../sim/time.ts';
import type { Bench } from './bench.ts';
import { type Command, type CommandKinds, oneCommand } from './command.ts';
import type { NetworkModel } from './network-model.ts';

const GAP = 10 * MILLISECOND;

/**
 * Arbitraries for `fc.commands`. Each command runs the network on until the next is due.
 * @example fc.modelRun(() => ({ model: new StreamModel(), real: new Bench(network()) }), drawn)
 */
export function fastCheckCommands<M extends NetworkModel>(
  kinds: CommandKinds<M>,
): fc.Arbitrary<fc.Command<M, Bench>>[] {
  return Object.entries(kinds).map(([name, kind]) =>
    oneCommand(name, kind).map((drawn) => new KindCommand(kinds, drawn)),
  );
}

class KindCommand<M extends NetworkModel> implements fc.Command<M, Bench> {
  readonly #kinds: CommandKinds<M>;
  readonly #command: Command;

  constructor(kinds: CommandKinds<M>, command: Command) {
    this.#kinds = kinds;
    this.#command = command;
  }

  /** fast-check asks without the real thing; what needs it is asked again in {@link run}. */
  check(): boolean {
    return true;
  }

  run(model: M, bench: Bench): void {
    const kind = this.#kinds[this.#command.do]!;
    if (kind.check?.(model, bench, this.#command) ?? true) kind.run(model, bench, this.#command);
    bench.network.run({ until: bench.now + (kind.lasting?.(this.#command) ?? GAP) });
  }

  toString(): string {
    const { do: name, ...args } = this.#command;
    return `${name}(${Object.entries(args)
      .map(([key, value]) => `${key} ${value}`)
      .join(', ')})`;
  }
}
