/** What must hold of the deposit protocol, whatever happens to packets on their way. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type NetworkProperty, network, networkProperty } from 'fivetuple/testing';
import { type Account, bank, depositor } from './protocol.ts';

const PORT = 4000;

function deposits(name: string, remembers: boolean): NetworkProperty<number[]> {
  return networkProperty({
    name,
    module: import.meta.url,
    network: network({
      hosts: ['client', 'bank'],
      impairments: { kinds: ['duplicate', 'lose', 'reorder', 'corrupt'] },
    }),
    input: fc.array(fc.integer({ min: 1, max: 500 }), { minLength: 1, maxLength: 5 }),
    play: (stage, amounts) => {
      const account: Account = { balance: 0, done: new Set() };
      stage.start('bank', bank(account, PORT, remembers));
      stage.start('client', depositor(amounts, stage.endpoint('bank', PORT)), { at: '1ms' });
      return (run) => {
        assert.equal(run.program('client').task.status, 0, 'the client gave up');
        const sum = amounts.reduce((a, b) => a + b);
        assert.ok(account.balance === sum, `the balance is ${account.balance}, deposited were ${sum}`);
      };
    },
  });
}

/** Does not hold. */
export const depositsOnce = deposits('what is deposited arrives, and arrives once', false);

export const depositsOnceMended = deposits('with a memory, what is deposited arrives once', true);
