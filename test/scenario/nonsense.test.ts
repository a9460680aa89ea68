/** Megabytes of nonsense: a refusal, at once. */
import { describe, expect, it } from 'vitest';
import { problemsOf } from './support.ts';

const MEGABYTE = 1_000_000;

/** Each is refused; none may take long, whatever the YAML library does with such texts. */
const NONSENSE: Readonly<Record<string, string>> = {
  'ten megabytes': 'a: b\n'.repeat(2 * MEGABYTE),
  'open brackets': '['.repeat(MEGABYTE),
  'nested maps': '{a: '.repeat(MEGABYTE / 4),
  'nested lists': '- '.repeat(MEGABYTE / 2),
  'an open quotation': `"${'x\n'.repeat(MEGABYTE / 2 - 1)}`,
  'keys upon keys': 'a: b: c:\n'.repeat(MEGABYTE / 9),
  'a hundred thousand keys': Array.from({ length: 100_000 }, (_, index) => `k${index}:`).join('\n'),
  'printable noise': Array.from({ length: MEGABYTE }, (_, i) =>
    String.fromCharCode(32 + ((i * 7919 + i * i) % 95)),
  ).join(''),
  'aliases of aliases': [
    'a: &a [x,x,x,x,x,x,x,x,x]',
    ...[...'bcdefghijk'].map(
      (name, i) => `${name}: &${name} [${Array(9).fill(`*${'abcdefghijk'[i]}`).join(',')}]`,
    ),
  ].join('\n'),
};

describe('nonsense', () => {
  for (const [name, text] of Object.entries(NONSENSE)) {
    it(`is refused: ${name}`, { timeout: 10_000 }, () => {
      expect(problemsOf(text)).toMatch(/^s\.yaml:\d+:\d+: /);
    });
  }

  it('is told from a large file that makes sense', () => {
    expect(problemsOf(NONSENSE['ten megabytes']!)).toBe(`s.yaml:1:1: the file is too large: 9.5 MiB
 1 | a: b
   | ^
  expected: at most 1 MiB of YAML; large networks are made by a loop in a TypeScript scenario`);
  });
});
