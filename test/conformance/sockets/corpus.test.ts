/** Recorded cases of a Linux 6.18 kernel on the machine: a sample always, everything where the shared data is. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { formatCategories, formatDifference } from '../../../src/conformance/sockets/report.ts';
import { runSocketCorpus } from '../../../src/conformance/sockets/run.ts';
import { sharedPath } from '../../support/shared.ts';

const SAMPLE = resolve(import.meta.dirname, '../../fixtures/sockets-sample.jsonl.gz');
/** Programs of another generator than the corpus's, recorded on the same kernel: other ports, options, orders. */
const RANDOM = resolve(import.meta.dirname, '../../fixtures/sockets-random.jsonl.gz');
/** Cases of the corpus with operations changed, dropped and put in, of which each once was answered otherwise. */
const MUTATED = resolve(import.meta.dirname, '../../fixtures/sockets-mutated.jsonl.gz');
const SHOWN = 3;

describe('the machine', () => {
  it('answers a sample of the kernel corpus as the kernel did', () => {
    expect(differencesIn(SAMPLE)).toBe('');
  });

  it('answers random programs that it was not built on as the kernel did', () => {
    expect(differencesIn(RANDOM)).toBe('');
  });

  it('answers changed cases as the kernel did', () => {
    expect(differencesIn(MUTATED)).toBe('');
  });

  it.each([
    ['the sample', SAMPLE],
    ['random programs', RANDOM],
  ])('agrees with the specification on %s, as far as that goes', (_, path) => {
    expect(differencesIn(path, 'spec')).toBe('');
  });

  const full = sharedPath('kernel-corpus/corpus-dev.jsonl.gz');
  it.skipIf(full === null)('answers all of the kernel corpus as the kernel did', { timeout: 600_000 }, () => {
    expect(differencesIn(full!)).toBe('');
  });
});

describe('a corpus file', () => {
  it('is refused with file and line when an operation is unknown', () => {
    const line = '{"id":"X.1","ops":[["socket","tcp"],["bnid",0,"10.0.0.1",5000]],"res":[0,0]}';
    const empty = '{"id":"X.0","ops":[],"res":[]}';
    expect(() => runSocketCorpus([empty, line], { file: 'my.jsonl' })).toThrow(
      /my\.jsonl:2: case X\.1: unknown operation 'bnid'/,
    );
  });

  it('is refused when a line is no JSON, or results are missing', () => {
    expect(() => runSocketCorpus(['{"id":'], { file: 'a' })).toThrow(/a:1: not JSON/);
    expect(() => runSocketCorpus(['{"id":"X","ops":[["diag"]],"res":[]}'], { file: 'a' })).toThrow(
      /1 operations and 0 results/,
    );
  });

  it('has cases beyond the specification counted as not covered', () => {
    const line = '{"id":"D.1","ops":[["socket","tcp6"],["getopt",0,"NODELAY"]],"res":[0,0]}';
    const outcome = runSocketCorpus([line], { against: 'spec' });
    expect([outcome.passed, outcome.failed, outcome.notCovered]).toEqual([0, 0, 1]);
    expect(formatCategories(outcome).at(-1)).toBe('beyond the specification: getopt (1 cases)');
  });

  it('shows what differs so that a developer sees it at once', () => {
    const line = '{"id":"X.1","t":"twice","ops":[["socket","udp"],["listen",0,5]],"res":[0,0]}';
    const { differences } = runSocketCorpus([line]);
    expect(formatDifference(differences[0]!)).toEqual([
      'X.1 (machine): twice',
      '    0  socket udp -> 0',
      '>   1  listen 0 5',
      '         value: expected 0',
      '                got      "EOPNOTSUPP"',
    ]);
  });
});

function differencesIn(path: string, against: 'machine' | 'spec' = 'machine'): string {
  const lines = gunzipSync(readFileSync(path)).toString().split('\n');
  const { differences } = runSocketCorpus(lines, { file: path, show: SHOWN, against });
  return differences.flatMap(formatDifference).join('\n');
}
