/** The index of RFC 9293's requirements is whole, points at tests that exist, and the page made of it is current. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Evidence, RFC9293 } from './rfc9293.ts';
import { compliancePage } from './table.ts';

const ROOT = join(import.meta.dirname, '../..');
/** How many of each Appendix B has. */
const NUMBERS = { MUST: 69, SHLD: 31, MAY: 18, REC: 1 };
const all = RFC9293.flatMap(({ requirements }) => requirements);

/** What is wrong with a reference, or null. */
function dangling({ file, test }: Evidence): string | null {
  const path = join(ROOT, file);
  if (!existsSync(path)) return `${file} does not exist`;
  if (test === null) return file.endsWith('.pkt') ? null : `${file} is no script, and no test is named`;
  const text = readFileSync(path, 'utf8');
  return [`'${test}'`, `"${test}"`].some((name) => text.includes(`it(${name},`))
    ? null
    : `${file} has no test '${test}'`;
}

describe('the index of RFC 9293', () => {
  it('has every requirement once', () => {
    const expected = Object.entries(NUMBERS).flatMap(([level, count]) =>
      Array.from({ length: count }, (_, i) => `${level}-${i + 1}`),
    );
    expect(all.map(({ id }) => id).toSorted()).toEqual(expected.toSorted());
  });

  it('names a test or a reason for each', () => {
    const bare = all.filter(({ shownBy, leftOut }) => (shownBy.length === 0) === (leftOut === null));
    expect(bare.map(({ id }) => id)).toEqual([]);
  });

  it('names only tests that exist', () => {
    expect(all.flatMap(({ shownBy }) => shownBy.map(dangling)).filter((wrong) => wrong !== null)).toEqual([]);
  });

  it('is what docs/rfc9293.md shows (npm run rfc)', () => {
    expect(readFileSync(join(ROOT, 'docs/rfc9293.md'), 'utf8')).toBe(compliancePage());
  });
});
