/**
 * Bounded exhaustive search: it covers every combination, finds the smallest that fails, and what it does not follow
 * again would have told nothing new: on small scopes the outcomes with and without pruning are the same.
 */
import { describe, expect, it } from 'vitest';
import type { ScenarioInput } from '../../../src/scenario/schema/scenario.ts';
import { exploreFaults, FaultsFound, formatExploration } from '../../../src/testing/exhaustive/faults.ts';
import { exploreInterleavings, OrderFound } from '../../../src/testing/exhaustive/interleavings.ts';
import { tcp, udp } from '../../../src/testing/packets/transport.ts';
import type { TestRun } from '../../../src/testing/run/test-run.ts';
import { EXCHANGE } from '../packets/exchange.ts';

const BARE: ScenarioInput = {
  title: 'two hosts',
  hosts: EXCHANGE.hosts!,
  links: { cable: { between: 'client -- server', delay: '1ms' } },
  until: '300s',
};

/** A datagram that is asked for again until it is answered. */
const ASKING: ScenarioInput = {
  ...BARE,
  programs: {
    server: { host: 'server', run: 'echo-server', protocol: 'udp' },
    client: {
      host: 'client',
      run: 'calls',
      calls: [
        's = socket(udp)',
        'connect(s, server:7)',
        'send(s, "a")',
        'sleep(50ms)',
        'send(s, "b")',
        'sleep(5s)',
      ],
    },
  },
};

/** Datagrams that follow each other faster than they arrive. */
const BURST: ScenarioInput = {
  ...BARE,
  links: { cable: { between: 'client -- server', delay: '10ms' } },
  programs: {
    server: {
      host: 'server',
      run: 'calls',
      calls: ['s = socket(udp)', 'bind(s, *:7)', ...Array.from({ length: 6 }, () => 'recv(s, 10) = ?')],
    },
    client: {
      host: 'client',
      run: 'calls',
      calls: [
        's = socket(udp)',
        'connect(s, server:7)',
        'sleep(100ms)',
        ...['1', '2', '3'].flatMap((word) => [`send(s, "${word}")`, 'sleep(100us)']),
      ],
    },
  },
};

const STREAM: ScenarioInput = { ...EXCHANGE, links: BARE.links! };

/** All that a property could look at, without times. */
function outcome(run: TestRun): string {
  const states = run.network.hosts.map(({ name }) =>
    run.sockets(name).map(({ state, recvQueue }) => [state, recvQueue]),
  );
  const tasks = [...run.inner.programs.runs.values()].map(({ name, task }) => [
    name,
    task.state,
    task.status,
  ]);
  const read = run.readings.map(({ program, data }) => [program, new TextDecoder().decode(data.view())]);
  return JSON.stringify([states, tasks, read, run.now]);
}

describe('all faults of the first packets', () => {
  it.each([
    [1, 3],
    [2, 9],
    [3, 9],
  ])('of %i packets are three choices each, and it sends two', (packets, expected) => {
    const faults = ['lose', 'duplicate'] as const;
    const outcomes = new Set<string>();
    const scope = { link: 'cable', from: 'client', match: udp(), packets, faults, prune: false };
    const { runs, pruned } = exploreFaults(ASKING, scope, (run) => {
      outcomes.add(outcome(run));
    });
    expect({ runs, pruned }).toEqual({ runs: expected, pruned: 0 });
    expect(outcomes.size).toBeGreaterThan(1);
  });

  it.each<[string, ScenarioInput, Parameters<typeof exploreFaults>[1]]>([
    ['datagrams', ASKING, { link: 'cable', packets: 3, match: udp() }],
    [
      'a connection, lost and doubled',
      STREAM,
      { link: 'cable', packets: 4, faults: ['lose', 'duplicate'], match: tcp() },
    ],
    [
      'a burst, of which several are under way',
      BURST,
      { link: 'cable', from: 'client', packets: 3, match: udp() },
    ],
    ['a connection, late', STREAM, { link: 'cable', packets: 3, from: 'server', match: tcp() }],
  ])('of %s have the same outcomes pruned and unpruned', (_, scenario, scope) => {
    const gather = (prune: boolean) => {
      const outcomes = new Set<string>();
      const covered = exploreFaults(scenario, { ...scope, prune }, (run) => {
        outcomes.add(outcome(run));
      });
      return { outcomes: [...outcomes].sort(), covered };
    };
    const [all, pruned] = [gather(false), gather(true)];
    expect(pruned.outcomes).toEqual(all.outcomes);
    expect(pruned.covered.runs + pruned.covered.pruned).toBeLessThanOrEqual(all.covered.runs);
    expect(formatExploration(all.covered)).toBe(
      `${all.covered.runs} runs, 0 given up in a state that was met before, 0 states`,
    );
  });

  it('meet states again, where a fault makes no difference', () => {
    const { pruned } = exploreFaults(
      STREAM,
      { link: 'cable', packets: 6, faults: ['duplicate'], match: tcp() },
      () => {},
    );
    expect(pruned).toBeGreaterThan(0);
  });

  it('blame a wrong scope, or a check that nobody waits for, on whom it belongs to', () => {
    const explored = (scope: Partial<Parameters<typeof exploreFaults>[1]>, check: () => void) => () =>
      exploreFaults(ASKING, { link: 'cable', packets: 1, ...scope }, check);
    expect(explored({ from: 'clinet' }, () => {})).toThrow(/^'clinet' is at no end of link 'cable'$/);
    expect(explored({}, async () => {})).toThrow(/^the check returned a promise, and nobody waits for it$/);
  });

  it('show the fewest faults that do it', () => {
    const scope = { link: 'cable', packets: 3 };
    const once = (run: TestRun) => run.readings.filter(({ program }) => program === 'server').length === 2;
    expect(() => exploreFaults(ASKING, scope, once)).toThrow(FaultsFound);
    expect(() => exploreFaults(ASKING, scope, once)).toThrow(
      /^the check returned false\nwhen this happens to packets:\n {2}lose packet 1: .*UDP/,
    );
    expect(() => exploreFaults(ASKING, { ...scope, limit: 3 }, () => {})).toThrow(
      /^3 runs were made, and \d+ prefixes/,
    );
  });
});

describe('all orders of calls', () => {
  const server = { host: 'server', calls: ['s = socket(tcp)', 'bind(s, *:80)', 'listen(s, 1)'] };
  const other = { host: 'server', calls: ['t = socket(tcp)', 'bind(t, *:81) = ?', 'listen(t, 1) = ?'] };
  const client = { host: 'client', calls: ['c = socket(tcp)', 'connect(c, server:80)', 'close(c)'] };

  it('are as many as there are ways to merge them', () => {
    const orders = new Set<string>();
    const scope = { programs: { server, other }, prune: false };
    const { runs } = exploreInterleavings(BARE, scope, ({ inner }) => {
      orders.add(JSON.stringify(inner.programs.runs.get('other')!.records.map(({ startedAt }) => startedAt)));
    });
    expect(runs).toBe(20); // 6 over 3
    expect(orders.size).toBe(20);
  });

  it.each([
    ['of strangers', { server, other }],
    ['of a server and its client', { server, client }],
    [
      'of two that want one port',
      { server, other: { ...other, calls: other.calls.map((call) => call.replace('81', '80')) } },
    ],
  ])('%s have the same outcomes pruned and unpruned', (_, programs) => {
    const gather = (prune: boolean) => {
      const outcomes = new Set<string>();
      const covered = exploreInterleavings(BARE, { programs, prune }, (run) => {
        const results = [...run.inner.programs.runs.values()].map(({ records }) =>
          records.map(({ result }) => result),
        );
        outcomes.add(JSON.stringify(results));
      });
      return { outcomes: [...outcomes].sort(), covered };
    };
    const [all, pruned] = [gather(false), gather(true)];
    expect(pruned.outcomes).toEqual(all.outcomes);
    expect(pruned.covered.runs).toBeLessThan(all.covered.runs);
  });

  it('show the order that fails', () => {
    const connects = (run: TestRun) => run.program('client').task.status === 0;
    const found = () => exploreInterleavings(BARE, { programs: { server, client } }, connects);
    expect(found).toThrow(OrderFound);
    expect(found).toThrow(
      /^the check returned false\nwhen calls come in this order:\n {2}server: s = socket\(tcp\)\n/,
    );
  });
});
