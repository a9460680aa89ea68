/** Each built-in program against its partner, over real stacks. */
import { describe, expect, it } from 'vitest';
import { bulkReceiver } from '../../src/apps/bulk-receiver.ts';
import { bulkSender } from '../../src/apps/bulk-sender.ts';
import { cbrSender } from '../../src/apps/cbr-sender.ts';
import { chatServer } from '../../src/apps/chat-server.ts';
import { echoClient } from '../../src/apps/echo-client.ts';
import { echoServer } from '../../src/apps/echo-server.ts';
import { ftpClient } from '../../src/apps/ftp-client.ts';
import { ftpServer } from '../../src/apps/ftp-server.ts';
import { happyEyeballs } from '../../src/apps/happy-eyeballs.ts';
import { httpClient } from '../../src/apps/http-client.ts';
import { httpServer } from '../../src/apps/http-server.ts';
import { lineClient } from '../../src/apps/line-client.ts';
import { ping } from '../../src/apps/ping.ts';
import { requestClient } from '../../src/apps/request-client.ts';
import { requestServer } from '../../src/apps/request-server.ts';
import { smtpClient } from '../../src/apps/smtp-client.ts';
import { smtpServer } from '../../src/apps/smtp-server.ts';
import { traceroute } from '../../src/apps/traceroute.ts';
import { udpSink } from '../../src/apps/udp-sink.ts';
import { ETHERTYPE_IPV6 } from '../../src/link/frame.ts';
import { Network } from '../../src/node/network.ts';
import { ANY_V4, ANY_V6, IpAddress } from '../../src/packet/ip-address.ts';
import { parsePrefix } from '../../src/packet/prefix.ts';
import { MILLISECOND, SECOND } from '../../src/sim/time.ts';
import { addressIn, endpointIn, FAMILIES } from '../support/families.ts';
import { endpoint, join, line, linesOf, pair, start } from '../support/lan.ts';

const at = (port: number) => endpoint(`10.0.0.2:${port}`);

describe.each([
  ['tcp', 4],
  ['udp', 4],
  ['tcp', 6],
  ['udp', 6],
] as const)('over %s and IPv%i', (protocol, family) => {
  const at = (port: number) => endpointIn(family, `10.0.0.2:${port}`);
  const address = family === 6 ? ANY_V6 : ANY_V4;

  it('echo comes back', () => {
    const network = pair({ family });
    const server = start(network, 'b', echoServer, { protocol, address });
    const client = start(network, 'a', echoClient, { protocol, to: at(7), count: 3, message: 'hello' });
    network.run({ until: 10 * SECOND });
    expect(client.statistics).toMatchObject({ sent: 3, echoed: 3, mismatches: 0, lost: 0 });
    expect(client.statistics.rttMin).toBeGreaterThan(2 * MILLISECOND);
    expect(server.statistics).toMatchObject({ messages: 3, bytes: 15 });
    expect(client.task).toMatchObject({ state: 'exited', status: 0 });
    expect(server.task).toMatchObject({ state: 'running' });
    expect(linesOf(network, 'a')).toEqual(['3 of 3 messages of 5 bytes came back']);
  });

  it('requests get responses', () => {
    const network = pair({ family });
    const server = start(network, 'b', requestServer, { protocol, address, work: 5 * MILLISECOND });
    const to = at(7000);
    const client = start(network, 'a', requestClient, {
      protocol,
      to,
      count: 20,
      'think-model': 'exponential',
    });
    network.run({ until: 10 * SECOND });
    expect(client.statistics).toMatchObject({ requests: 20, responses: 20, lost: 0 });
    expect(client.statistics.rttMin).toBeGreaterThan(7 * MILLISECOND);
    expect(server.statistics).toMatchObject({ requests: 20, bytesIn: 2000, bytesOut: 20_000 });
    expect(client.task.status).toBe(0);
  });

  it('says that nobody listens', () => {
    const network = pair({ family });
    const client = start(network, 'a', echoClient, { protocol, to: at(7) });
    network.run({ until: 10 * SECOND });
    expect(client.task).toMatchObject({ state: 'exited', status: 1 });
    expect(linesOf(network, 'a')).toEqual([
      protocol === 'tcp' ? 'connect: ECONNREFUSED' : 'echo: ECONNREFUSED',
    ]);
  });
});

describe('HTTP', () => {
  it('serves pages over one connection or several, from a chosen port', () => {
    for (const keepAlive of [true, false]) {
      const network = pair();
      const server = start(network, 'b', httpServer, {
        pages: { '/': 'It works.\n', '/a': 'x'.repeat(50_000) },
      });
      const from = keepAlive ? { from: endpoint('10.0.0.1:5678') } : {};
      const client = start(network, 'a', httpClient, {
        to: at(80),
        path: '/a',
        count: 3,
        'keep-alive': keepAlive,
        ...from,
      });
      network.run({ until: 60 * SECOND });
      expect(client.statistics).toMatchObject({
        connections: keepAlive ? 1 : 3,
        responses: 3,
        ok: 3,
        bytes: 150_000,
      });
      expect(server.statistics).toMatchObject({ connections: keepAlive ? 1 : 3, requests: 3, refused: 0 });
      expect(linesOf(network, 'a')).toEqual(['HTTP/1.1 200 OK, 150000 bytes in 3 answers']);
    }
  });

  it('has no page for every path, and refuses what it does not understand', () => {
    const network = pair();
    const server = start(network, 'b', httpServer, {});
    const missing = start(network, 'a', httpClient, { to: at(80), path: '/nothing' });
    const nonsense = start(network, 'a', lineClient, { to: at(80), lines: ['nonsense', ''] }, SECOND);
    network.run({ until: 60 * SECOND });
    expect(missing.statistics).toMatchObject({ responses: 1, ok: 0, status: 'HTTP/1.1 404 Not Found' });
    expect(missing.task.status).toBe(1);
    expect(nonsense.task.status).toBe(0);
    expect(linesOf(network, 'a')).toContain('HTTP/1.1 400 Bad Request');
    expect(server.statistics).toMatchObject({ requests: 2, refused: 2 });
  });
});

describe('FTP', () => {
  it.each([
    ['passive', 'get'],
    ['passive', 'put'],
    ['active', 'get'],
    ['active', 'put'],
  ] as const)('in %s mode: %s', (mode, action) => {
    const network = pair();
    const server = start(network, 'b', ftpServer, { size: 100_000 });
    const client = start(network, 'a', ftpClient, { to: at(21), mode, action, size: 100_000 });
    network.run({ until: 60 * SECOND });
    expect(client.statistics).toEqual({ complete: true, bytes: 100_000 });
    expect(server.statistics).toMatchObject({ sessions: 1, bytes: 100_000 });
    expect(client.task.status).toBe(0);
    const spoken = linesOf(network, 'a').map((text) => text.replace(/\d+,\d+,\d+,\d+,\d+,\d+/, '...'));
    expect(spoken).toEqual([
      '< 220 fivetuple FTP server ready',
      '> USER anonymous',
      '< 331 Any password will do',
      '> PASS guest',
      '< 230 Logged in',
      '> TYPE I',
      '< 200 Type set',
      ...(mode === 'passive'
        ? ['> PASV', '< 227 Entering Passive Mode (...)']
        : ['> PORT ...', '< 200 PORT command successful']),
      `> ${action === 'get' ? 'RETR' : 'STOR'} file.txt`,
      '< 150 Opening data connection',
      '< 226 Transfer complete',
      '> QUIT',
      '< 221 Goodbye',
    ]);
  });

  it.each([
    ['passive', 'EPSV', '229 Entering Extended Passive Mode (|||...|)'],
    ['active', 'EPRT |2|fd00::a00:1|...|', '200 PORT command successful'],
  ] as const)('in %s mode over IPv6, as RFC 2428 has it', (mode, asked, answered) => {
    const network = pair({ family: 6 });
    start(network, 'b', ftpServer, { size: 100_000, address: ANY_V6 });
    const client = start(network, 'a', ftpClient, { to: endpointIn(6, '10.0.0.2:21'), mode });
    network.run({ until: 60 * SECOND });
    expect(client.statistics).toEqual({ complete: true, bytes: 100_000 });
    const spoken = linesOf(network, 'a').map((text) => text.replace(/\d{5}/, '...'));
    expect(spoken).toContain(`> ${asked}`);
    expect(spoken).toContain(`< ${answered}`);
  });

  it('serves old clients through a socket for both families', () => {
    const network = pair();
    start(network, 'b', ftpServer, { size: 100_000, address: ANY_V6 });
    const clients = (['passive', 'active'] as const).map((mode) =>
      start(network, 'a', ftpClient, { to: at(21), mode }),
    );
    network.run({ until: 60 * SECOND });
    for (const { statistics } of clients) expect(statistics).toEqual({ complete: true, bytes: 100_000 });
  });
});

describe('SMTP', () => {
  it('takes a message, dots and all', () => {
    const network = pair();
    const server = start(network, 'b', smtpServer, {});
    const client = start(network, 'a', smtpClient, { to: at(25), body: ['.', '..', 'end'] });
    network.run({ until: 60 * SECOND });
    expect(client.statistics).toEqual({ accepted: true, code: 250 });
    expect(server.statistics).toEqual({ sessions: 1, messages: 1, recipients: 1, lines: 7 });
  });
});

describe('bulk transfer', () => {
  it('brings all bytes, at about the rate of the link', () => {
    const network = pair();
    const receiver = start(network, 'b', bulkReceiver, {});
    const sender = start(network, 'a', bulkSender, { to: at(5001), size: 5_000_000 });
    network.run({ until: 60 * SECOND });
    expect(sender.statistics.bytes).toBe(5_000_000);
    expect(receiver.statistics).toMatchObject({ connections: 1, complete: 1, bytes: 5_000_000 });
    expect(receiver.statistics.goodput).toBeGreaterThan(60_000_000);
    expect(receiver.statistics.goodput).toBeLessThan(100_000_000);
  });

  it('waits for a slow reader and stops when its time is over', () => {
    const network = pair();
    const receiver = start(network, 'b', bulkReceiver, { 'read-size': 10_000, pause: 10 * MILLISECOND });
    const sender = start(network, 'a', bulkSender, { to: at(5001), duration: SECOND });
    network.run({ until: 60 * SECOND });
    expect(sender.task.status).toBe(0);
    expect(receiver.statistics.bytes).toBe(sender.statistics.bytes);
    expect(receiver.statistics.goodput).toBeLessThan(9_000_000);
  });
});

describe('constant bit rate', () => {
  it('keeps its rate, and the sink measures loss and delay', () => {
    const network = pair();
    network.cable('a.eth0--b.eth0').impair([{ rule: 'loss', indexes: [3, 4] }], 0);
    const sink = start(network, 'b', udpSink, {});
    const sender = start(network, 'a', cbrSender, { to: at(9), rate: 800_000, size: 1000, duration: SECOND });
    network.run({ until: 10 * SECOND });
    expect(sender.statistics).toEqual({ sent: 100, bytes: 100_000, errors: 0 });
    expect(sink.statistics).toMatchObject({ received: 98, bytes: 98_000, peers: 1, reordered: 0 });
    expect(sink.statistics.delayMin).toBeGreaterThan(MILLISECOND);
  });
});

describe('chat', () => {
  it('passes lines on to all the others', () => {
    const network = pair();
    start(network, 'b', chatServer, {});
    const speakers = ['from one', 'from two'].map((text, i) =>
      start(network, 'a', lineClient, { to: at(6667), lines: [text] }, (i + 1) * 10 * MILLISECOND),
    );
    network.run({ until: 60 * SECOND });
    expect(speakers.map(({ task }) => task.status)).toEqual([0, 0]);
    expect(linesOf(network, 'a')).toEqual(['from two']); // the first had spoken before the second came
  });
});

describe.each(FAMILIES)('ping and traceroute, IPv%i', (family) => {
  const named = (text: string) => addressIn(family, text);
  it('time the way, and find the routers on it', () => {
    const network = line(2, { family });
    const to = named('192.168.1.5');
    const pinging = start(network, 'client', ping, { to, count: 2 });
    const tracing = start(network, 'client', traceroute, { to }, 5 * SECOND);
    network.run({ until: 20 * SECOND });
    expect(pinging.statistics).toMatchObject({ sent: 2, received: 2, errors: 0 });
    expect(tracing.statistics).toEqual({
      reached: true,
      hops: 3,
      path: ['10.0.0.1', '10.0.1.3', '192.168.1.5'].map((text) => named(text).toString()),
    });
    expect(linesOf(network, 'client')).toContain(
      '2 packets transmitted, 2 received, 0% packet loss, time 1006ms',
    );
  });

  it('say who cannot go further', () => {
    const network = line(1, { family });
    const pinging = start(network, 'client', ping, {
      to: named('192.168.1.77'),
      count: 1,
      timeout: 5 * SECOND,
    });
    const expired = start(
      network,
      'client',
      ping,
      { to: named('192.168.1.5'), count: 1, ttl: 1 },
      10 * SECOND,
    );
    network.run({ until: 30 * SECOND });
    expect(pinging.statistics).toMatchObject({ sent: 1, received: 0, errors: 1 });
    expect(expired.statistics).toMatchObject({ received: 0, errors: 1 });
    const lines = linesOf(network, 'client').filter((text) => text.startsWith('From'));
    const refused = `From ${named('10.0.0.1')} icmp_seq=1 EHOSTUNREACH`;
    expect(lines).toEqual([refused, refused]);
  });

  it('show hosts that do not answer as stars', () => {
    const network = line(1, { family });
    network.cable('r1.eth1--server.eth0').setUp(false);
    const tracing = start(network, 'client', traceroute, {
      to: named('192.168.1.5'),
      hops: 2,
      probes: 1,
    });
    network.run({ until: 30 * SECOND });
    expect(tracing.statistics.path).toEqual([named('10.0.0.1').toString(), '*']);
  });
});

describe('all of them at once', () => {
  it('do the same in every run of the same seed, and otherwise with another', () => {
    const run = (seed: number) => {
      const network = line(1, { seed });
      const to = (port: number) => endpoint(`192.168.1.5:${port}`);
      start(network, 'server', httpServer, {});
      start(network, 'server', ftpServer, {});
      start(network, 'server', requestServer, {});
      start(network, 'server', udpSink, {});
      start(network, 'server', chatServer, {});
      start(network, 'client', httpClient, { to: to(80), count: 5 });
      start(network, 'client', ftpClient, { to: to(21), mode: 'active' });
      start(network, 'client', requestClient, { to: to(7000), 'think-model': 'exponential' });
      start(network, 'client', cbrSender, { to: to(9), count: 50 });
      start(network, 'client', lineClient, { to: to(6667), lines: ['a', 'b'] });
      start(network, 'client', ping, { to: to(0).address, count: 3 });
      network.run({ until: 30 * SECOND });
      return [network.simulator.fingerprint.toString(), network.host('client').printed] as const;
    };
    expect(run(1)).toEqual(run(1));
    expect(run(2)[0]).not.toBe(run(1)[0]);
  });
});

describe('happy eyeballs', () => {
  /** A server and a client with an address of each family. */
  function dualStack() {
    const network = new Network();
    for (const [name, ...addresses] of [
      ['a', '10.0.0.1/24', 'fd00::1/64'],
      ['b', '10.0.0.2/24', 'fd00::2/64'],
    ] as const)
      network.addHost(name, { interfaces: [{ addresses: addresses.map(parsePrefix) }] });
    join(network, 'a.eth0', 'b.eth0');
    return network;
  }
  const to = ['10.0.0.2', 'fd00::2'].map((text) => ({ address: IpAddress.parse(text), port: 80 }));

  it('prefers IPv6, whatever comes first', () => {
    const network = dualStack();
    start(network, 'b', httpServer, { address: ANY_V6 });
    const client = start(network, 'a', happyEyeballs, { to });
    network.run({ until: 10 * SECOND });
    expect(client.statistics).toMatchObject({ connected: true, family: 6, attempts: 1 });
    expect(client.task.status).toBe(0);
  });

  it('goes on at once when an attempt fails, and closes what has lost', () => {
    const network = dualStack();
    start(network, 'b', httpServer, { address: ANY_V4 });
    const client = start(network, 'a', happyEyeballs, { to });
    network.run({ until: 10 * SECOND });
    expect(client.statistics).toMatchObject({ connected: true, family: 4, attempts: 2 });
    expect(client.statistics.delay).toBeLessThan(20 * MILLISECOND);
    expect(linesOf(network, 'a')[0]).toBe('[fd00::2]:80: ECONNREFUSED');
    expect(
      network
        .host('a')
        .sockets.rows()
        .filter(({ life }) => life !== 'time-wait'),
    ).toEqual([]);
  });

  it('begins the next attempt beside one without an answer, and ends when none is left', () => {
    const network = dualStack();
    network.cables[0]!.impair([{ rule: 'loss', match: (frame) => frame.etherType === ETHERTYPE_IPV6 }], 0);
    start(network, 'b', httpServer, { address: ANY_V6 });
    const client = start(network, 'a', happyEyeballs, { to, stagger: 100 * MILLISECOND });
    const nobody = start(
      network,
      'a',
      happyEyeballs,
      { to: to.map((end) => ({ ...end, port: 81 })) },
      SECOND,
    );
    network.run({ until: 300 * SECOND });
    expect(client.statistics).toMatchObject({ connected: true, family: 4, attempts: 2 });
    expect(client.statistics.delay).toBeGreaterThan(100 * MILLISECOND);
    expect(nobody.statistics).toMatchObject({ connected: false, family: 0, attempts: 2 });
    expect(nobody.task.status).toBe(1);
  });
});
