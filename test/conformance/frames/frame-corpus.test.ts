/** Frames put to a host and a router, against what Linux 6.18 answered. A sample lies here, the whole beside the checkout. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { runFrameCorpus } from '../../../src/conformance/frames/run.ts';
import { ConfigError } from '../../../src/sim/errors.ts';
import { sharedPath } from '../../support/shared.ts';

const sample = linesOf(resolve(import.meta.dirname, '../../fixtures/frames-sample.jsonl.gz'));
/** Recorded by the project itself in the same form, mostly under other sysctls. */
const own = linesOf(resolve(import.meta.dirname, '../../fixtures/frames-own.jsonl.gz'));
/** Cases of the corpus with layers, fields and steps changed, and ICMP of every type on its last hop. */
const mutated = linesOf(resolve(import.meta.dirname, '../../fixtures/frames-mutated.jsonl.gz'));
const corpus = sharedPath('frame-corpus/frames-dev.jsonl.gz');

describe('the simulated machines', () => {
  it('answer every frame of the sample as Linux did', () => {
    const { passed, failures, topics } = runFrameCorpus(sample);
    expect(failures).toEqual([]);
    expect(passed).toBe(848);
    expect(topics.size).toBe(13);
  });

  it('answer as Linux did under other sysctls, and after other times', () => {
    const { passed, failures } = runFrameCorpus(own);
    expect(failures).toEqual([]);
    expect(passed).toBe(304);
  });

  it('answer changed cases as Linux did', () => {
    const { passed, failures } = runFrameCorpus(mutated);
    expect(failures).toEqual([]);
    expect(passed).toBe(35);
  });

  it.skipIf(corpus === null)('answer every recorded frame as Linux did', () => {
    const { passed, failures } = runFrameCorpus(linesOf(corpus!));
    expect(failures).toEqual([]);
    expect(passed).toBe(4209);
  });

  it('are found out when they answer otherwise', () => {
    const first = JSON.parse(sample[0]!) as { res: object[] };
    first.res[0] = { o: [[0, [['e', 'ff', '00:01', 34997]]]] };
    expect(runFrameCorpus([JSON.stringify(first)]).failed).toBe(1);
  });
});

describe('a line of no known kind', () => {
  it('is reported with file and line', () => {
    const run = (): unknown => runFrameCorpus([sample[0]!, '{"id":"x"}'], { file: 'cases.jsonl' });
    expect(run).toThrow(ConfigError);
    expect(run).toThrow('cases.jsonl:2');
  });
});

function linesOf(path: string): string[] {
  return gunzipSync(readFileSync(path)).toString().trim().split('\n');
}
