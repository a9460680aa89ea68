/** The program as a process of its own: version, exit codes, a reader that leaves early. */
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const run = promisify(execFile);
const NODE = ['--import', 'tsx', 'src/cli/main.ts'];

describe('the process', () => {
  it('prints its version', async () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
    const { stdout } = await run(process.execPath, [...NODE, '--version']);
    expect(stdout).toBe(`${version}\n`);
  });

  it('runs the first scenario when nothing is asked for, without colours in a pipe', async () => {
    const { stdout } = await run(process.execPath, NODE);
    expect(stdout).toContain('A port is not a socket');
    expect(stdout).toContain('11 expectations hold');
    expect(stdout).not.toContain('\u001b');
  });

  it('ends in peace when its reader has seen enough', async () => {
    const command = `"${process.execPath}" ${NODE.join(' ')} schema | head -n 1; echo "\${PIPESTATUS[0]}"`;
    const { stdout, stderr } = await run('bash', ['-c', command]);
    expect(stdout).toBe('{\n0\n');
    expect(stderr).toBe('');
  });

  it('tells of a failed expectation even when its reader has left', async () => {
    const failing = 'run scenarios/10-loss.yaml --set until=22s';
    const command = `"${process.execPath}" ${NODE.join(' ')} ${failing} | head -n 1; echo "\${PIPESTATUS[0]}"`;
    const { stdout } = await run('bash', ['-c', command]);
    expect(stdout).toMatch(/\n1\n$/);
  });

  it.skipIf(!existsSync('/dev/full'))('says that its output cannot be written, without a stack', async () => {
    const command = `"${process.execPath}" ${NODE.join(' ')} schema > /dev/full`;
    await expect(run('bash', ['-c', command])).rejects.toMatchObject({
      code: 2,
      stderr: 'cannot write standard output: no space left on device\n',
    });
  });
});
