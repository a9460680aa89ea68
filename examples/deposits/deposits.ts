/** What must hold of the deposit protocol, whatever happens to packets on their way. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { network, networkProperty } from 'fivetuple/testing';
import { type Account, bank, depositor } from './protocol.ts';

const PORT = 4000;

export const depositsOnce = networkProperty({
  name: 'what is deposited arrives, and arrives once',
  module: import.meta.url,
  network: network({
    hosts: ['client', 'bank'],
    impairments: { kinds: ['duplicate', 'lose', 'reorder'] },
  }),
  input: fc.array(fc.integer({ min: 1, max: 500 }), { minLength: 1, maxLength: 5 }),
  play: (stage, amounts) => {
    const account: Account = { balance: 0 };
    stage.start('bank', bank(account, PORT));
    stage.start('client', depositor(amounts, stage.endpoint('bank', PORT)), { at: '1ms' });
    return (run) => {
      assert.equal(run.program('client').task.status, 0, 'the client gave up');
      const sum = amounts.reduce((a, b) => a + b);
      assert.equal(account.balance, sum, `the balance is ${account.balance}, deposited were ${sum}`);
    };
  },
});
