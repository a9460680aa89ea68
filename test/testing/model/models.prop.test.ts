/** The ready models hold of the simulated hosts; planted bugs are found and shrunk; users add to both. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { network } from '../../../src/testing/arbitraries/network.ts';
import { Bench } from '../../../src/testing/model/bench.ts';
import { command } from '../../../src/testing/model/command.ts';
import { datagramCommands } from '../../../src/testing/model/datagram-commands.ts';
import { DatagramModel } from '../../../src/testing/model/datagram-model.ts';
import { fastCheckCommands } from '../../../src/testing/model/fast-check-commands.ts';
import { modelProperty } from '../../../src/testing/model/model-property.ts';
import { streamCommands } from '../../../src/testing/model/stream-commands.ts';
import { StreamModel } from '../../../src/testing/model/stream-model.ts';
import { CounterexampleError, checkNetwork } from '../../../src/testing/property/check-network.ts';
import { pair } from '../../support/lan.ts';
import { runs } from '../../support/property.ts';

const networks = network({ routers: 1, impairments: { kinds: ['lose', 'reorder', 'corrupt'] } });

describe('the model', () => {
  it('of a reliable byte stream holds of TCP', async () => {
    const streams = modelProperty({
      name: 'TCP is a reliable byte stream',
      network: networks,
      model: () => new StreamModel(),
      commands: streamCommands(),
      most: 40,
    });
    await checkNetwork(streams, { ...runs(300), sink: null });
  });

  it('of a datagram service holds of UDP, with copies where the network makes them', async () => {
    const datagrams = (copies: boolean) =>
      modelProperty({
        name: 'UDP is a datagram service',
        network: network({ routers: 1, ...(copies ? {} : { impairments: { kinds: ['lose', 'corrupt'] } }) }),
        model: () => new DatagramModel({ copies }),
        commands: datagramCommands(),
        most: 30,
      });
    await checkNetwork(datagrams(false), { ...runs(200), sink: null });
    await checkNetwork(datagrams(true), { ...runs(200), sink: null });
    const error = await checkNetwork(
      { ...datagrams(false), network: network({ impairments: { kinds: ['duplicate'] } }) },
      { seed: 1, numRuns: 1000, sink: null },
    ).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(CounterexampleError);
    const { testCase, message } = error as CounterexampleError;
    expect(message).toMatch(/read datagram 0 2 times/);
    const steps = (testCase.input as { do: string }[]).map((each) => each.do);
    expect(steps.toSorted()).toEqual(['bind', 'bind', 'send']);
  });

  it('looks at what arrives: one that forbids it fails with four commands', async () => {
    class Silent extends StreamModel {
      override read(...args: Parameters<StreamModel['read']>): void {
        super.read(...args);
        if (args[1].read > 0) throw new Error('a byte arrived');
      }
    }
    const silence = modelProperty({
      name: 'silence',
      network: networks,
      model: () => new Silent(),
      commands: streamCommands<Silent>(),
    });
    const error = await checkNetwork(silence, { seed: 1, numRuns: 300, sink: null }).catch((e: unknown) => e);
    const { testCase } = error as CounterexampleError;
    const steps = (testCase.input as { do: string }[]).map((each) => each.do);
    expect(steps).toEqual(['listen', 'connect', 'send']);
    expect(Object.keys(testCase.scenario.links!)).toHaveLength(1);
  });

  it('may be extended: a command of the user, and what it demands', async () => {
    class Counting extends StreamModel {
      flushes = 0;
    }
    const counting = modelProperty({
      name: 'nobody flushes twice',
      network: network({ impairments: false }),
      model: () => new Counting(),
      commands: {
        ...streamCommands<Counting>(),
        flush: command<Counting, { kind: string }>({
          arguments: { kind: fc.constantFrom('soft', 'hard') },
          run: (model, _bench, { kind }) => {
            if (kind === 'hard' && ++model.flushes > 1) throw new Error('flushed twice');
          },
        }),
      },
    });
    const error = await checkNetwork(counting, { seed: 1, numRuns: 300, sink: null }).catch(
      (e: unknown) => e,
    );
    const { testCase, message } = error as CounterexampleError;
    expect(testCase.input).toEqual([
      { do: 'flush', kind: 'hard' },
      { do: 'flush', kind: 'hard' },
    ]);
    expect(message).toContain('command 2, flush(kind hard) at 0.020000 s: flushed twice');
  });
});

it("runs under fast-check's own runner", () => {
  fc.assert(
    fc.property(fc.commands(fastCheckCommands(streamCommands<StreamModel>())), (drawn) => {
      fc.modelRun(() => ({ model: new StreamModel(), real: new Bench(pair()) }), drawn);
    }),
    runs(50),
  );
});
