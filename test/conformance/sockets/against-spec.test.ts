/** Recorded cases of a real kernel against the executable specification, where the recordings are at hand. */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { runAgainstSpec } from '../../../src/conformance/sockets/against-spec.ts';
import { type CorpusCase, categoryOf, parseCase } from '../../../src/conformance/sockets/case.ts';
import { sharedPath } from '../../support/shared.ts';

const PATH = sharedPath('kernel-corpus/corpus-dev.jsonl.gz');
/** Of each kind of case so many are passed over for one that is run; FIVETUPLE_RUNS=10 runs them all. */
const STRIDE = Math.max(1, Math.round(10 / Number(process.env['FIVETUPLE_RUNS'] ?? 1)));

describe.skipIf(PATH === null)('the specification says what the kernel did', () => {
  const cases = PATH === null ? [] : readCases(PATH);

  it.each(['A', 'B', 'C', 'D', 'E', 'T', 'V'])('in category %s, as far as it goes', (category) => {
    const chosen = cases.filter((one, i) => categoryOf(one.id) === category && i % STRIDE === 0);
    const verdicts = chosen.map((one) => runAgainstSpec(one));
    expect(verdicts.filter((one) => one.difference !== null)).toEqual([]);
    const covered = verdicts.reduce((sum, one) => sum + one.covered, 0);
    const all = verdicts.reduce((sum, one) => sum + one.operations, 0);
    // Conflicts, lookups and ports it covers whole; the rest until segments or bytes come into play.
    expect(covered / all).toBeGreaterThanOrEqual({ A: 1, B: 1, C: 0.9, D: 1, E: 1, T: 0.5, V: 1 }[category]!);
  });
});

function readCases(path: string): CorpusCase[] {
  const lines = gunzipSync(readFileSync(path)).toString('utf8').trim().split('\n');
  return lines.map((line, i) => parseCase(line, 'corpus', i + 1));
}
