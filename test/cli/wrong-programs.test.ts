/** Scenarios whose own functions are wrong: `run` says so, and does not take the blame or for ever. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { fivetuple } from './support.ts';

const ROOT = resolve(import.meta.dirname, '../..');
let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(ROOT, 'fivetuple-wrong-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const LOOP = `*run() { for (;;) yield { call: 'sleep', on: [], timeout: 1000, until: Infinity }; }`;

it('stops a counterexample that never ends, and says who is busy', async () => {
  const file = scenario('endless', `programs: { loop: { host: 'a', ${LOOP} } }, expect: [HOLDS]`);
  const { code, err } = await fivetuple('run', file, '--max-events', '5000');
  expect(code).toBe(2);
  expect(err).toContain('did not come to rest: it was stopped after 5000 events, at 0.004999 s');
  expect(err).toContain("program 'loop' on a still runs, in sleep");
  expect(err).toContain('let it go on with --max-events');
});

it('stops one by itself after a million events', async () => {
  const file = scenario('million', `programs: { loop: { host: 'a', ${LOOP} } }, expect: [HOLDS]`);
  const { err } = await fivetuple('run', file, '--quiet');
  expect(err).toContain('stopped after 1000000 events');
});

it('lets other scenarios have as many events as they like', async () => {
  const file = scenario('long', `until: '1.1s', programs: { loop: { host: 'a', ${LOOP} } }`);
  const { code } = await fivetuple('run', file, '--quiet');
  expect(code).toBe(0);
});

it('refuses a bound that is no count', async () => {
  const { code, err } = await fivetuple('run', scenario('none', ''), '--max-events', 'many');
  expect(code).toBe(2);
  expect(err).toContain('--max-events many: not a count');
});

it('blames a function of the timeline that throws, not itself', async () => {
  const call = `{ at: '1s', do: 'call', run: () => { throw new TypeError('mine'); } }`;
  const { code, err } = await fivetuple('run', scenario('call', `timeline: [${call}]`));
  expect(code).toBe(2);
  expect(err).toBe('the function that the timeline calls at 1.000000000 s threw: TypeError: mine\n');
});

/** A scenario file of one host. @returns its path */
function scenario(name: string, more: string): string {
  const file = join(folder, `${name}.mjs`);
  const parts = more.replace('HOLDS', `{ check: 'holds', name: 'it ends', that: () => {} }`);
  writeFileSync(file, `export default { title: '${name}', hosts: { a: { interfaces: {} } }, ${parts} };\n`);
  return file;
}
