/** Links under any traffic and any impairments: nothing vanishes uncounted, order holds, wire mode changes nothing. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ImpairmentRule } from '../../src/link/impairments/impairment.ts';
import { connect, type Link, type LinkOptions } from '../../src/link/link.ts';
import { RandomStreams } from '../../src/sim/random.ts';
import { Simulator } from '../../src/sim/simulator.ts';
import { runs } from '../support/property.ts';
import { numberedFrame, numberOf, Station } from './support.ts';

const indexes = fc.record({ indexes: fc.array(fc.nat({ max: 20 }), { maxLength: 4 }) });
const probability = fc.record({ probability: fc.double({ min: 0, max: 1, noNaN: true }) });
const selection = fc.oneof(indexes, probability, fc.constant({}));
const extraDelayNs = fc.nat({ max: 20_000 });

const inOrderRule: fc.Arbitrary<ImpairmentRule> = fc.oneof(
  selection.map((which): ImpairmentRule => ({ rule: 'loss', ...which })),
  selection.map((which): ImpairmentRule => ({ rule: 'duplicate', ...which })),
  fc
    .tuple(selection, extraDelayNs)
    .map(([which, extra]): ImpairmentRule => ({ rule: 'delay', extraDelayNs: extra, ...which })),
  extraDelayNs.map(
    (mean): ImpairmentRule => ({ rule: 'delay', jitterNs: { kind: 'exponential', mean: mean + 1 } }),
  ),
);
const anyRule: fc.Arbitrary<ImpairmentRule> = fc.oneof(
  { weight: 4, arbitrary: inOrderRule },
  { weight: 1, arbitrary: fc.constant<ImpairmentRule>({ rule: 'partition' }) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(selection, extraDelayNs)
      .map(([which, held]): ImpairmentRule => ({ rule: 'reorder', extraDelayNs: held, ...which })),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(selection, fc.constantFrom('bad' as const, 'recomputed' as const))
      .map(([which, fcs]): ImpairmentRule => ({ rule: 'corrupt', fcs, bits: 3, ...which })),
  },
);

type Action =
  | { readonly do: 'send'; readonly size: number }
  | { readonly do: 'wait'; readonly ns: number }
  | { readonly do: 'link'; readonly up: boolean };

const sending: fc.Arbitrary<Action> = fc.integer({ min: 4, max: 1500 }).map((size) => ({ do: 'send', size }));
const waiting: fc.Arbitrary<Action> = fc.nat({ max: 30_000 }).map((ns) => ({ do: 'wait', ns }));
const traffic = fc.array(fc.oneof({ weight: 4, arbitrary: sending }, waiting), { maxLength: 40 });
const traffickedLink = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: sending },
    { weight: 2, arbitrary: waiting },
    { weight: 1, arbitrary: fc.boolean().map((up): Action => ({ do: 'link', up })) },
  ),
  { maxLength: 60 },
);

interface Outcome {
  readonly simulator: Simulator;
  readonly a: Station;
  readonly b: Station;
  readonly link: Link;
  readonly sent: number;
  readonly seen: string[];
}

function run(
  rules: readonly ImpairmentRule[],
  actions: readonly Action[],
  options: Partial<LinkOptions> = {},
): Outcome {
  const simulator = new Simulator();
  const a = new Station(simulator, 1);
  const b = new Station(simulator, 2);
  const link = connect(simulator, a.device, b.device, {
    rateBps: 1e9,
    delayNs: 5000,
    queue: { packets: 5 },
    random: new RandomStreams(7),
    ...options,
  });
  for (const rule of rules) link.aToB.impair(rule);
  const seen: string[] = [];
  a.device.tap = { frame: () => {}, dropped: (reason) => seen.push(reason), demultiplexed: () => {} };
  let sent = 0;
  for (const action of actions) {
    if (action.do === 'send') a.device.send(numberedFrame(sent++, action.size));
    else if (action.do === 'wait') simulator.run({ until: simulator.now + action.ns });
    else link.setUp(action.up);
  }
  return { simulator, a, b, link, sent, seen };
}

describe('a link', () => {
  it('conserves frames: sent + duplicated = delivered + dropped by reason + in flight', () => {
    fc.assert(
      fc.property(fc.array(anyRule, { maxLength: 4 }), traffickedLink, (rules, actions) => {
        const { simulator, a, b, link, sent, seen } = run(rules, actions);
        const balance = (): number => b.received.length + b.device.drops.total + a.device.drops.total;
        // every pending event is one frame in flight
        expect(balance() + simulator.pending).toBe(sent + link.aToB.duplicated);
        simulator.run();
        expect(balance()).toBe(sent + link.aToB.duplicated);
        expect(seen.length).toBe(a.device.drops.total); // each drop was shown to the tap
      }),
      runs(400),
    );
  });

  it('keeps the order of frames without reordering rules', () => {
    fc.assert(
      fc.property(fc.array(inOrderRule, { maxLength: 4 }), traffic, (rules, actions) => {
        const { simulator, b } = run(rules, actions);
        simulator.run();
        const numbers = b.received.map(({ frame }) => numberOf(frame));
        expect(numbers).toEqual(numbers.toSorted((x, y) => x - y));
      }),
      runs(300),
    );
  });

  it('does in wire mode what it does otherwise, with the same fingerprint', () => {
    fc.assert(
      fc.property(fc.array(anyRule, { maxLength: 4 }), traffickedLink, (rules, actions) => {
        const outcomes = [false, true].map((wire) => {
          const { simulator, a, b } = run(rules, actions, { wire });
          simulator.run();
          return {
            fingerprint: simulator.fingerprint.toString(),
            drops: [a.device.drops.entries(), b.device.drops.entries()],
            counters: [a.device.txBytes, b.device.rxFrames, b.device.rxBytes],
            received: b.received.map(({ at, frame: { dst, src, etherType, payload } }) => {
              const bytes = new Uint8Array(Math.max(46, payload.size)); // padding is there or not
              payload.emit(bytes, 0, null);
              return { at, dst, src, etherType, bytes };
            }),
          };
        });
        expect(outcomes[1]).toEqual(outcomes[0]);
      }),
      runs(200),
    );
  });

  it('never has more waiting than its queue allows', () => {
    fc.assert(
      fc.property(traffic, fc.nat({ max: 4 }), (actions, packets) => {
        let delivered = 0;
        const { simulator, b, link, a, sent } = run([], actions, { queue: { packets } });
        expect(link.aToB.queuedPackets).toBeLessThanOrEqual(packets);
        simulator.run();
        delivered = b.received.length;
        expect(delivered + a.device.drops.count('link.queue-full')).toBe(sent);
      }),
      runs(200),
    );
  });
});
