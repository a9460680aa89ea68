/** Files that extend files, modules, and everything that can be wrong with a path. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { plainOf } from '../../../src/scenario/document/located.ts';
import { formatProblems } from '../../../src/scenario/document/problem.ts';
import { loadScenario } from '../../../src/scenario/files/load.ts';
import { parseScenario } from '../../../src/scenario/parse.ts';
import { TWO_HOSTS } from '../support.ts';

let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'scenario-'));
});

afterAll(() => rmSync(folder, { recursive: true }));

describe('loading a scenario', () => {
  it('lays a file over the one that it extends', async () => {
    write('base.yaml', TWO_HOSTS);
    write(
      'variant.yaml',
      'extends: base.yaml\ntitle: a variant\nlinks: { cable: { between: client -- server, delay: 5ms } }\n',
    );
    const loaded = await loadScenario(path('variant.yaml'));
    const parsed = 'problems' in loaded ? null : parseScenario(loaded.data);
    expect(parsed).toMatchObject({
      ok: true,
      scenario: { title: 'a variant', links: { cable: { delay: 5_000_000 } } },
    });
  });

  it('takes away what is null', async () => {
    write('base.yaml', TWO_HOSTS);
    write('less.yaml', 'extends: base.yaml\nlinks: { cable: null }\n');
    const loaded = await loadScenario(path('less.yaml'));
    expect('problems' in loaded ? null : plainOf(loaded.data)).toMatchObject({ links: {} });
  });

  it('finds a mistake in the file where it was made', async () => {
    write('base.yaml', TWO_HOSTS.replace('-- server', '-- sever'));
    write('variant.yaml', 'extends: base.yaml\ntitle: a variant\n');
    expect(await problemsAt('variant.yaml')).toBe(`base.yaml:6:20: there is no node 'sever'
 6 |   cable: client -- sever
   |                    ^^^^^
  expected: client, server
  did you mean 'server'?`);
  });

  it('refuses files that extend each other in a circle', async () => {
    write('a.yaml', 'extends: b.yaml\n');
    write('b.yaml', 'title: b\nextends: a.yaml\n');
    expect(
      await problemsAt('a.yaml'),
    ).toBe(`b.yaml:2:10: the files extend each other in a circle: a.yaml -> b.yaml -> a.yaml
 2 | extends: a.yaml
   |          ^^^^^^`);
  });

  it('refuses what is not there, and names what is', async () => {
    write('lesson.yaml', TWO_HOSTS);
    expect(await problemsAt('lessen.yaml')).toBe(
      `lessen.yaml: there is no file 'lessen.yaml'\n  did you mean 'lesson.yaml'?`,
    );
    write('orphan.yaml', 'extends: nowhere.yaml\n');
    expect(await problemsAt('orphan.yaml')).toBe(`orphan.yaml:1:10: there is no file 'nowhere.yaml'
 1 | extends: nowhere.yaml
   |          ^^^^^^^^^^^^`);
    expect(await problemsAt('.')).toContain('is not a file');
  });

  it('refuses ten megabytes at once', async () => {
    write('big.yaml', 'a: b\n'.repeat(2_100_000));
    expect(await problemsAt('big.yaml')).toContain('the file is too large: 10.0 MiB');
  });

  it('refuses bytes that are no text', async () => {
    writeFileSync(path('image.yaml'), Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0, 1, 2, 0xff]));
    expect(await problemsAt('image.yaml')).toContain('image.yaml:1:1: not text: a binary file');
  });

  it('takes a module with a default export', async () => {
    write(
      'good.mjs',
      `export default { title: 'from a module', hosts: { a: { interfaces: { eth0: '10.0.0.1/24' } } } };`,
    );
    const loaded = await loadScenario(path('good.mjs'));
    expect('problems' in loaded ? loaded.problems : parseScenario(loaded.data)).toMatchObject({ ok: true });
  });

  it('finds mistakes in a module by their path', async () => {
    write('bad.mjs', `export default { title: 'x', hosts: { a: { interfaces: { eth0: '10.0.0.1' } } } };`);
    expect(await problemsAt('bad.mjs')).toBe(
      `bad.mjs: '10.0.0.1' is not an address with a prefix length at hosts.a.interfaces.eth0.addresses.0
  expected: as in 10.0.0.1/24`,
    );
    write('none.mjs', 'export const x = 1;');
    expect(await problemsAt('none.mjs')).toContain('the module has no default export');
    write('throws.mjs', `throw new Error('oh')`);
    expect(await problemsAt('throws.mjs')).toContain('the module failed: Error: oh');
    write('odd.mjs', 'const a = { title: () => 1 }; a.self = a; export default a;');
    expect(await problemsAt('odd.mjs')).toContain('a function is not data at title');
  });
});

function path(name: string): string {
  return join(folder, name);
}

function write(name: string, text: string): void {
  writeFileSync(path(name), text);
}

async function problemsAt(name: string): Promise<string> {
  const loaded = await loadScenario(path(name));
  const parsed = 'problems' in loaded ? { ok: false as const, ...loaded } : parseScenario(loaded.data);
  return parsed.ok
    ? ''
    : formatProblems(parsed.problems, name).replaceAll(`${folder}/`, '').replaceAll(folder, '.');
}
