/** Longest prefix match against a scan over all routes. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type FibRoute, FibTable } from '../../src/network/fib.ts';
import { maskOf } from '../../src/packet/prefix.ts';
import { runs } from '../support/property.ts';

/** Few bits in few places, so that prefixes nest and addresses hit them. */
const bits = fc
  .tuple(fc.nat(3), fc.nat(3), fc.nat(3), fc.nat(3))
  .map(([a, b, c, d]) => ((a << 30) | (b << 20) | (c << 10) | d) >>> 0);
const routes = fc
  .record({ network: bits, length: fc.nat(32), metric: fc.nat(2), scope: fc.constantFrom(0, 253) })
  .map(
    ({ network, length, metric, scope }): FibRoute => ({
      network: (network & maskOf(length)) >>> 0,
      length,
      metric,
      scope,
      type: 'unicast',
      gateway: null,
      iface: null,
      preferredSource: null,
      mtu: 0,
      isKernels: false,
      metrics: null,
      exceptions: new Map(),
    }),
  );

describe('a routing table', () => {
  it('finds the longest prefix, then the lowest metric, then the oldest route', () => {
    fc.assert(
      fc.property(
        fc.array(routes, { maxLength: 40 }),
        fc.array(fc.nat(39), { maxLength: 10 }),
        fc.array(bits, { minLength: 1, maxLength: 20 }),
        fc.constantFrom(0, 253),
        (all, gone, destinations, scope) => {
          const table = new FibTable();
          for (const route of all) table.insert(route, true);
          const removed = new Set(gone.map((index) => all[index]));
          table.remove((route) => removed.has(route));
          const left = all.filter((route) => !removed.has(route));
          for (const dst of destinations) expect(table.lookup(dst, scope, null)).toBe(scan(left, dst, scope));
          expect(new Set(table.all())).toEqual(new Set(left));
        },
      ),
      runs(300),
    );
  });

  it('refuses a second route of one prefix and metric unless told to append', () => {
    fc.assert(
      fc.property(routes, (route) => {
        const table = new FibTable();
        expect(table.insert(route, false)).toBe(0);
        expect(table.insert({ ...route }, false)).toBeLessThan(0);
        expect(table.insert({ ...route }, true)).toBe(0);
      }),
      runs(50),
    );
  });
});

function scan(all: readonly FibRoute[], dst: number, scope: number): FibRoute | null {
  let best: FibRoute | null = null;
  for (const route of all) {
    if ((dst & maskOf(route.length)) >>> 0 !== route.network || route.scope < scope) continue;
    const isBetter =
      best === null ||
      route.length > best.length ||
      (route.length === best.length && route.metric < best.metric);
    if (isBetter) best = route;
  }
  return best;
}
