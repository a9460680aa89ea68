/** Laws of the socket machine that the specification leaves to chance or to time: fairness of groups, and what stays. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Operation } from '../../../src/conformance/sockets/case.ts';
import { asObject } from '../../../src/conformance/sockets/compare.ts';
import { Driver } from '../../../src/conformance/sockets/driver.ts';
import { MICROSECOND, SECOND } from '../../../src/sim/time.ts';
import { PROFILE_NAMES, UndefinedByProfile } from '../../../src/sockets/profile.ts';
import { runs } from '../../support/property.ts';
import { programs } from '../../support/socket-programs.ts';

const FLOWS = 600;
/** Quantiles of chi-square for one run in a million, by degrees of freedom. */
const CHI_SQUARE = [0, 23.9, 27.6, 30.7, 33.4, 35.9, 38.3];

describe('a SO_REUSEPORT group', () => {
  it('gives a flow to the same member always, and each member its share of many flows', () => {
    const flow = fc.record({
      src: fc.constantFrom('10.0.0.10', '10.0.0.11', '10.0.0.12'),
      port: fc.integer({ min: 1024, max: 65535 }),
    });
    const flows = fc.uniqueArray(flow, {
      minLength: FLOWS,
      maxLength: FLOWS,
      selector: ({ src, port }) => `${src}:${port}`,
    });
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 6 }), flows, (members, chosen) => {
        const driver = group(members);
        const counts = new Array<number>(members).fill(0);
        for (const { src, port } of chosen) {
          const winner = winnerOf(driver, src, port);
          expect(winnerOf(driver, src, port)).toBe(winner);
          counts[winner]!++;
        }
        const share = FLOWS / members;
        const distance = counts.reduce((sum, count) => sum + ((count - share) * (count - share)) / share, 0);
        expect(distance, `${counts.join()} of ${members} members`).toBeLessThan(CHI_SQUARE[members - 1]!);
      }),
      { ...runs(10), endOnFailure: true },
    );
  });
});

describe('when everything is closed and every timer has run out', () => {
  it.each(PROFILE_NAMES)('no socket is left on the machine, in no table (%s)', (profile) => {
    fc.assert(
      fc.property(programs(), (operations) => {
        const driver = new Driver({}, 1, profile);
        for (const operation of operations) {
          unlessOpen(() => driver.step(operation, null));
          driver.pass(20 * MICROSECOND);
        }
        const made = operations.filter(([name]) => name === 'socket' || name === 'accept').length;
        for (let i = 0; i < made; i++) driver.step(['close', i], null);
        driver.pass(1500 * SECOND);
        const { sockets } = driver.machine;
        expect(sockets.rows()).toEqual([]);
        expect([sockets.udp.table.size, sockets.tcp.listeners.size, sockets.tcp.ports.buckets.size]).toEqual([
          0, 0, 0,
        ]);
      }),
      runs(300),
    );
  });
});

/** A call that the profile leaves open changes nothing. */
function unlessOpen(act: () => unknown): void {
  try {
    act();
  } catch (error) {
    if (!(error instanceof UndefinedByProfile)) throw error;
  }
}

function group(members: number): Driver {
  const driver = new Driver({});
  for (let i = 0; i < members; i++) {
    const calls: Operation[] = [
      ['socket', 'udp'],
      ['opt', i, 'REUSEPORT', 1],
      ['bind', i, '10.0.0.1', 5000],
    ];
    for (const call of calls) driver.step(call, null);
  }
  return driver;
}

function winnerOf(driver: Driver, src: string, port: number): number {
  const { rx = [] } = asObject(driver.step(['udp', 'eth0', src, port, '10.0.0.1', 5000], null));
  expect(rx.length).toBe(1);
  return (rx[0] as readonly number[])[0]!;
}
