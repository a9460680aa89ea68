/** Programs with async/await: the same order in every run, and the engine's clock. */
import { describe, expect, it } from 'vitest';
import { AsyncPrograms } from '../../src/apps/async/async-programs.ts';
import { RandomStreams } from '../../src/sim/random.ts';
import { Simulator } from '../../src/sim/simulator.ts';
import { MILLISECOND } from '../../src/sim/time.ts';
import type { Received } from '../../src/sockets/api.ts';
import { recv, sleep } from '../../src/sockets/blocking.ts';
import { ProgramScheduler } from '../../src/sockets/program.ts';
import { FakeProcess, FakeSocket } from '../sockets/fake-socket.ts';

function bench() {
  const simulator = new Simulator();
  const scheduler = new ProgramScheduler(simulator, 'alice');
  const adapter = new AsyncPrograms(simulator);
  const lines: string[] = [];
  const start = (name: string, main: Parameters<typeof adapter.program>[0]) =>
    scheduler.start(
      adapter.program(main),
      new FakeProcess(name),
      new RandomStreams(1).stream(name),
      simulator.now,
      ({ time, program, line }) => lines.push(`${time / MILLISECOND} ${program} ${line}`),
    );
  return { simulator, adapter, lines, start };
}

describe('an async program', () => {
  it('awaits blocking calls in virtual time', async () => {
    const { adapter, lines, start, simulator } = bench();
    const socket = new FakeSocket();
    const task = start('a', async (context) => {
      await context.call(sleep('10ms'));
      context.print('slept');
      const received = (await context.call(recv(socket, 10))) as Received;
      context.print(`${received.data.size} bytes`);
      return 5;
    });
    const script = simulator.addPlace('script', { onEvent: () => socket.arrive('hello') });
    simulator.at(30 * MILLISECOND, script, 0, null);
    expect(await adapter.run()).toBe('idle');
    expect(lines).toEqual(['10 a slept', '30 a 5 bytes']);
    expect(task).toMatchObject({ state: 'exited', status: 5, endedAt: 30 * MILLISECOND });
  });

  it('may await several calls at once, through promises of its own', async () => {
    const run = async () => {
      const { adapter, lines, start, simulator } = bench();
      for (const name of ['a', 'b']) {
        start(name, async (context) => {
          const nap = async (ms: number) => {
            await context.call(sleep(ms * MILLISECOND));
            await Promise.resolve().then(() => {});
            context.print(`woke after ${ms}`);
          };
          await Promise.all([nap(3), nap(1), nap(2)]);
          return 0;
        });
      }
      await adapter.run();
      return [lines, simulator.fingerprint.toString()];
    };
    const [lines, fingerprint] = await run();
    expect(lines).toEqual([
      '1 a woke after 1',
      '1 b woke after 1',
      '2 a woke after 2',
      '2 b woke after 2',
      '3 a woke after 3',
      '3 b woke after 3',
    ]);
    expect(await run()).toEqual([lines, fingerprint]);
  });

  it('that rejects stops the run with its name', async () => {
    const { adapter, start } = bench();
    start('buggy', async (context) => {
      await context.call(sleep('2ms'));
      throw new RangeError('nonsense');
    });
    await expect(adapter.run()).rejects.toThrow(
      "program 'buggy' on host 'alice' threw after sleep at 0.002000000 s: RangeError: nonsense",
    );
  });
});
