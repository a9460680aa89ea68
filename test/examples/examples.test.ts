/**
 * The examples: each bug is found, and shrunk to the counterexample that stands beside it; with the bug mended, the same
 * property holds. After a change that moves them: npx vitest run test/examples -u
 */
import { describe, expect, it } from 'vitest';
import { linesArrive, linesArriveMended } from '../../examples/chat/property.ts';
import { depositsOnce, depositsOnceMended } from '../../examples/deposits/property.ts';
import { oneLeader, oneLeaderMended } from '../../examples/lease/property.ts';
import { everyRequest, everyRequestMended } from '../../examples/rolling-restart/property.ts';
import { CounterexampleError, checkNetwork } from '../../src/testing/property/check-network.ts';
import type { NetworkProperty } from '../../src/testing/property/network-property.ts';
import { runs } from '../support/property.ts';

interface Example<Input> {
  readonly folder: string;
  readonly broken: NetworkProperty<Input>;
  readonly mended: NetworkProperty<Input>;
}

function example<Input>(shown: Example<Input>): void {
  const { folder, broken, mended } = shown;
  describe(folder, () => {
    it('has a bug, which is found and shrunk', async () => {
      const error = await checkNetwork(broken, { seed: 1, numRuns: 500, sink: null }).catch(
        (thrown: unknown) => thrown,
      );
      if (!(error instanceof CounterexampleError)) throw error ?? new Error('the bug was not found');
      const [report] = error.message.split('\n\nTo see it again');
      await expect(`${report}\n`).toMatchFileSnapshot(`../../examples/${folder}/counterexample.txt`);
    });

    it('holds once it is mended', async () => {
      await checkNetwork(mended, { seed: 1, ...runs(100), sink: null });
    });
  });
}

example({ folder: 'deposits', broken: depositsOnce, mended: depositsOnceMended });
example({ folder: 'chat', broken: linesArrive, mended: linesArriveMended });
example({ folder: 'lease', broken: oneLeader, mended: oneLeaderMended });
example({ folder: 'rolling-restart', broken: everyRequest, mended: everyRequestMended });
