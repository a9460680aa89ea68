/** Runs that would never end are stopped, and the message says who still has work. */
import { expect, it } from 'vitest';
import { sleep } from '../../../src/sockets/blocking.ts';
import { runScenario } from '../../../src/testing/run/run-scenario.ts';

it('names the host and the program of a loop that never ends', () => {
  const busy = () =>
    runScenario(
      {
        title: 'a loop',
        until: '24h',
        hosts: { quiet: { interfaces: {} }, busy: { interfaces: {} } },
        programs: {
          loop: {
            host: 'busy',
            *run() {
              for (;;) yield* sleep('1us');
            },
          },
        },
      },
      { maxEvents: 10_000 },
    );
  expect(busy).toThrow(/stopped after 10000 events, at 0\.\d+ s/);
  expect(busy).toThrow(/busy programs: 2000 of the next 2000 events/);
  expect(busy).toThrow(/program 'loop' on busy still runs, in sleep/);
});
