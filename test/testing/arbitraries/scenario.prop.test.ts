/** Generated scenarios run as they are: their calls are well typed, their traffic arrives, their tables have a winner. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { demuxScenario, demuxTable } from '../../../src/testing/arbitraries/demux-table.ts';
import { anyScenario } from '../../../src/testing/arbitraries/scenario.ts';
import { completeScenario } from '../../../src/testing/run/complete.ts';
import { runScenario } from '../../../src/testing/run/run-scenario.ts';
import { runs } from '../../support/property.ts';

describe('any scenario', () => {
  it('is valid, with faults, traffic and calls', () => {
    fc.assert(
      fc.property(anyScenario({ events: {}, calls: {}, hubs: true }), (drawn) => {
        completeScenario(drawn);
      }),
      runs(150),
    );
  });

  it('runs to its end, and the same again', () => {
    fc.assert(
      fc.property(anyScenario({ events: {}, calls: {}, traffic: { size: 5000 } }), (drawn) => {
        const run = runScenario(drawn);
        expect(runScenario(drawn).fingerprint).toBe(run.fingerprint);
      }),
      runs(40),
    );
  });

  it('has clients that end well where nothing goes wrong', () => {
    const quiet = anyScenario({ impairments: false, traffic: { size: 5000 }, delay: 5 });
    fc.assert(
      fc.property(quiet, (drawn) => {
        const run = runScenario(drawn);
        for (const name of Object.keys(drawn.programs ?? {}).filter((each) => each.startsWith('client')))
          expect(run.program(name).task, name).toMatchObject({ state: 'exited', status: 0 });
      }),
      runs(60),
    );
  });

  it('has calls that succeed and calls that fail', () => {
    const results = new Set<string>();
    for (const drawn of fc.sample(anyScenario({ traffic: false, calls: {}, impairments: false }), 80)) {
      const run = runScenario(drawn);
      for (const { records } of run.inner.programs.runs.values())
        for (const { call, result } of records) {
          expect(result, call.text).not.toBeNull();
          results.add(
            `${call.action.call} ${result?.kind === 'number' && result.value < 0 ? 'fails' : 'succeeds'}`,
          );
        }
    }
    for (const call of ['bind', 'connect', 'send', 'recv', 'accept', 'listen'])
      for (const end of ['succeeds', 'fails']) expect(results).toContain(`${call} ${end}`);
  });

  it('shrinks to one ping over a wire', () => {
    const { counterexample } = fc.check(
      fc.property(anyScenario({ hosts: ['a', 'b'], events: {} }), () => false),
    );
    expect(counterexample![0]).toMatchObject({
      links: { 'a-b': { between: 'a.eth0 -- b.eth0' } },
      programs: { 'client-1': { host: 'a', start: '0ms', run: 'ping', to: 'b', count: 1 } },
    });
  });
});

describe('a demux table', () => {
  it('gives every packet to one socket, or says that there is none', () => {
    fc.assert(
      fc.property(demuxTable(), (table) => {
        const run = runScenario(demuxScenario(table));
        const arrived = run.packets.filter(
          (packet) => packet.node === 'server' && packet.direction === 'in' && packet.ip !== null,
        );
        expect(arrived.length).toBeGreaterThanOrEqual(0);
        for (const { socket, dropped } of arrived) if (dropped === null) expect(socket).not.toContain(';');
      }),
      runs(100),
    );
  });

  it('has packets that find a socket, and packets that find none', () => {
    const fates = fc.sample(demuxTable({ kinds: ['udp'] }), 50).flatMap((table) =>
      runScenario(demuxScenario(table))
        .packets.filter(
          (packet) => packet.node === 'server' && packet.direction === 'in' && packet.ip !== null,
        )
        .map(({ rule, dropped }) => dropped ?? rule),
    );
    expect(new Set(fates).size).toBeGreaterThan(2);
  });
});
