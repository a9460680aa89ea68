/** The command `run`: its report, its exit codes, its JSON document, and what becomes of a defect. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { ScenarioRun } from '../../src/scenario/build/run.ts';
import { InvariantError } from '../../src/sim/errors.ts';
import { fivetuple } from './support.ts';

const LESSON = 'scenarios/03-udp-and-connect.yaml';
let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'run-'));
});
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => void vi.restoreAllMocks());

describe('run', () => {
  it('shows the network, what happened, who got what and why, the sockets, and what holds', async () => {
    const { code, out } = await fivetuple('run', 'scenarios/01-port-versus-socket.yaml');
    expect(code).toBe(0);
    expect(out).toContain('A port is not a socket\n');
    expect(out).toContain('port2 ── 1Gbps 1us ── eth0 client 10.0.0.2/24');
    expect(out).toContain('5678 > 80 [S] seq 0 win 64240 len 0');
    expect(out).toMatch(/server +httpd +tcp 192\.168\.1\.5:80 +from 10\.0\.0\.2:5678 +32 bytes/);
    expect(out).toMatch(
      /to tcp 192\.168\.1\.5:80 <- 10\.0\.0\.2:5678 fd 4 \(httpd\) +L2: the exact four-tuple/,
    );
    expect(out).toMatch(/tcp +0 +0 192\.168\.1\.5:80 +10\.0\.0\.2:5678 +ESTABLISHED/);
    expect(out).toMatch(
      /11 expectations hold \(3s simulated, \d+ events, seed 1, fingerprint [0-9a-f]{16}\)\n$/,
    );
    expect(out).not.toContain('\u001b');
  });

  it('says nothing but the closing line with --quiet', async () => {
    const { code, out } = await fivetuple('run', LESSON, '--quiet');
    expect(code).toBe(0);
    expect(out.trim()).toMatch(/^7 expectations hold \(.*\)$/);
  });

  it('ends with 1 and says what was found when an expectation fails', async () => {
    const { code, out } = await fivetuple('run', LESSON, '--quiet', '--set', 'expect.0.count=5');
    expect(code).toBe(1);
    expect(out).toContain(
      "  ✗ the stranger's second datagram reached the server's interface\n      2 seen\n",
    );
    expect(out).toContain('1 of 7 expectations failed');
  });

  it('takes the seed, the end and changes from options', async () => {
    const one = await fivetuple('run', 'scenarios/10-loss.yaml', '--json', '-', '--until', '3s');
    const other = await fivetuple(
      'run',
      'scenarios/10-loss.yaml',
      '--json',
      '-',
      '--until',
      '3s',
      '--seed',
      '7',
    );
    const document = JSON.parse(other.out);
    expect(document).toMatchObject({ seed: 7, simTimeNs: 3_000_000_000 });
    expect(document.fingerprint).not.toBe(JSON.parse(one.out).fingerprint);
  });

  it('writes one JSON document with the keys that scripts rely on', async () => {
    const file = join(folder, 'run.json');
    const { code } = await fivetuple('run', LESSON, '--json', file, '--quiet');
    expect(code).toBe(0);
    const document = JSON.parse(readFileSync(file, 'utf8'));
    expect(Object.keys(document)).toEqual([
      'scenario',
      'seed',
      'profile',
      'fingerprint',
      'simTimeNs',
      'events',
      'wallSeconds',
      'expectations',
      'hosts',
      'links',
      'sockets',
      'flows',
    ]);
    expect(document.expectations[0]).toEqual({
      name: 'server on server: all 9 calls come to what they should',
      ok: true,
      detail: '9 of 9',
    });
    expect(document.flows).toContainEqual({
      protocol: 'udp',
      src: '10.0.0.3:4000',
      dst: '10.0.0.1:5000',
      packets: 2,
      bytes: 28,
    });
  });

  it('gives the same document in wire mode, but for the time that it took', async () => {
    const [plain, wire] = await Promise.all([
      fivetuple('run', LESSON, '--json', '-'),
      fivetuple('run', LESSON, '--json', '-', '--wire'),
    ]);
    const withoutWall = (text: string) => ({ ...JSON.parse(text), wallSeconds: 0 });
    expect(withoutWall(wire.out)).toEqual(withoutWall(plain.out));
  });

  it('writes a capture for each interface', async () => {
    const { code, err } = await fivetuple('run', LESSON, '--quiet', '--pcap', join(folder, 'captures'));
    expect(code).toBe(0);
    expect(readdirSync(join(folder, 'captures')).sort()).toEqual([
      'friend.eth0.pcapng',
      'server.eth0.pcapng',
      'stranger.eth0.pcapng',
    ]);
    expect(err).toContain('3 captures in');
  });

  it('says which file it could not write, before it runs anything', async () => {
    writeFileSync(join(folder, 'file'), '');
    const wrong: [option: string, path: string, why: string][] = [
      ['--json', join(folder, 'file', 'x.json'), 'not a directory'],
      ['--json', join(folder, 'no', 'x.json'), 'no such file or directory'],
      ['--json', folder, 'illegal operation on a directory'],
      ['--pcap', join(folder, 'file', 'captures'), 'not a directory'],
    ];
    for (const [option, path, why] of wrong)
      expect(await fivetuple('run', LESSON, option, path)).toEqual({
        code: 2,
        out: '',
        err: `cannot write ${path}: ${why}\n`,
      });
  });

  it('ends with 70 when a rule of the program itself is broken, and says how to see it again', async () => {
    vi.spyOn(ScenarioRun.prototype, 'slice').mockImplementation(() => {
      throw new InvariantError('snd.una is beyond snd.nxt');
    });
    const { code, err } = await fivetuple('run', LESSON, '--seed', '5', '--set', 'until=4s', '--wire');
    expect(code).toBe(70);
    expect(err).toContain('A rule of fivetuple itself was broken: snd.una is beyond snd.nxt');
    expect(err).toMatch(/at 0\.000000000 s, in .*, seed 5/);
    expect(err).toContain(`fivetuple run ${LESSON} --seed 5 --set 'until=4s' --wire`);
  });
});

describe('a question that a profile leaves open', () => {
  const text = (last: string) => `title: two systems
profile: rfc
until: 3s
hosts:
  server: { profile: freebsd, interfaces: { eth0: 10.0.0.1/24 } }
  client: { interfaces: { eth0: 10.0.0.2/24 } }
links: { cable: client -- server }
programs:
  service: { host: server, run: echo-server, port: 80 }
  client:
    host: client
    start: 1s
    run: calls
    calls:
      - s = socket(tcp)
      - connect(s, server:80)
      - ${last}
`;

  it('ends the run with exit code 2, at the line of the call, with program, host and time', async () => {
    const file = join(folder, 'call.yaml');
    writeFileSync(file, text('disconnect(s)'));
    const { code, out, err } = await fivetuple('run', file);
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(
      /^.*call\.yaml:17:9: profile 'rfc' does not define connect\(AF_UNSPEC\) on a TCP socket \(program 'client' on host 'client' at 1\.0000\d+ s\)\n 17 \| {7}- disconnect\(s\)\n {4}\| {9}\^{13}\n {2}expected: a profile that defines it, such as linux\n$/,
    );
  });

  it('does so when a packet asks, at the profile of its host', async () => {
    const file = join(folder, 'packet.yaml');
    const datagram = text('close(s)').replace('s = socket(tcp)', 's = socket(udp)');
    writeFileSync(file, `${datagram.replace('close(s)', 'send(s, "x")')}      - recv(s) = ?\n`);
    const { code, err } = await fivetuple('run', file);
    expect(code).toBe(2);
    expect(err).toMatch(
      /packet\.yaml:2:10: profile 'rfc' does not define the error .* ICMP message \(a packet on host 'client' at 1\.\d+ s\)/,
    );
  });

  it('is none on a system that defines it: --profile changes the hosts that name none', async () => {
    const file = join(folder, 'call.yaml');
    writeFileSync(file, text('disconnect(s)'));
    const { code, out } = await fivetuple('run', file, '--profile', 'linux');
    expect(code).toBe(0);
    expect(out).toMatch(/server .* to tcp 0\.0\.0\.0:80 .* F3: the newest socket on any address/);
    expect(out).toMatch(/client .* L2: the exact four-tuple/);
    expect(out).toContain('Sockets of server at the end (profile freebsd)');
  });
});

describe('check, schema and scenarios', () => {
  it('finds the shipped scenarios right', async () => {
    const listed = await fivetuple('scenarios');
    const files = listed.out.split('\n').flatMap((line) => line.split(/\s+/)[0] || []);
    expect(files.length).toBeGreaterThanOrEqual(20);
    const { code, out } = await fivetuple('check', ...files);
    expect(code).toBe(0);
    expect(out.split('\n')[0]).toBe('✓ scenarios/01-port-versus-socket.yaml: A port is not a socket');
  });

  it('prints the published schema', async () => {
    const { out } = await fivetuple('schema');
    expect(JSON.parse(out)).toEqual(JSON.parse(readFileSync('scenarios/scenario.schema.json', 'utf8')));
  });

  it('names problems of several files, and goes on', async () => {
    const bad = join(folder, 'bad.yaml');
    writeFileSync(bad, 'titel: x\n');
    const { code, out, err } = await fivetuple('check', bad, LESSON);
    expect(code).toBe(2);
    expect(err).toContain(`${bad}:1:1: unknown key 'titel'`);
    expect(out).toContain(`✓ ${LESSON}`);
  });
});

describe('netstat', () => {
  it('prints the table of that instant', async () => {
    const { code, out } = await fivetuple(
      'netstat',
      LESSON,
      '--host',
      'server',
      '--at',
      '1ms',
      '--style',
      'ss',
    );
    expect(code).toBe(0);
    expect(out).toMatch(/UNCONN +0 +0 +0\.0\.0\.0:5000 +0\.0\.0\.0:\* +users/);
  });
});

describe('explain', () => {
  const LISTENERS = ['explain', 'scenarios/04-bind-to-one-or-all.yaml', '--host', 'server', '--at', '500ms'];

  it('names the socket, the rule, the other candidates, and what would change the outcome', async () => {
    const { code, out } = await fivetuple(...LISTENERS, 'udp 10.0.0.2:4000 > 10.0.0.5:5000');
    expect(code).toBe(0);
    expect(out).toContain('#2 all-addresses/3 (*:5000) gets it');
    expect(out).toContain('it is bound to 10.0.0.1, the packet is for 10.0.0.5');
    expect(out).toMatch(/If the packet were for address 10\.0\.0\.1 .* #1 first-only\/3 .* would get it/);
  });

  it('gives the same as JSON, also by the rules of another system', async () => {
    const { out } = await fivetuple(
      ...LISTENERS,
      '--json',
      '-',
      '--profile',
      'freebsd',
      'udp 10.0.0.2:4000 > 10.0.0.1:5000',
    );
    expect(JSON.parse(out)).toMatchObject({ host: 'server', profile: 'freebsd', winners: [1] });
  });

  it('points at a mistake in the packet', async () => {
    const { code, err } = await fivetuple(...LISTENERS, 'udp 10.0.0.2:4000 > 10.0.0.5');
    expect(code).toBe(2);
    expect(err).toMatch(
      /^error: .* at column \d+ of .*\n {2}udp 10\.0\.0\.2:4000 > 10\.0\.0\.5\n {2} *\^\n {2}expected: /,
    );
  });
});
