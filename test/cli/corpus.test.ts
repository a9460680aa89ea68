/** The command `corpus`: files that are no corpora, and small corpora of both kinds. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fivetuple } from './support.ts';

let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'corpus-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A switch floods a broadcast to its three other ports. */
const FRAME_CASE = {
  id: 'sw.1',
  m: 'S',
  steps: [
    [
      'in',
      0,
      [
        ['e', 'ff', 'aa:01', 34997],
        ['n', 46],
      ],
    ],
  ],
  res: [
    {
      o: [1, 2, 3].map((port) => [
        port,
        [
          ['e', 'ff', 'aa:01', 34997],
          ['n', 46],
        ],
      ]),
    },
  ],
};

const SOCKET_CASE = {
  id: 'A.x.1',
  t: 'one socket',
  ops: [
    ['socket', 'udp'],
    ['bind', 0, '10.0.0.1', 5000],
  ],
  res: [0, 0],
};

describe('corpus', () => {
  it('tells the kinds apart by the first case, and closes with the counts', async () => {
    write('sockets.jsonl', SOCKET_CASE);
    const { code, out } = await fivetuple('corpus', path('sockets.jsonl'));
    expect(out).toMatch(/\d+ passed, \d+ failed\n$/);
    expect([0, 1]).toContain(code);
    write('frames.jsonl', FRAME_CASE);
    const frames = await fivetuple('corpus', path('frames.jsonl'));
    expect(frames.out).toMatch(/^sw {2,}/m);
  });

  it('ends with 1 and shows the difference when a case fails', async () => {
    write('frames.jsonl', { ...FRAME_CASE, res: [{}] });
    const { code, out } = await fivetuple('corpus', path('frames.jsonl'));
    expect(code).toBe(1);
    expect(out).toContain('sw.1, machine S');
    expect(out.endsWith('0 passed, 1 failed\n')).toBe(true);
  });

  it('reads gzip', async () => {
    writeFileSync(path('frames.jsonl.gz'), gzipSync(JSON.stringify({ ...FRAME_CASE, res: [{}] })));
    expect((await fivetuple('corpus', path('frames.jsonl.gz'))).out).toContain('0 passed, 1 failed');
  });

  it.each([
    ['empty.jsonl', '', /empty\.jsonl:1:1: the file is empty/],
    ['text.jsonl', 'hello\n', /text\.jsonl:1:1: not JSON/],
    ['other.jsonl', '\n{"a":1}\n', /other\.jsonl:2:1: not a recorded case/],
    ['broken.jsonl', `${JSON.stringify(FRAME_CASE)}\n{"id":`, /broken\.jsonl:2: .*not JSON/],
    [
      'odd.jsonl',
      `${JSON.stringify({ ...FRAME_CASE, m: 'X' })}\n`,
      /odd\.jsonl:1: case sw\.1: 'X' is not a machine/,
    ],
    ['plain.jsonl.gz', 'not compressed', /plain\.jsonl\.gz: not compressed with gzip/],
  ])('refuses %s with exit code 2', async (name, text, message) => {
    writeFileSync(path(name), text);
    const { code, err } = await fivetuple('corpus', path(name));
    expect(err).toMatch(message);
    expect(code).toBe(2);
  });

  it('refuses a damaged archive', async () => {
    writeFileSync(path('cut.jsonl.gz'), gzipSync('x'.repeat(1000)).subarray(0, 20));
    const { code, err } = await fivetuple('corpus', path('cut.jsonl.gz'));
    expect(err).toContain('cannot be decompressed');
    expect(code).toBe(2);
  });
});

function path(name: string): string {
  return join(folder, name);
}

function write(name: string, ...cases: object[]): void {
  writeFileSync(path(name), cases.map((one) => JSON.stringify(one)).join('\n'));
}
