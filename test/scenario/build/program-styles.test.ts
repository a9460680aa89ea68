/** Programs of scenarios in three styles, functions in timelines and expectations, and what goes wrong with them. */
import { setTimeout as realTime } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { AnyProgram } from '../../../src/apps/async/any-program.ts';
import { IpAddress } from '../../../src/packet/ip-address.ts';
import { Payload } from '../../../src/packet/payload.ts';
import { ScenarioRun } from '../../../src/scenario/build/run.ts';
import type { ScenarioInput } from '../../../src/scenario/schema/scenario.ts';
import type { Socket } from '../../../src/sockets/api.ts';
import { recv, recvWithin, sendAll, sleep } from '../../../src/sockets/blocking.ts';
import { completeScenario } from '../../../src/testing/run/complete.ts';
import { runScenarioAsync } from '../../../src/testing/run/run-scenario.ts';

const TO = { address: IpAddress.parse('10.0.0.1'), port: 7 };
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

function scenarioWith(client: AnyProgram, more: Partial<ScenarioInput> = {}): ScenarioInput {
  return {
    title: 'styles',
    hosts: {
      client: { interfaces: { eth0: '10.0.0.2/24' } },
      server: { interfaces: { eth0: '10.0.0.1/24' } },
    },
    links: { cable: 'client -- server' },
    programs: {
      echo: { host: 'server', run: 'echo-server', protocol: 'udp' },
      client: { host: 'client', start: '1ms', run: client },
    },
    ...more,
  };
}

function udp(context: { process: { socket(kind: 'udp'): Socket | number } }): Socket {
  const socket = context.process.socket('udp') as Socket;
  socket.connect(TO);
  return socket;
}

const STYLES: Record<string, AnyProgram> = {
  *generator(context) {
    const socket = udp(context);
    yield* sendAll(socket, Payload.text('hello'));
    const received = yield* recv(socket, 100);
    if (typeof received !== 'number') context.print(text(received.data.view()));
    yield* sleep('5ms');
    return 3;
  },
  async async(context) {
    const socket = udp(context);
    await context.call(sendAll(socket, Payload.text('hello')));
    const received = await context.call(recv(socket, 100));
    if (typeof received !== 'number') context.print(text(received.data.view()));
    await context.call(sleep('5ms'));
    return 3;
  },
  callbacks(context) {
    const socket = udp(context);
    socket.send(Payload.text('hello'));
    context.on(socket, () => {
      const received = socket.recv(100);
      if (typeof received !== 'number') context.print(text(received.data.view()));
      socket.close();
      context.after('5ms', () => context.exit(3));
    });
  },
};

describe('a program may be written', () => {
  it.each(Object.entries(STYLES))('in the style of %s', async (_, program) => {
    const run = await runScenarioAsync(scenarioWith(program));
    expect(run.printed('client').map(({ line }) => line)).toEqual(['hello']);
    expect(run.program('client').task).toMatchObject({ state: 'exited', status: 3 });
    expect(run.program('client').task.endedAt).toBeGreaterThanOrEqual(6e6);
    const again = await runScenarioAsync(scenarioWith(program));
    expect(again.fingerprint).toBe(run.fingerprint);
  });

  it('with callbacks that ignore a ready socket: the clock stands still, and the run is stopped', async () => {
    const run = runScenarioAsync(
      scenarioWith((context) => {
        const socket = udp(context);
        socket.send(Payload.text('hello'));
        context.on(socket, () => {});
      }),
      { maxEvents: 5000 },
    );
    await expect(run).rejects.toThrow(/program 'client' on client still runs, in poll\(fd 3\)/);
  });
});

describe('what goes wrong in a program', () => {
  it.each(['generator', 'async'] as const)('names host, call and time: %s', async (style) => {
    const fail = () => {
      throw new Error('boom');
    };
    const programs: Record<typeof style, AnyProgram> = {
      *generator(context) {
        yield* recvWithin(udp(context), 10, '2ms');
        fail();
      },
      async async(context) {
        await context.call(recvWithin(udp(context), 10, '2ms'));
        fail();
      },
    };
    await expect(runScenarioAsync(scenarioWith(programs[style]))).rejects.toThrow(
      "program 'client' on host 'client' threw after recv(fd 3) at 0.003000000 s: Error: boom",
    );
  });

  it('says what an async program must not await', async () => {
    const waits = scenarioWith(async (context) => {
      await context.call(sleep('4ms'));
      await realTime(1);
    });
    await expect(runScenarioAsync(waits)).rejects.toThrow(
      "program 'client' on host 'client' awaits something outside the simulation after sleep at 0.005000 s",
    );
  });

  it('says that async programs must be awaited', () => {
    const run = new ScenarioRun(completeScenario(scenarioWith(STYLES['async']!)));
    expect(() => run.run()).toThrow('a program of the scenario is async: the run must be awaited');
  });
});

describe('functions of a scenario', () => {
  it('act at an instant, and judge the run', async () => {
    const seen: number[] = [];
    const run = await runScenarioAsync(
      scenarioWith(STYLES['generator']!, {
        timeline: [
          { at: '2ms', do: 'call', run: (now: ScenarioRun) => void seen.push(now.network.simulator.now) },
        ],
        expect: [
          { check: 'holds', name: 'two is even', that: () => {} },
          {
            check: 'holds',
            name: 'three is even',
            that: (over: ScenarioRun) => {
              throw new Error(`not at ${over.network.simulator.now}`);
            },
          },
        ],
      }),
    );
    expect(seen).toEqual([2e6]);
    expect(run.verdicts()).toEqual([
      { name: 'two is even', ok: true, detail: 'it holds' },
      { name: 'three is even', ok: false, detail: `not at ${run.now}` },
    ]);
  });
});
