/** docs/testing.md does what it says: its files, written down and checked, give the counterexample that it shows. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type CounterexampleError, checkNetwork } from '../../src/testing/property/check-network.ts';
import type { NetworkProperty } from '../../src/testing/property/network-property.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const guide = readFileSync(join(ROOT, 'docs/testing.md'), 'utf8');
let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(ROOT, 'fivetuple-failures-guide-'));
  for (const [, name, code] of guide.matchAll(/```ts\n\/\/ (\S+\.ts)\n([\s\S]*?)```/g))
    writeFileSync(join(folder, name!), code!);
});
afterAll(() => rmSync(folder, { recursive: true }));

it('finds the bug of its first protocol, as it is shown', async () => {
  const url = pathToFileURL(join(folder, 'counter.property.ts')).href;
  const { countsOnce } = (await import(/* @vite-ignore */ url)) as { countsOnce: NetworkProperty };
  const error = await checkNetwork(countsOnce, { seed: 5, sink: null }).catch((thrown: unknown) => thrown);
  const [, shown] = /```text\n'[^\n]*\n([\s\S]*?)```/.exec(guide)!;
  expect((error as CounterexampleError).message).toContain(shown!.trim());
});

it('finds it gone when the server remembers', async () => {
  const path = join(folder, 'counter.ts');
  const mended = readFileSync(path, 'utf8')
    .replace(
      '    for (;;) {\n      const request',
      '    const done = new Set<string>();\n    for (;;) {\n      const request',
    )
    .replace(
      'total.value += Number(amount);',
      'if (!done.has(number!)) total.value += Number(amount);\n      done.add(number!);',
    );
  expect(mended).toContain('done.add');
  writeFileSync(join(folder, 'mended.ts'), mended);
  const property = readFileSync(join(folder, 'counter.property.ts'), 'utf8').replace(
    "'./counter.ts'",
    "'./mended.ts'",
  );
  writeFileSync(join(folder, 'mended.property.ts'), property);
  const url = pathToFileURL(join(folder, 'mended.property.ts')).href;
  const { countsOnce } = (await import(/* @vite-ignore */ url)) as { countsOnce: NetworkProperty };
  await checkNetwork(countsOnce, { seed: 5, sink: null });
});
