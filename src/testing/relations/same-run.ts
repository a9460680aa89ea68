/** Relations in which the very same events must happen: looked at or not, encoded or not, in one go or in two. */

import { chanceIn, FIRST_NEIGHBOUR_EXPIRES } from './applies.ts';
import type { Relation } from './relation.ts';

/** Observation draws no random numbers and has no events. */
export const TAPS_OFF: Relation = {
  name: 'taps on and off',
  says: 'a run that nobody watches has the same fingerprint',
  agree: ['fingerprint', 'programs'],
  exception: () => null,
  variant: (scenario) => ({
    scenario: { ...scenario, expect: scenario.expect.filter(({ check }) => !WATCHING.includes(check)) },
    settings: { records: false },
  }),
};

/** Expectations for which frames or readings are kept. */
const WATCHING: readonly string[] = ['packets', 'delay', 'received'];

/** What is said with header objects can be said with bytes. */
export const WIRE_MODE: Relation = {
  name: 'wire mode',
  says: 'encoding and decoding every frame at every hop changes nothing',
  agree: ['fingerprint', 'packets', 'delivered', 'programs', 'verdicts'],
  exception: () => null,
  variant: (scenario) => ({ scenario, settings: { wire: true } }),
};

/** The state of a run is all there is to it. */
export const TWO_HALVES: Relation = {
  name: 'two halves',
  says: 'a run that is stopped in the middle and goes on has the same fingerprint',
  agree: ['fingerprint', 'packets', 'delivered', 'programs', 'verdicts'],
  exception: () => null,
  variant: (scenario, base) => {
    const middle = base.packets[base.packets.length >> 1]?.time ?? Math.floor(base.now / 2);
    return { scenario, prepare: (run) => run.network.run({ until: middle }) };
  },
};

/** Where nothing is drawn the seed is in sequence numbers and ports only, and no time depends on those. */
export const OTHER_SEED: Relation = {
  name: 'another seed',
  says: 'without chance in use the seed decides ports and sequence numbers, and no event depends on them',
  agree: ['fingerprint', 'packets', 'delivered', 'programs', 'verdicts'],
  exception: chanceIn,
  until: FIRST_NEIGHBOUR_EXPIRES,
  variant: (scenario) => ({ scenario, settings: { seed: scenario.seed + 1 } }),
};

/** @param first ISS of the first connection of each host; those after it begin further on */
function otherNumbers(first: number, words: string): Relation {
  return {
    name: `sequence numbers ${words}`,
    says: 'arithmetic is modulo 2^32 (RFC 9293 3.4): where a connection begins to count changes nothing',
    agree: ['fingerprint', 'packets', 'delivered', 'programs', 'verdicts'],
    exception: () => null,
    variant: (scenario) => ({
      scenario,
      prepare: (run) => {
        for (const host of run.network.hosts) host.sockets.tcpHost.isn.startAt(first);
      },
    }),
  };
}

/** Connections that count from 1, over 2^31 and over 2^32, from the SYN on and a little later. */
export const OTHER_SEQUENCE_NUMBERS: readonly Relation[] = [
  otherNumbers(1, 'from 1'),
  otherNumbers(0x7fffffff, 'over 2^31'),
  otherNumbers(0xffffffff, 'over 2^32 with the SYN'),
  otherNumbers(0xfffffff0, 'over 2^32 within the data'),
];
