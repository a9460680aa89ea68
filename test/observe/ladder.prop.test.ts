/** A ladder never loses an event, whatever was recorded. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { drawLadder } from '../../src/observe/ladder.ts';
import { passagesBetween, strayDropsOf } from '../../src/observe/passages.ts';
import { runs } from '../support/property.ts';
import { forwarded, Recording, udpFrame } from './frames.ts';

const NODES = ['a', 'b', 'c'] as const;

/** What happens to the n-th frame that was made: it leaves or enters a node, perhaps a hop later, or is dropped. */
const steps = fc.array(
  fc.record({
    what: fc.constantFrom('out', 'in', 'drop', 'stray'),
    node: fc.constantFrom(...NODES),
    frame: fc.nat(5),
    isForwarded: fc.boolean(),
    after: fc.nat(1000),
  }),
  { maxLength: 40 },
);

it('every departure, arrival and drop at a chosen node is in exactly one passage', () => {
  fc.assert(
    fc.property(steps, fc.subarray([...NODES], { minLength: 1 }), (script, nodes) => {
      const { frames, strayDrops } = play(script);
      const passages = passagesBetween(frames, nodes);
      const here = frames.filter(({ node }) => nodes.includes(node as 'a'));
      const departures = here.filter(({ direction }) => direction === 'out');
      const arrivals = here.filter(({ direction }) => direction === 'in');
      expect(passages.flatMap(({ arrival }) => arrival ?? []).sort(byOrder(frames))).toEqual(arrivals);
      // A departure may be shared by copies of the packet; none is missing.
      expect(new Set(passages.flatMap(({ departure }) => departure ?? []))).toEqual(new Set(departures));
      for (const { departure, arrival } of passages) {
        if (departure === null || arrival === null) continue;
        expect(departure.time).toBeLessThanOrEqual(arrival.time);
        expect(departure.node).not.toBe(arrival.node);
      }
      const rows = drawLadder(frames, strayDrops, { nodes });
      expect(rows.length).toBe(1 + passages.length + strayDropsOf(strayDrops, nodes).length);
    }),
    runs(300),
  );
});

function play(script: typeof steps extends fc.Arbitrary<infer T> ? T : never) {
  const recording = new Recording();
  const frames = Array.from({ length: 6 }, (_, i) => udpFrame(`10.0.0.1:${i}`, '10.0.0.2:9', i));
  const later = frames.map(forwarded);
  let now = 0;
  for (const { what, node, frame, isForwarded, after } of script) {
    now += after;
    recording.at(now);
    const chosen = (isForwarded ? later : frames)[frame]!;
    if (what === 'out') recording.out(node, chosen);
    else if (what === 'in') recording.in(node, chosen);
    else recording.tap(node).dropped('link.lost', what === 'drop' ? chosen : null);
  }
  return recording.recorder;
}

function byOrder<T>(all: readonly T[]) {
  return (a: T, b: T) => all.indexOf(a) - all.indexOf(b);
}
