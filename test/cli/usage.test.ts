/** Wrong usage: exit code 2, what is wrong, what was expected, and the nearest word. */
import { describe, expect, it } from 'vitest';
import { fivetuple } from './support.ts';

const LESSON = 'scenarios/03-udp-and-connect.yaml';

describe('wrong usage', () => {
  it.each([
    [['chek', LESSON], "error: unknown command 'chek'\n(Did you mean check?)\n"],
    [['run', LESSON, '--sed', '1'], "error: unknown option '--sed'\n(Did you mean one of --seed, --set?)\n"],
    [['run', 'nowhere.pkt'], /nowhere\.pkt: there is no such file/],
    [['run', 'x.pkt', '--wire'], /--wire means nothing for a script/],
    [['run'], "error: missing required argument 'file'\n"],
    [
      ['check', 'scenarios/03-udp-and-conect.yaml'],
      /there is no file .*\n {2}did you mean 'scenarios\/03-udp-and-connect.yaml'\?/,
    ],
    [['netstat', LESSON, '--at', '1s'], /required option '--host <name>' not specified/],
    [
      ['netstat', LESSON, '--host', 'sever', '--at', '1s'],
      /--host sever: there is no such thing\n {2}expected: server, friend, stranger\n {2}did you mean 'server'\?/,
    ],
    [
      ['netstat', LESSON, '--host', 'server', '--at', '1'],
      /'1' is not a duration\n {2}expected: a number with a unit/,
    ],
    [
      ['netstat', LESSON, '--host', 'server', '--at', '9s'],
      /this is after the end of the run\n {2}expected: a time up to 5s/,
    ],
    [['netstat', LESSON, '--host', 'server', '--at', '1s', '--style', 'lunux'], /did you mean 'linux'\?/],
    [
      ['bench', 'hodl'],
      /bench hodl: there is no such thing\n {2}expected: udp-chain, .*\n {2}did you mean 'hold'\?/,
    ],
    [['corpus', 'nowhere.jsonl'], /nowhere.jsonl: there is no such file/],
    [['run', LESSON, '--set', 'nothing'], /--set nothing: not a change\n {2}expected: PATH=VALUE/],
    [
      ['run', LESSON, '--set', 'links.l0.rate=1Mbps'],
      /'links.l0.rate' leads nowhere: 'links.l0' is neither a map nor a list/,
    ],
    [['run', LESSON, '--set', 'expect.99.count=1'], /'expect.99' is no element of the list/],
    [['run', LESSON, '--set', 'hosts.server.mtuu=1'], /--set:1:\d+: unknown key 'mtuu'/],
    [
      ['run', LESSON, '--seed', 'x'],
      "--seed:1:6: 'x' cannot stand here\n 1 | seed=x\n   |      ^\n  expected: a whole number\n",
    ],
    [['run', LESSON, '--until', '5'], /--until 5: '5' is not a duration/],
    [
      ['run', LESSON, '--profile', 'linus'],
      /--profile:1:9: 'linus' cannot stand here\n.*\n.*\n {2}expected: linux, .*\n {2}did you mean 'linux'\?/,
    ],
  ])('fivetuple %j', async (args, message) => {
    const said = await fivetuple(...args);
    expect(said.err).toMatch(message);
    expect(said.code).toBe(2);
    expect(said.out).toBe('');
    expect(said.err).not.toMatch(/^\s+at .*\.ts:/m); // a stack trace
  });

  it('names every command in --help, with examples', async () => {
    const { code, out } = await fivetuple('--help');
    expect(code).toBe(0);
    for (const command of [
      'run',
      'check',
      'schema',
      'packetdrill',
      'corpus',
      'netstat',
      'bench',
      'scenarios',
    ])
      expect(out).toMatch(new RegExp(`^  ${command} `, 'm'));
    expect(out).toContain('Examples:');
  });
});
