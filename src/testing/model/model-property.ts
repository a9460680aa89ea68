/**
 * Model-based testing as a property like any other: the input is a sequence of commands, each done at its virtual time to
 * the network and to the model. What fails is shrunk, written and replayed as every counterexample is.
 */
import type { Arbitrary } from 'fast-check';
import type { ScenarioInput } from '../../scenario/schema/scenario.ts';
import { ConfigError, InvariantError } from '../../sim/errors.ts';
import { formatTime, MILLISECOND } from '../../sim/time.ts';
import type { Invariant } from '../invariant.ts';
import { type NetworkProperty, networkProperty } from '../property/network-property.ts';
import { Bench } from './bench.ts';
import { type Command, type CommandKinds, commands } from './command.ts';
import type { NetworkModel } from './network-model.ts';

export interface ModelPropertySpec<M extends NetworkModel> {
  /** What holds, in words. */
  readonly name: string;
  /** `import.meta.url`, as with every property. */
  readonly module?: string;
  readonly network: Arbitrary<ScenarioInput>;
  /** A fresh model. */
  readonly model: () => M;
  /** What may be done: ready ones such as {@link streamCommands}, and the user's own. */
  readonly commands: CommandKinds<M>;
  /** At most so many commands. Default: 20. */
  readonly most?: number;
  readonly invariants?: readonly Invariant[];
}

const GAP = 10 * MILLISECOND;
const MOST = 20;

/** States that the network does what the model does. It is checked by `checkNetwork`. */
export function modelProperty<M extends NetworkModel>(
  spec: ModelPropertySpec<M>,
): NetworkProperty<Command[]> {
  const { name, module, network, invariants, most = MOST } = spec;
  return networkProperty<Command[]>({
    name,
    network,
    ...(module === undefined ? {} : { module }),
    ...(invariants === undefined ? {} : { invariants }),
    input: commands(spec.commands, most),
    play: (stage, sequence) => {
      const model = spec.model();
      const state: { bench: Bench | null; failure: { error: unknown } | null } = {
        bench: null,
        failure: null,
      };
      let at = GAP;
      for (const [i, one] of sequence.entries()) {
        const kind = spec.commands[one.do];
        if (kind === undefined) throw new ConfigError(`the model has no command '${one.do}'`);
        stage.at(at, ({ network: real }) => {
          state.bench ??= new Bench(real);
          if (state.failure !== null) return;
          try {
            if (kind.check?.(model, state.bench, one) ?? true) kind.run(model, state.bench, one);
          } catch (error) {
            if (error instanceof InvariantError) throw error;
            state.failure = { error: namedError(error, i, one, state.bench) };
          }
        });
        at += kind.lasting?.(one) ?? GAP;
      }
      return (run) => {
        if (state.failure !== null) throw state.failure.error;
        model.atEnd(state.bench ?? new Bench(run.network), run);
      };
    },
  });
}

function namedError(error: unknown, index: number, { do: name, ...args }: Command, { now }: Bench): Error {
  const what = error instanceof Error ? error.message : String(error);
  const words = Object.entries(args).map(([key, value]) => `${key} ${value}`);
  const time = formatTime(now).slice(0, -3);
  return new Error(`command ${index + 1}, ${name}(${words.join(', ')}) at ${time} s: ${what}`, {
    cause: error,
  });
}
