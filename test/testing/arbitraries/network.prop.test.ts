/** Generated networks are scenarios without a fault, everybody reaches everybody, and they shrink to a wire. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ScenarioInput } from '../../../src/scenario/schema/scenario.ts';
import { lossPattern } from '../../../src/testing/arbitraries/impairments.ts';
import { type NetworkConstraints, network } from '../../../src/testing/arbitraries/network.ts';
import { topology } from '../../../src/testing/arbitraries/topology.ts';
import { completeScenario } from '../../../src/testing/run/complete.ts';
import { runScenario } from '../../../src/testing/run/run-scenario.ts';
import { runs } from '../../support/property.ts';

const ALL: NetworkConstraints = { hubs: true, routers: 3, impairments: {}, events: {} };

describe('a generated network', () => {
  it.each([4, 6, 'both'] as const)('is a valid scenario, family %s', (family) => {
    fc.assert(
      fc.property(network({ ...ALL, family }), (drawn) => {
        completeScenario(drawn);
      }),
      runs(200),
    );
  });

  it('refuses constraints that nothing meets, and lets one bound move the other', () => {
    const [five] = fc.sample(network({ hosts: { min: 5 } }), { numRuns: 1, seed: 1 });
    const [one] = fc.sample(network({ hosts: { max: 1 } }), 1);
    expect(Object.keys(five!.hosts ?? {})).toHaveLength(5);
    expect(Object.keys(one!.hosts ?? {})).toHaveLength(1);
    expect(() => network({ hosts: { min: 5, max: 2 } })).toThrow('there is no number of hosts from 5 to 2');
    expect(() => network({ hosts: ['a', 'b', 'a'] })).toThrow('two hosts have one name: a, b, a');
    expect(() => network({ impairments: { kinds: ['loose' as 'lose'] } })).toThrow(
      "'loose' is no kind of impairment",
    );
    expect(() => network({ events: { kinds: ['boom' as 'crash'] } })).toThrow("'boom' is no kind of event");
  });

  it('connects everybody with everybody', () => {
    fc.assert(
      fc.property(topology({ hubs: true, routers: 3 }), (drawn) => {
        const run = runScenario(withPings(drawn));
        expect(run.verdicts().filter(({ ok }) => !ok)).toEqual([]);
      }),
      runs(60),
    );
  });

  it('keeps its constraints', () => {
    const few = network({
      hosts: ['a', 'b', 'c'],
      routers: 1,
      impairments: { kinds: ['duplicate'], most: 2, among: 5 },
    });
    fc.assert(
      fc.property(few, (drawn) => {
        expect(Object.keys(drawn.hosts!)).toEqual(['a', 'b', 'c']);
        expect(Object.keys(drawn.routers ?? {}).length).toBeLessThanOrEqual(1);
        const rules = Object.values(drawn.links!).flatMap(
          (link) => (link as { impairments?: object[] }).impairments ?? [],
        );
        const packets = rules.flatMap((rule) => (rule as { packets: number[] }).packets);
        expect(new Set(rules.map((rule) => (rule as { do: string }).do)).size).toBeLessThanOrEqual(1);
        expect(packets.length).toBeLessThanOrEqual(2);
        expect(packets.every((packet) => packet >= 1 && packet <= 5)).toBe(true);
        expect(drawn.timeline).toBeUndefined();
      }),
      runs(200),
    );
  });

  it('reaches routers, switches, hubs and every kind of fault', () => {
    const words = fc
      .sample(network(ALL), 400)
      .map((drawn) => JSON.stringify(drawn))
      .join('\n');
    for (const word of [
      'r3',
      'lan1',
      'hub0',
      '"drop"',
      '"duplicate"',
      '"reorder"',
      '"corrupt"',
      '"link-down"',
      '"heal"',
      '"crash"',
    ])
      expect(words).toContain(word);
  });
});

describe('shrinking', () => {
  const WIRE = {
    title: 'a generated network',
    until: '1h',
    hosts: {
      h1: { interfaces: { eth0: { addresses: ['10.0.0.1/24'] } } },
      h2: { interfaces: { eth0: { addresses: ['10.0.0.2/24'] } } },
    },
    links: { 'h1-h2': { between: 'h1.eth0 -- h2.eth0' } },
  };

  it('ends at two hosts and a wire', () => {
    expect(smallest(network(ALL), () => true)).toEqual(WIRE);
  });

  it('ends at one fault on a wire when one is needed', () => {
    const found = smallest(network(ALL), (drawn) => JSON.stringify(drawn).includes('duplicate'));
    const impairments = [{ do: 'duplicate', from: 'h1', match: 'ip', packets: [1] }];
    expect(found).toEqual({ ...WIRE, links: { 'h1-h2': { ...WIRE.links['h1-h2'], impairments } } });
  });

  it('ends at one short event at the beginning when one is needed', () => {
    const found = smallest(network(ALL), (drawn) =>
      (drawn.timeline ?? []).some((action) => action.do === 'crash'),
    );
    expect(found).toEqual({
      ...WIRE,
      timeline: [
        { at: '0s', do: 'crash', host: 'h1' },
        { at: '1ms', do: 'restart', host: 'h1' },
      ],
    });
  });

  it('ends at a router between two hosts when one is needed', () => {
    const found = smallest(network(ALL), (drawn) => drawn.routers !== undefined);
    expect(Object.keys(found.hosts!)).toEqual(['h1', 'h2']);
    expect(Object.keys(found.routers!)).toEqual(['r1']);
    expect(Object.keys(found.links!)).toHaveLength(2);
    expect(found.switches).toBeUndefined();
  });

  it('of lost packets ends at the fewest and earliest', () => {
    const details = fc.check(
      fc.property(lossPattern(), (lost) => lost.length < 2),
      { numRuns: 500 },
    );
    expect(details.counterexample).toEqual([[1, 2]]);
  });
});

/** The smallest value that still has a trait. */
function smallest(
  arbitrary: fc.Arbitrary<ScenarioInput>,
  has: (drawn: ScenarioInput) => boolean,
): ScenarioInput {
  const details = fc.check(
    fc.property(arbitrary, (drawn) => !has(drawn)),
    { numRuns: 1000 },
  );
  if (details.counterexample === null) throw new Error('nothing has it');
  return details.counterexample[0];
}

function withPings(drawn: Pick<ScenarioInput, 'hosts'>): ScenarioInput {
  const names = Object.keys(drawn.hosts!);
  const pairs = names.flatMap((from) => names.filter((to) => to !== from).map((to) => ({ from, to })));
  return {
    title: 'pings',
    ...drawn,
    programs: Object.fromEntries(
      pairs.map(({ from, to }) => [`${from}-${to}`, { host: from, run: 'ping', to, count: 1 }]),
    ),
    expect: pairs.map(({ from, to }) => ({
      check: 'statistic',
      program: `${from}-${to}`,
      statistic: 'received',
      is: 1,
    })),
  };
}
