/** The faults of `npm run mutants` are patches: every one must still apply, to one place. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import { FAULTS } from '../../tools/mutants/faults.ts';

it('there are forty-three, each with a name of its own', () => {
  expect(FAULTS).toHaveLength(43);
  expect(new Set(FAULTS.map(({ id }) => id)).size).toBe(43);
});

it.each(FAULTS.map((fault) => [fault.id, fault] as const))(
  '%s still applies, once',
  (_, { file, from, to }) => {
    const text = readFileSync(resolve(import.meta.dirname, '../..', file), 'utf8');
    expect(text.split(from)).toHaveLength(2);
    expect(to).not.toBe(from);
  },
);
