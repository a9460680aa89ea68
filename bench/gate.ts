/**
 * `npm run bench -- --gate`: ratios that do not depend on the machine, against bounds. Both sides of a ratio are run in
 * turn, several times, and the cheapest run of each counts: neighbours add to a cost, they never take from it. What a
 * bound catches is a cost that has begun to grow with the number of connections, devices or sockets, or a hop that does
 * several times its work.
 */
import { runCase } from './measure.ts';
import type { Figures } from './plan.ts';

interface Ratio {
  readonly what: string;
  readonly over: string;
  readonly under: string;
  /** The cost that is compared. */
  readonly cost: (figures: Figures) => number;
  /** Of the case `under`, when its cost is another one. */
  readonly costUnder?: (figures: Figures) => number;
  /** What it was on a quiet machine; on a busy one, whose caches are shared, it must not pass `bound`. */
  readonly measured: number;
  readonly bound: number;
}

const perHop = (figures: Figures): number => figures.cpuSeconds / Number(figures['packetHops']);
const perEvent = (figures: Figures): number => figures.cpuSeconds / Number(figures['events']);
const perLookup = (figures: Figures): number => figures.cpuSeconds / Number(figures['lookups']);

const RATIOS: readonly Ratio[] = [
  {
    what: 'a segment among 10,000 connections, to one among 100',
    over: 'many-connections/10000',
    under: 'many-connections/100',
    cost: perHop,
    measured: 1.5,
    bound: 2.6,
  },
  {
    what: 'a hop in 256 chains, to one in a single chain',
    over: 'many-devices/256',
    under: 'many-devices/1',
    cost: perHop,
    measured: 3.5,
    bound: 12,
  },
  {
    what: 'a lookup among 1,000,000 connections, to one among 1,000',
    over: 'demux/1000000',
    under: 'demux/1000',
    cost: perLookup,
    measured: 9,
    bound: 25,
  },
  {
    what: 'a hop, to one bare operation of the event queue',
    over: 'udp-chain/16',
    under: 'hold/1000',
    cost: perHop,
    costUnder: perEvent,
    measured: 2.7,
    bound: 5,
  },
];

const ROUNDS = 3;

/** @returns whether all ratios are within their bounds */
export function gate(): boolean {
  const least = new Map<string, Figures>();
  for (let round = 0; round < ROUNDS; round++) {
    for (const name of new Set(RATIOS.flatMap(({ under, over }) => [under, over]))) {
      const figures = runCase(name);
      const known = least.get(name);
      if (known === undefined || figures.cpuSeconds < known.cpuSeconds) least.set(name, figures);
    }
  }
  return RATIOS.map((ratio) => {
    const { what, over, under, cost, costUnder = cost, measured, bound } = ratio;
    const value = cost(least.get(over)!) / costUnder(least.get(under)!);
    const verdict = value <= bound ? 'ok  ' : 'FAIL';
    process.stdout.write(`${verdict} ${what}: ${value.toFixed(2)}; bound ${bound}, once ${measured}\n`);
    return value <= bound;
  }).every(Boolean);
}
