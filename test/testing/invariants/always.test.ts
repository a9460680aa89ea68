/** The always-on invariants: they hold of every shipped scenario, and each finds the fault that it is there for. */
import { describe, expect, it } from 'vitest';
import type { ScenarioRun } from '../../../src/scenario/build/run.ts';
import type { ScenarioInput } from '../../../src/scenario/schema/scenario.ts';
import { TcpSocket } from '../../../src/sockets/tcp/tcp-socket.ts';
import { ALWAYS } from '../../../src/testing/invariants/always.ts';
import { InvariantViolation } from '../../../src/testing/invariants/violation.ts';
import { runScenario } from '../../../src/testing/run/run-scenario.ts';
import { EXCHANGE } from '../packets/exchange.ts';
import { SHIPPED, shipped } from '../support/shipped.ts';

describe('the invariants', () => {
  it.each(SHIPPED)('hold of %s', async (name) => {
    runScenario(await shipped(name), { invariants: ALWAYS });
  });

  it('do not change a run', () => {
    expect(runScenario(EXCHANGE, { invariants: ALWAYS }).fingerprint).toBe(runScenario(EXCHANGE).fingerprint);
  });

  it.each<[string, string, (run: ScenarioRun) => void, RegExp]>([
    [
      'sequence order',
      '125ms',
      (run) => tcp(run).snd.una--,
      /of 10.0.0.2:\d+ <-> .*ESTABLISHED at 0.12.* snd.una went back/,
    ],
    ['sequence order', '125ms', (run) => tcp(run).rcv.copied++, /beyond rcv.nxt/],
    ['sequence order', '125ms', (run) => tcp(run).snd.nxt++, /beyond what was written/],
    [
      'no stray timer',
      '125ms',
      (run) => (tcp(run).timers.keepaliveAt = 126_000_000),
      /no event comes for the timer/,
    ],
    [
      'delivered bytes',
      '1s',
      (run) => run.programs.readings.push(run.programs.readings[0]!),
      /on server of 10.0.0.1:80 <- .* 6 bytes were read; byte 3 is not/,
    ],
    ['delivered bytes', '1s', (run) => run.programs.writings.splice(0), /that nobody wrote/],
    [
      'conservation of packets',
      '1s',
      (run) => run.network.cables[0]!.link!.a.rxFrames--,
      /1 frames are neither here nor there/,
    ],
    [
      'conservation of packets',
      '1s',
      (run) => {
        for (const frame of run.recorder.frames) frame.dropped = null;
      },
      /on server at .* neither delivered nor dropped: .*UDP/,
    ],
    [
      'demux uniqueness',
      '1s',
      (run) => {
        for (const frame of run.recorder.frames) if (frame.socket !== null) frame.socket += '; another';
      },
      /several sockets got/,
    ],
    [
      'demux uniqueness',
      '125ms',
      (run) => {
        const socket = socketOf(run);
        run.network.host('client').sockets.tcp.forgetFlow(socket);
        socket.isFiled = true;
      },
      /not found by its four-tuple/,
    ],
  ])('%s finds a fault planted at %s', (name, at, fault, words) => {
    const until = name === 'demux uniqueness' && at === '125ms' ? { until: '126ms' } : {};
    const slow = { ...EXCHANGE, ...until, timeline: [{ at, do: 'call', run: fault }] } as ScenarioInput;
    const broken = thrownBy(() => runScenario(slow, { invariants: ALWAYS }));
    expect(broken).toBeInstanceOf(InvariantViolation);
    expect(broken.message).toMatch(words);
    expect((broken as InvariantViolation).invariant).toBe(name);
  });

  it('no descriptor leak names who holds the socket', () => {
    const { httpd, browser } = EXCHANGE.programs as unknown as Record<string, { calls: string[] }>;
    const careless = {
      ...EXCHANGE,

      programs: { httpd: { ...httpd, calls: [...httpd!.calls.slice(0, -1), 'd = accept(s)'] }, browser },
    } as unknown as ScenarioInput;
    expect(() => runScenario(careless, { invariants: ALWAYS })).toThrow(
      /^no descriptor leak on server of 10.0.0.1:80 <-> 10.0.0.2:\d+ .*'httpd' holds it as fd 4 and will never close it/,
    );
  });

  it('are joined by those of the user', () => {
    const mine = {
      name: 'few events',
      check: () => {},
      watch: (run: ScenarioRun) => () => {
        if (run.network.simulator.events > 10) throw new Error('more than ten');
      },
    };
    expect(() => runScenario(EXCHANGE, { invariants: [...ALWAYS, mine] })).toThrow('more than ten');
  });
});

function socketOf(run: ScenarioRun): TcpSocket {
  const found = run.network.host('client').sockets.sockets.find((socket) => socket instanceof TcpSocket);
  if (found === undefined) throw new Error('the browser has no connection');
  return found;
}

function tcp(run: ScenarioRun) {
  return socketOf(run).connection!.tcb;
}

function thrownBy(act: () => unknown): Error {
  try {
    act();
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was thrown');
}
