/** The executor against hand-made traces: what passes, what fails, and what it says. */
import { describe, expect, it } from 'vitest';
import { runScript } from '../../../src/conformance/packetdrill/run.ts';
import { IpAddress } from '../../../src/packet/ip-address.ts';
import { FakeHost, FakeSocket } from './support/fake-host.ts';

/** The message of a run, or 'passed'. */
function run(text: string, host: FakeHost = new FakeHost(), settings: Record<string, string> = {}): string {
  const source = { name: 't.pkt', text };
  const outcome = runScript(source, { host: () => host, settings: new Map(Object.entries(settings)) });
  return outcome.result === 'passed' ? 'passed' : outcome.message;
}

/** A listener that has answered a SYN: the connection under test is passive, the host's ISN is 1000. */
const HANDSHAKE = `0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
+0 bind(3, ..., ...) = 0
+0 listen(3, 1) = 0
+0 < S 0:0(0) win 9 <mss 1000>
+0 > S. 0:0(0) ack 1 <mss 1460>
`;

function listener(): FakeHost {
  const host = new FakeHost();
  host.onSegment = (_, segment) => {
    if (segment.flags === 0x02) host.send({ seq: 1000, flags: 0x12, options: Uint8Array.of(2, 4, 5, 180) });
  };
  return host;
}

describe('a passive connection', () => {
  it('maps sequence numbers to the live ones and back', () => {
    const host = listener();
    host.at(0.1, () => host.send({ flags: 0x18, length: 100 }));
    const text = `${HANDSHAKE}.1 > P. 1:101(100) ack 1 win 500
      +0 < . 1:1(0) ack 101 win 8 <nop,nop,sack 201:301>`;
    expect(run(text, host)).toBe('passed');
    expect(host.sockets[0]!.calls).toEqual(['bind 192.168.0.1:8080']);
    const ack = host.injected[1]!;
    expect([ack.seq, ack.ack, ack.window, ack.srcPort, ack.dstPort]).toEqual([1, 1101, 8, 40001, 8080]);
    expect([...ack.options]).toEqual([1, 1, 5, 10, 0, 0, 4, 177, 0, 0, 5, 21]);
  });

  it('gives accept() its descriptor by the peer port', () => {
    const host = listener();
    const child = new FakeSocket();
    host.at(0.05, () => {
      host.sockets[0]!.queue.push(child);
    });
    const text = `${HANDSHAKE}.1 accept(3, ..., ...) = 4
      +0 write(4, ..., 10) = 10
      +0 %{ assert tcpi_snd_cwnd == 10 }%
      +0 close(4) = 0
      +0 write(4, ..., 10) = -1 EBADF`;
    expect(run(text, host)).toBe('passed');
    expect(child.calls).toEqual(['send 10 0', 'close']);
  });

  it('passes over packets of other connections', () => {
    const host = listener();
    host.at(0.1, () => {
      host.send({ flags: 0x04, dstPort: 999 });
      host.send({ flags: 0x14 });
    });
    expect(run(`${HANDSHAKE}.1 > R. 1:1(0) ack 1`, host)).toBe('passed');
  });

  it('has no TCP_INFO before accept()', () => {
    expect(run(`${HANDSHAKE}+0 %{ assert 1 }%`, listener())).toContain('t.pkt:6: there is no descriptor');
  });
});

describe('an active connection', () => {
  it('learns port and ISN from the SYN', () => {
    const host = new FakeHost();
    host.at(0.01, () =>
      host.send({ srcPort: 33000, dstPort: 8080, seq: 5000, ack: 0, flags: 2, window: 65535 }),
    );
    const text = `0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
      +.01 connect(3, ..., ...) = 0
      +0 > S 0:0(0) win 65535
      +.1 < S. 0:0(0) ack 1 win 1
      +0 < icmp unreachable frag_needed mtu 1200 [1:101(100)]`;
    expect(run(text, host)).toBe('passed');
    expect(host.sockets[0]!.calls).toEqual(['connect 192.0.2.1:8080']);
    expect(host.injected[0]).toMatchObject({ ack: 5001, srcPort: 8080, dstPort: 33000, ttl: 255 });
    const icmp = host.injectedBytes[1]!;
    expect([icmp[20], icmp[21], icmp[26]! * 256 + icmp[27]!]).toEqual([3, 4, 1200]);
    expect([...icmp.slice(48, 56)]).toEqual([33000 >> 8, 33000 & 255, 31, 144, 0, 0, 5001 >> 8, 5001 & 255]);
  });
});

describe('outbound packets', () => {
  const one = (line: string, fields: Parameters<FakeHost['send']>[0], at: number = 0.1): string => {
    const host = listener();
    host.at(at, () => host.send(fields));
    return run(`${HANDSHAKE}.1 > ${line}`, host);
  };

  it.each([
    ['. 1:1(0) ack 1', { flags: 0x11 }, 'flags: expected ., got F.'],
    ['. 2:2(0) ack 1', {}, 'seq: expected 2, got 1'],
    ['. 1:1(0) ack 2', {}, 'ack: expected 2, got 1'],
    ['. 1:1(0) ack 1 win 501', {}, 'win: expected 501, got 500'],
    ['. 1:1(0) ack 1', { length: 3 }, 'payload bytes: expected 0, got 3'],
    ['. 1:1(0) ack 1', { options: Uint8Array.of(1, 1, 1, 0) }, 'options: expected <>, got <nop,nop,nop,eol>'],
    [
      '. 1:1(0) ack 1 <nop,nop,sack 1:2>',
      { options: Uint8Array.of(1, 1, 1, 1) },
      'options: expected <nop,nop,sack 1:2>',
    ],
    ['[ect0] . 1:1(0) ack 1', { tos: 1 }, 'ECN: expected ect0, got ect1'],
    ['(ttl 3) . 1:1(0) ack 1', {}, 'ttl: expected 3, got 64'],
    ['PU. 1:2(1) ack 1 urg 1', { flags: 0x38, length: 1 }, 'urg: expected 1, got 0'],
  ])('%s is not met by %j', (line, fields, problem) => expect(one(line, fields)).toContain(problem));

  it('are met where a line says nothing', () => {
    expect(one('[ect01] . 1:1(0) ack 1 <...>', { tos: 2, options: Uint8Array.of(1, 1, 1, 1) })).toBe(
      'passed',
    );
  });

  it('come in time, or not', () => {
    expect(one('. 1:1(0) ack 1', {}, 0.112)).toBe('passed'); // 12.5 % of 100 ms
    expect(one('. 1:1(0) ack 1', {}, 0.113)).toBe(
      't.pkt:6: the packet came at 0.113000 s, expected 0.100000 s (tolerance 0.012500 s)',
    );
    expect(one('. 1:1(0) ack 1', {}, 2.2)).toContain('no packet came until 2.100000 s');
  });

  it('may come within a range, or at any time', () => {
    const host = listener();
    host.at(0.25, () => host.send({}));
    host.at(300, () => host.send({}));
    host.at(300.5, () => host.send({}));
    const text = `${HANDSHAKE}+.1~+.3 > . 1:1(0) ack 1\n* > . 1:1(0) ack 1\n+.5 > . 1:1(0) ack 1`;
    expect(run(text, host)).toBe('passed');
  });

  it('must be in order', () => {
    const host = listener();
    host.at(0.1, () => {
      host.send({ flags: 0x18, length: 10 });
      host.send({});
    });
    const message = run(`${HANDSHAKE}.1 > . 1:1(0) ack 1`, host);
    expect(message).toBe(
      't.pkt:6: flags: expected ., got P.; expected > . 1:1(0) ack 1, came > P. 1:11(10) ack 1 win 500',
    );
  });
});

describe('aggregation', () => {
  const data = (pieces: readonly [at: number, seq: number, length: number, flags: number][]): FakeHost => {
    const host = listener();
    for (const [at, seq, length, flags] of pieces) {
      host.at(at, () => host.send({ seq: 1000 + seq, length, flags }));
    }
    return host;
  };

  it('puts segments together; flags and time are those of the last', () => {
    const host = data([
      [0.1, 1, 1000, 0x10],
      [0.1, 1001, 1000, 0x18],
      [0.101, 2001, 500, 0x19],
    ]);
    expect(run(`${HANDSHAKE}.1 > FP. 1:2501(2500) ack 1`, host)).toBe('passed');
  });

  it.each([
    [
      [
        [0.1, 1, 1000, 0x10],
        [0.1, 2001, 1000, 0x18],
      ],
      'does not continue the expected data',
    ],
    [
      [
        [0.1, 1, 1000, 0x10],
        [0.1, 1001, 500, 0x10],
        [0.1, 1501, 500, 0x18],
      ],
      'a segment of 500 bytes after one of 1000',
    ],
    [
      [
        [0.1, 1, 1000, 0x10],
        [0.1, 1001, 1000, 0x50],
      ],
      'flags change',
    ],
    [[[0.1, 1, 1000, 0x10]], 'no more data came: expected 2000 bytes, got 1000'],
    [
      [
        [0.1, 1, 1500, 0x10],
        [0.1, 1501, 1000, 0x18],
      ],
      'payload bytes: expected 2000, got 2500',
    ],
  ] as const)('%j is not one packet', (pieces, problem) => {
    expect(run(`${HANDSHAKE}.1 > P. 1:2001(2000) ack 1`, data(pieces.map((piece) => [...piece])))).toContain(
      problem,
    );
  });

  it('does not happen with --strict_segments', () => {
    const host = data([
      [0.1, 1, 1000, 0x10],
      [0.1, 1001, 1000, 0x18],
    ]);
    expect(run(`--strict_segments\n${HANDSHAKE}.1 > P. 1:2001(2000) ack 1`, host)).toContain(
      'expected P., got .',
    );
  });
});

describe('timestamps', () => {
  const ts = (val: number, ecr: number): Uint8Array =>
    Uint8Array.of(1, 1, 8, 10, 0, 0, val >> 8, val & 255, 0, 0, ecr >> 8, ecr & 255);

  it('are echoed as the host sent them', () => {
    const host = listener();
    host.at(0.1, () => host.send({ options: ts(4321, 100) }));
    const text = `${HANDSHAKE}.1 > . 1:1(0) ack 1 <nop,nop,TS val 7 ecr 100>
      +0 < . 1:1(0) ack 1 win 1 <nop,nop,TS val 200 ecr 7>`;
    expect(run(text, host)).toBe('passed');
    expect([...host.injected[1]!.options]).toEqual([...ts(200, 0).slice(0, 8), 0, 0, 4321 >> 8, 4321 & 255]);
    expect(run(`${HANDSHAKE}+0 < . 1:1(0) ack 1 win 1 <nop,nop,TS val 200 ecr 7>`, listener())).toContain(
      'the host has sent no such timestamp',
    );
  });

  it('are compared where the script says what a tick is', () => {
    const host = (second: number): FakeHost => {
      const made = listener();
      made.at(0.1, () => made.send({ options: ts(4000, 0) }));
      made.at(0.2, () => made.send({ options: ts(second, 0) }));
      return made;
    };
    const text = `--tcp_ts_tick_usecs=1000\n${HANDSHAKE}.1 > . 1:1(0) ack 1 <nop,nop,TS val 100 ecr 0>
      .2 > . 1:1(0) ack 1 <nop,nop,TS val 200 ecr 0>`;
    expect(run(text, host(4110))).toBe('passed');
    expect(run(text, host(4150))).toContain('TS val advanced by 150 ticks since the first, expected 100');
  });
});

describe('calls', () => {
  const connected = (more: string): string => `${HANDSHAKE}+0 accept(3, ..., ...) = 4\n${more}`;
  const withChild = (): { host: FakeHost; child: FakeSocket } => {
    const host = listener();
    const child = new FakeSocket();
    host.at(0, () => host.sockets[0]?.queue.push(child));
    host.onSegment = (_, segment) => {
      if (segment.flags !== 0x02) return;
      host.send({ seq: 1000, flags: 0x12, options: Uint8Array.of(2, 4, 5, 180) });
      host.sockets[0]!.queue.push(child);
    };
    return { host, child };
  };

  it('block until they can go on, and must return in time', () => {
    for (const [at, result] of [
      [0.1, 'passed'],
      [0.2, 't.pkt:7: read() returned: came at 0.200000 s, expected 0.100000 s (tolerance 0.012500 s)'],
    ] as const) {
      const { host, child } = withChild();
      host.at(at, () => {
        child.readable = 5;
        child.wake();
      });
      expect(run(connected('0...0.1 read(4, ..., 10) = 5'), host)).toBe(result);
    }
  });

  it('may block only where the script says so', () => {
    const { host } = withChild();
    expect(run(connected('+0 read(4, ..., 10) = 5'), host)).toBe('t.pkt:7: read() blocks');
    const again = withChild();
    const text = connected(
      '+0 fcntl(4, F_SETFL, O_RDWR|O_NONBLOCK) = 0\n+0 read(4, ..., 10) = -1 EAGAIN (x)',
    );
    expect(run(text, again.host)).toBe('passed');
  });

  it('send all of their data, piece by piece', () => {
    const { host, child } = withChild();
    child.room = 600;
    host.at(0.05, () => {
      child.room = 1000;
      child.ready = 4;
      child.wake();
    });
    expect(run(connected('0...0.05 write(4, ..., 1000) = 1000'), host)).toBe('passed');
    expect(child.calls).toEqual(['send 1000 0', 'send 400 0', 'send 400 0'].slice(0, child.calls.length));
  });

  it('wait for the blocking one before them', () => {
    const { host, child } = withChild();
    host.at(0.5, () => {
      child.readable = 5;
      child.wake();
    });
    const text = connected('0...0.5 read(4, ..., 10) = 5\n+0 close(4) = 0');
    expect(run(text, host)).toBe('passed');
    expect(run(connected('0...0.5 read(4, ..., 10) = 5\n+0 close(4) = 0'), withChild().host)).toBe(
      't.pkt:7: read() still blocks when close() is to run',
    );
  });

  it('are compared by result and errno', () => {
    expect(run('0 close(3) = 0')).toBe('t.pkt:1: close() returned -1 EBADF, expected 0');
    expect(run('0 close(3) = -1 EAGAIN')).toBe('t.pkt:1: close() returned -1 EBADF, expected -1 EAGAIN');
    expect(run('0 close(3) = -1')).toBe('passed');
  });

  it('compare what comes back in their arguments', () => {
    const { host, child } = withChild();
    child.ready = 4;
    const text = connected(`+0 setsockopt(4, SOL_TCP, TCP_NODELAY, [1], 4) = 0
      +0 getsockopt(4, SOL_TCP, TCP_NODELAY, [1], [4]) = 0
      +0 ioctl(4, SIOCINQ, [42]) = 0
      +0 poll([{fd=4, events=POLLIN|POLLOUT, revents=POLLOUT}, {fd=9, events=POLLIN, revents=POLLNVAL}], 2, 0) = 2
      +0 setsockopt(4, SOL_SOCKET, SO_LINGER, {onoff=1, linger=2}, 8) = 0
      +0 setsockopt(4, SOL_SOCKET, SO_ZEROCOPY, [1], 4) = 0
      +0 sendmsg(4, {msg_name(...)=..., msg_iov(2)=[{..., 1}, {..., 2}], msg_flags=0}, MSG_MORE) = 3
      +0 getsockopt(4, SOL_TCP, TCP_CORK, [1], [4]) = 0`);
    expect(run(text, host)).toBe('t.pkt:14: getsockopt() TCP_CORK is 0, expected 1');
    expect(child.options.get('SO_LINGER')).toBe(2);
    expect(child.calls).toEqual([`send 3 ${0x8000}`]);
  });

  it('report edges to epoll once', () => {
    const { host, child } = withChild();
    child.ready = 1;
    host.at(0.1, () => child.wake());
    const text = connected(`+0 epoll_create(1) = 5
      +0 epoll_ctl(5, EPOLL_CTL_ADD, 4, {events=EPOLLIN|EPOLLET, fd=4}) = 0
      +0 epoll_wait(5, {events=EPOLLIN, fd=4}, 1, 0) = 1
      +0 epoll_wait(5, {events=EPOLLIN, fd=4}, 1, 0) = 0
      +0...0.1 epoll_wait(5, {events=EPOLLIN, fd=4}, 1, 200) = 1
      +.1 epoll_ctl(5, EPOLL_CTL_MOD, 4, {events=EPOLLIN, fd=4}) = 0
      +0 epoll_wait(5, {events=EPOLLIN, fd=4}, 1, 0) = 1
      +0 epoll_wait(5, {events=EPOLLIN, fd=4}, 1, 0) = 1`);
    expect(run(text, host)).toBe('passed');
  });

  it('wait in close() while a lingering socket has data to send', () => {
    const { host, child } = withChild();
    child.options.set('SO_LINGER', 1);
    host.lingering = true;
    host.at(0.4, () => {
      host.lingering = false;
      child.wake();
    });
    expect(run(connected('0...0.4 close(4) = 0'), host)).toBe('passed');
  });
});

describe('the clock', () => {
  it('counts a relative time from the live end of the event before', () => {
    const host = listener();
    host.at(0.11, () => host.send({})); // within the tolerance of 0.1
    host.at(0.21, () => host.send({}));
    const text = `${HANDSHAKE}.1 > . 1:1(0) ack 1\n+.1 > . 1:1(0) ack 1\n+0 < . 1:1(0) ack 1 win 7`;
    expect(run(text, host)).toBe('passed');
    expect(host.now()).toBe(210_000_000);
  });

  it('does not wait for packets that are already there', () => {
    const host = listener();
    host.at(0.1, () => host.send({}));
    const text = `${HANDSHAKE}.5 < . 1:1(0) ack 1 win 7\n* > . 1:1(0) ack 1\n+0 < . 1:1(0) ack 1 win 7`;
    expect(run(text, host)).toBe('passed');
    expect(host.now()).toBe(500_000_000);
  });

  it('refuses a first event that is not at 0 and times that go backwards', () => {
    expect(run('.1 `true`')).toBe('t.pkt:1: the first event is not at time 0');
    expect(run('0 `true`\n1 `true`\n.5 `true`')).toBe(
      't.pkt:3: time goes backwards, from 1.000000 s to 0.500000 s',
    );
  });

  it('lets the script act before what the host does of itself at the same instant', () => {
    const host = listener();
    const order: string[] = [];
    host.at(0.1, () => order.push('timer'));
    host.onSegment = (_, { flags }) => void order.push(`segment ${flags}`);
    run(
      `0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n+0 listen(3, 1) = 0\n.1 < S 0:0(0) win 1\n.2 \`true\``,
      host,
    );
    expect(order).toEqual(['segment 2', 'timer']);
  });
});

describe('commands and code', () => {
  it('runs init before time 0 and cleanup at the end, whatever happened', () => {
    const host = new FakeHost();
    const text = '`sysctl net.ipv4.tcp_sack=0`\n0 close(3) = 0\n`sysctl net.ipv4.tcp_sack=5`';
    expect(run(text, host)).toContain('EBADF');
    expect(host.sysctls.get('net.ipv4.tcp_sack')).toBe('5');
    expect(run('0 `false`')).toBe('t.pkt:1: the command ended with status 1, expected 0');
    expect(run('`sysctl net.ipv4.nope=1`\n0 `true`')).toBe("t.pkt:1:9: unknown sysctl 'net.ipv4.nope'");
  });

  it('runs code at the end with the numbers of its time', () => {
    const { info } = new FakeHost();
    expect(info.size).toBe(1);
    const host = listener();
    host.at(0.1, () => host.info.set('tcpi_snd_cwnd', 11));
    const text = `0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
      +0 %{ x = tcpi_snd_cwnd }%
      .2 %{ assert tcpi_snd_cwnd == 11 and x == 10
            assert tcpi_snd_cwnd == TCP_CA_Loss, 'cwnd %d' % tcpi_snd_cwnd }%
      +0 \`true\``;
    expect(run(text, host)).toBe('t.pkt:4: assertion failed: tcpi_snd_cwnd == TCP_CA_Loss: cwnd 11');
  });

  it('refuses options that it does not have', () => {
    expect(run('--tolerence_usecs=1\n0 `true`')).toContain("t.pkt:1:1: unknown option '--tolerence_usecs'");
    expect(run('--ip_version=ipx\n0 `true`')).toContain("t.pkt:1:1: unknown IP version 'ipx'");
    expect(run('--mtu=x\n0 `true`')).toContain("t.pkt:1:1: 'x' is no whole number");
  });

  it('lets a run override options, and merges long packets with --mss', () => {
    const host = listener();
    host.at(0.2, () => host.send({}));
    expect(run(`--mss=1000\n${HANDSHAKE}.1 > . 1:1(0) ack 1`, host, { tolerance_usecs: '100000' })).toBe(
      'passed',
    );
    const merging = listener();
    run(`--mss=1000\n${HANDSHAKE}+0 < . 1:3001(3000) ack 1 win 1\n+0 < . 1:1001(1000) ack 1 win 1`, merging);
    expect(merging.mergeSizes).toEqual([0, 1000, 0]);
  });

  it('sends to the addresses that options name', () => {
    const host = new FakeHost();
    expect(run('--remote_ip=192.0.2.1\n0 < . 5:5(0) ack 9 win 1', host)).toBe('passed');
    expect(host.injected[0]).toMatchObject({ src: IpAddress.parse('192.0.2.1'), seq: 10, ack: 9 });
  });
});
