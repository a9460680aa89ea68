/** Every shipped scenario and every relation: it holds, or says why it has nothing to say. */
import { describe, expect, it } from 'vitest';
import { RELATIONS } from '../../../src/testing/relations/all.ts';
import { judgeRelation } from '../../../src/testing/relations/relation.ts';
import { SHIPPED, shipped } from '../support/shipped.ts';

describe.each(SHIPPED)('%s', (name) => {
  it.each(RELATIONS.map((relation) => [relation.name, relation] as const))('%s', async (_, relation) => {
    const verdict = judgeRelation(relation, await shipped(name));
    if (verdict.applies) expect(verdict.differences).toEqual([]);
    else expect(verdict.because).not.toBe('');
  });
});
