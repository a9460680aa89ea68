/** A switch against frames recorded at a Linux bridge. */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { type FrameCase, parseFrameCase } from '../../../src/conformance/frames/case.ts';
import { compareResults } from '../../../src/conformance/frames/compare.ts';
import { runSteps } from '../../../src/conformance/frames/run-case.ts';
import { SwitchMachine } from '../../../src/conformance/frames/switch-machine.ts';
import { ConfigError } from '../../../src/sim/errors.ts';
import { sharedPath } from '../../support/shared.ts';

const corpus = sharedPath('frame-corpus/frames-dev.jsonl.gz');

const MOVE: FrameCase = {
  id: 'example',
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
    [
      'in',
      1,
      [
        ['e', 'aa:01', 'aa:02', 34997],
        ['n', 46],
      ],
    ],
    ['call', 'fdb'],
  ],
  res: [
    {
      o: [1, 2, 3].map(
        (port) =>
          [
            port,
            [
              ['e', 'ff', 'aa:01', 34997],
              ['n', 46],
            ],
          ] as const,
      ),
    },
    {
      o: [
        [
          0,
          [
            ['e', 'aa:01', 'aa:02', 34997],
            ['n', 46],
          ],
        ],
      ],
    },
    {
      r: [
        ['aa:01', 0],
        ['aa:02', 1],
      ],
    },
  ],
};

describe('machine S', () => {
  it('does what a case says', () => {
    expect(compareResults(MOVE, runSteps(new SwitchMachine(), MOVE.steps))).toEqual([]);
  });

  it('has differences pointed out field by field', () => {
    const other: FrameCase = {
      ...MOVE,
      res: [
        MOVE.res[0]!,
        {
          o: [
            [
              0,
              [
                ['e', 'aa:03', 'aa:02', 34997],
                ['n', 46],
              ],
            ],
          ],
        },
        {
          r: [
            ['aa:01', 0],
            ['aa:02', 2],
          ],
        },
      ],
    };
    expect(compareResults(other, runSteps(new SwitchMachine(), MOVE.steps))).toEqual([
      { step: 1, where: 'o[0][1][0] e destination', expected: 'aa:03', got: 'aa:01' },
      { step: 2, where: 'r[1][1]', expected: 2, got: 1 },
    ]);
  });

  it.skipIf(corpus === null)('does what the bridge did, in every recorded case', () => {
    const cases = gunzipSync(readFileSync(corpus!))
      .toString()
      .trim()
      .split('\n')
      .map(parseFrameCase)
      .filter(({ m }) => m === 'S');
    expect(cases.length).toBe(312);
    const failed = cases.flatMap((recorded) => {
      const got = runSteps(new SwitchMachine(recorded.cfg), recorded.steps);
      return compareResults(recorded, got).map((difference) => ({ id: recorded.id, ...difference }));
    });
    expect(failed).toEqual([]);
  });
});

describe('a corpus line', () => {
  it.each([
    '{',
    '[]',
    '{"id":"a","m":"X","steps":[],"res":[]}',
    '{"id":"a","m":"S","steps":[["go"]],"res":[{}]}',
  ])('is refused when it is %s', (line) => {
    expect(() => parseFrameCase(line)).toThrow(ConfigError);
  });
});
