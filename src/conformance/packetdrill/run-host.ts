/** Lets the host run on for a while, with a limit on how busy it may be. */
import { InvariantError } from '../../sim/errors.ts';
import type { Nanos } from '../../sim/time.ts';
import type { HostUnderTest } from './host-under-test.ts';

/** More events than this at one stretch: the host does not come to rest. */
const MOST_EVENTS = 2_000_000;

/** @param until live time, included @param condition checked after each event: true ends the run */
export function runHost(host: HostUnderTest, until: Nanos, condition: (() => boolean) | null): void {
  const options = { until, maxEvents: MOST_EVENTS };
  const end = host.simulator.run(condition === null ? options : { ...options, condition });
  if (end === 'limit') throw new InvariantError('the host under test does not come to rest');
}
