/** Every kind of expectation: once it holds, once it fails and says what was found. */
import { describe, expect, it } from 'vitest';
import { ScenarioRun } from '../../../src/scenario/build/run.ts';
import { checkExpectations } from '../../../src/scenario/expect/check.ts';
import type { Verdict } from '../../../src/scenario/expect/verdict.ts';
import { scenarioOf } from '../support.ts';

const BASE = `title: an exchange
until: 3s
hosts:
  client: { interfaces: { eth0: 10.0.0.2/24 } }
  server: { interfaces: { eth0: 10.0.0.1/24 } }
links:
  cable: { between: client -- server, delay: 10ms, impairments: [{ do: drop, match: 'udp and dst port 9', packets: 2 }] }
programs:
  echo: { host: server, run: echo-server }
  talk: { host: client, run: echo-client, from: '10.0.0.2:4000', to: 'server:7', message: hello, start: 100ms }
  late:
    host: client
    start: 1s
    run: calls
    calls:
      - s = socket(udp)
      - sendto(s, "one", server:9)
      - sendto(s, "two", server:9)
      - recv(s) = blocks
`;

describe('an expectation', () => {
  it.each([
    [
      "{ check: received, host: server, socket: 'tcp *:7 *:4000', text: hello }",
      'server\'s socket tcp *:7 *:4000 received "hello"',
      '"hello"',
    ],
    [
      "{ check: received, host: server, socket: 'tcp *:7', bytes: 5, from: 'client:4000' }",
      "server's socket tcp *:7 *:* received 5 bytes from client:4000",
      '5 bytes',
    ],
    [
      "{ check: state, host: server, socket: 'tcp *:7 *:4000', is: ESTABLISHED, at: 155ms }",
      "server's tcp *:7 *:4000 is ESTABLISHED at 155ms",
      'ESTABLISHED',
    ],
    [
      "{ check: state, host: server, socket: 'tcp *:7 *:4000', is: gone }",
      "server's tcp *:7 *:4000 is gone at the end",
      'there is none',
    ],
    [
      "{ check: sockets, host: server, table: ['tcp 0.0.0.0:7  *:* LISTEN'] }",
      'server has these 1 sockets at the end',
      'tcp 0.0.0.0:7 *:* LISTEN',
    ],
    [
      '{ check: packets, where: server, match: tcp and flags S, count: 1 }',
      'exactly 1 packets with tcp and flags S at server.eth0',
      '1 seen',
    ],
    [
      '{ check: packets, where: server, match: udp, direction: in, after: 1s, min: 1, max: 2 }',
      '1 to 2 packets with udp into server.eth0 from 1s',
      '1 seen',
    ],
    [
      '{ check: delay, match: tcp, from: client, to: server, min: 10ms, max: 11ms }',
      'packets with tcp take at least 10ms and at most 11ms from client.eth0 to server.eth0',
      /^10\.\d+ms to 10\.\d+ms, \d+ packets$/,
    ],
    [
      '{ check: drops, where: cable, reason: link.lost, count: 1 }',
      'exactly 1 drops for link.lost at cable',
      '1 counted',
    ],
    [
      '{ check: drops, where: server, reason: udp.no-socket, count: 1 }',
      'exactly 1 drops for udp.no-socket at server',
      '1 counted',
    ],
    [
      '{ check: program, program: talk, is: exited, status: 0 }',
      'talk is exited with status 0',
      'exited with status 0',
    ],
    [
      '{ check: program, program: late, is: running }',
      'late is still running',
      'running, waits in recv(fd 3)',
    ],
    ['{ check: statistic, program: talk, statistic: echoed, is: 1 }', 'echoed of talk is 1', '1'],
    [
      '{ check: statistic, program: talk, statistic: rttMax, min: 20ms, max: 25ms }',
      'rttMax of talk is at least 20ms and is at most 25ms',
      /^20\.\d+ms$/,
    ],
  ])('holds: %s', (text, name, detail) => {
    const verdict = verdictOf(text);
    expect(verdict).toMatchObject({ ok: true, name });
    expect(verdict.detail).toMatch(detail);
  });

  it.each([
    ["{ check: received, host: server, socket: 'tcp *:7', text: hallo }", '"hello"'],
    ["{ check: received, host: server, socket: 'udp *:7', bytes: 5 }", '0 bytes'],
    ["{ check: state, host: server, socket: 'tcp *:7 *:4000', is: TIME-WAIT, at: 155ms }", 'ESTABLISHED'],
    ["{ check: state, host: server, socket: 'tcp *:8 *:*', is: LISTEN }", 'there is none'],
    [
      "{ check: sockets, host: server, table: ['tcp 0.0.0.0:8 *:* LISTEN'] }",
      'missing: tcp 0.0.0.0:8 *:* LISTEN; not expected: tcp 0.0.0.0:7 *:* LISTEN',
    ],
    ['{ check: packets, where: server, match: tcp and flags S, count: 2 }', '1 seen'],
    ['{ check: packets, where: server, match: udp, before: 1s, min: 1 }', '0 seen'],
    ['{ check: delay, match: tcp, from: client, to: server, max: 5ms }', /^10\.\d+ms to/],
    ['{ check: delay, match: icmp and icmptype = 8, from: client, to: server, max: 5ms }', 'none arrived'],
    [
      '{ check: drops, where: cable, reason: link.losst, count: 1 }',
      '0 counted (there: link.lost 1); did you mean link.lost?',
    ],
    ['{ check: program, program: talk, is: running }', 'exited with status 0'],
    ['{ check: statistic, program: talk, statistic: echoed, min: 2 }', '1'],
    ['{ check: printed, program: talk, text: xyzzy }', /nothing|0 of \d+ lines/],
  ])('fails and says what was found: %s', (text, detail) => {
    const verdict = verdictOf(text);
    expect(verdict.ok).toBe(false);
    if (typeof detail === 'string') expect(verdict.detail).toBe(detail);
    else expect(verdict.detail).toMatch(detail);
  });

  it('may have a name of its own', () => {
    expect(verdictOf('{ name: a lesson, check: packets, where: server, min: 1 }').name).toBe('a lesson');
  });

  it('fails when the run ends before it could be looked at', () => {
    const run = new ScenarioRun(
      scenarioOf(`${BASE}expect: [{ check: state, host: server, socket: 'tcp *:7', is: LISTEN, at: 2s }]\n`),
      { until: 1_500_000_000 },
    );
    run.run();
    expect(checkExpectations(run).at(-1)).toMatchObject({ ok: false, detail: 'the run ended before' });
  });

  it('is made of the calls of inline programs, too', () => {
    const calls = (line: string) =>
      `${BASE}  wrong: { host: client, run: calls, calls: ['s = socket(tcp)', '${line}', 'close(s)'] }\n`;
    const verdict = (line: string) => lastCallsOf(calls(line));
    expect(verdict('bind(s, *:5000)')).toMatchObject({ ok: true, detail: '3 of 3' });
    expect(verdict('bind(s, *:5000) = EINVAL').detail).toBe(
      'call 2, bind(s, *:5000) = EINVAL: came to 0, not EINVAL',
    );
    expect(verdict('listen(s, 1) = blocks').detail).toBe(
      'call 2, listen(s, 1) = blocks: came to 0, not blocks',
    );
    expect(verdict('sleep(9s)').detail).toBe('call 2, sleep(9s): came to blocks, not success');
  });
});

function verdictOf(expectation: string): Verdict {
  const run = new ScenarioRun(scenarioOf(`${BASE}expect: [${expectation}]\n`));
  run.run();
  return checkExpectations(run).at(-1)!;
}

function lastCallsOf(text: string): Verdict {
  const run = new ScenarioRun(scenarioOf(text));
  run.run();
  return checkExpectations(run).at(-1)!;
}
