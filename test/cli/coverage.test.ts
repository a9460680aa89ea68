/** `fivetuple run --coverage` and `fivetuple coverage`. */
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { fivetuple as cli } from './support.ts';

const FOLDER = mkdtempSync(join(tmpdir(), 'fivetuple-coverage-'));

it('shows, writes and adds up what runs have reached', async () => {
  const [first, second] = ['01-port-versus-socket', '11-simultaneous-open'].map((name) =>
    join(FOLDER, `${name}.json`),
  );
  const shown = await cli('run', 'scenarios/01-port-versus-socket.yaml', '--coverage', first!);
  expect(shown.code).toBe(0);
  expect(shown.out).toMatch(/Coverage of the protocols\ntransitions: \d+ of 26, \d+%\n/);
  await cli('run', 'scenarios/11-simultaneous-open.yaml', '--quiet', '--coverage', second!);
  const share = (path: string) => JSON.parse(readFileSync(path, 'utf8')).percent.transitions as number;
  const sum = join(FOLDER, 'sum.json');
  const both = await cli('coverage', first!, second!, '--json', sum);
  expect(both.code).toBe(0);
  expect(share(sum)).toBeGreaterThan(Math.max(share(first!), share(second!)));
});

it('fails below the goal', async () => {
  const low = await cli('run', 'scenarios/06-loopback.yaml', '--quiet', '--min-coverage', 'transitions=99');
  expect(low.code).toBe(1);
  expect(low.err).toMatch(
    /% of the transitions were reached, 99% are the goal\n {2}transitions not reached: /,
  );
  const met = await cli('run', 'scenarios/06-loopback.yaml', '--quiet', '--min-coverage', '1');
  expect(met).toMatchObject({ code: 0 });
});

it('says what is wrong with a goal or a document', async () => {
  const goal = await cli('run', 'scenarios/06-loopback.yaml', '--min-coverage', 'rulez=5');
  expect(goal).toMatchObject({ code: 2, err: expect.stringContaining("'rulez=5' is no goal") });
  const path = join(FOLDER, 'other.json');
  writeFileSync(path, '{}');
  expect(await cli('coverage', path)).toMatchObject({
    code: 2,
    err: expect.stringContaining('not a coverage'),
  });
});
