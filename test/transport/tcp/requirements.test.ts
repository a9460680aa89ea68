/** Requirements of RFC 9293 that one pair of connections shows: the index in test/rfc names these tests. */
import { describe, expect, it } from 'vitest';
import { ECONNRESET, ETIMEDOUT } from '../../../src/network/errno.ts';
import { IpAddress } from '../../../src/packet/ip-address.ts';
import { EMPTY, Payload } from '../../../src/packet/payload.ts';
import { RandomStreams } from '../../../src/sim/random.ts';
import { SECOND } from '../../../src/sim/time.ts';
import { ACK, FIN, PSH, RST, SYN, TcpSegment, URG } from '../../../src/transport/tcp/header.ts';
import { IsnGenerator } from '../../../src/transport/tcp/isn.ts';
import { NO_OPTIONS, TcpOptions } from '../../../src/transport/tcp/options.ts';
import { seqAdd, seqDiff } from '../../../src/transport/tcp/seq.ts';
import { type Faults, Pair, pattern } from './pair.ts';

const PLAIN = { sysctls: { timestamps: 0, window_scaling: 0 } };
const HOUR = 3_600_000;
const MSS_ONLY = new TcpOptions(1460, -1, false, -1, 0);

/** The client hears a segment of its peer that the peer did not send. */
function arrive(pair: Pair, flags: number, wnd: number, data = EMPTY, urg = 0, options = NO_OPTIONS): void {
  const { rcv, snd } = pair.client.connection.tcb;
  const segment = new TcpSegment(80, 40000, rcv.nxt, snd.nxt, flags, wnd, options, data, urg);
  pair.do(() => pair.client.connection.onSegment(segment, 0));
}

/** All segments of a direction from the n-th on are lost. */
function lostFrom(n: number): Faults {
  return { dropped: Array.from({ length: 100 }, (_, i) => n + i) };
}

function dataSegments(pair: Pair, since = 0): Pair['sent'] {
  return pair.sent.slice(since).filter(({ from, segment }) => from === 'client' && segment.payload.size > 0);
}

describe('the window', () => {
  it('is an unsigned number: 65535 offered are 65535 that may be sent', () => {
    const pair = new Pair({ client: PLAIN, server: PLAIN }).establish();
    arrive(pair, ACK, 65535);
    expect(pair.client.connection.tcb.snd.wnd).toBe(65535);
  });

  it('may be taken back: what was sent beyond its edge stays in flight, nothing new goes, and the stream survives', () => {
    const pair = new Pair({ client: PLAIN, server: PLAIN }).establish();
    pair.do(() => pair.client.connection.write(pattern(8000)));
    const { snd, rcv } = pair.client.connection.tcb;
    const shrunk = new TcpSegment(80, 40000, rcv.nxt, snd.una, ACK, 1000);
    pair.do(() => pair.client.connection.onSegment(shrunk, 0));
    const since = pair.sent.length;
    pair.do(() => pair.client.connection.write(pattern(8000, 8000)));
    expect(dataSegments(pair, since)).toEqual([]);
    pair.run(20_000);
    expect(pair.server.readAll()).toEqual(pattern(16_000).view());
  });

  it('may stay closed for hours while its probes are answered', () => {
    const pair = new Pair({ server: { settings: { rcvbuf: 4608 } } }).establish();
    pair.do(() => pair.client.connection.write(pattern(20_000)));
    pair.run(6 * HOUR);
    expect(pair.client.connection.state).toBe('ESTABLISHED');
    const before = pair.server.connection.unread;
    expect(before).toBeLessThan(20_000);
    let read = 0;
    pair.server.whenReadable = () => {
      read += pair.server.readAll().length;
    };
    pair.do(() => pair.server.whenReadable!());
    pair.run(300_000);
    expect(read).toBe(20_000);
  });

  it('when closed still lets RST and URG in', () => {
    const pair = new Pair({ client: { settings: { rcvbuf: 4608 } } }).establish();
    pair.do(() => pair.server.connection.write(pattern(20_000)));
    pair.run(2000);
    const { rcv } = pair.client.connection.tcb;
    expect(seqDiff(seqAdd(rcv.wup, rcv.wnd), rcv.nxt)).toBeLessThan(1460);
    arrive(pair, ACK | URG, 500, EMPTY, 5);
    expect(pair.client.connection.tcb.rcv.urgent).not.toBe('none');
    arrive(pair, RST, 0);
    expect(pair.client.connection.state).toBe('CLOSED');
    expect(pair.client.errors).toEqual([ECONNRESET]);
  });

  it('never moves its right edge to the left', () => {
    const pair = new Pair({ server: { settings: { rcvbuf: 20_000 } }, up: { dropped: [5, 9] } }).establish();
    pair.do(() => pair.client.connection.write(pattern(60_000)));
    for (let i = 0; i < 200; i++) {
      pair.run(20);
      pair.do(() => pair.server.connection.read(300));
    }
    const { wscale } = pair.server.connection.tcb.rcv;
    const edges = pair.sent
      .filter(({ from, segment }) => from === 'server' && !segment.has(SYN))
      .map(({ segment }) => seqAdd(segment.ack, segment.wnd << wscale));
    expect(edges.length).toBeGreaterThan(20);
    for (let i = 1; i < edges.length; i++)
      expect(seqDiff(edges[i]!, edges[i - 1]!)).toBeGreaterThanOrEqual(0);
  });

  it('is not opened by crumbs: reading byte by byte draws no update until a segment fits', () => {
    const pair = new Pair({ server: { settings: { rcvbuf: 6000 } } }).establish();
    pair.do(() => pair.client.connection.write(pattern(20_000)));
    pair.run(1000);
    const since = pair.sent.length;
    for (let i = 0; i < 100; i++) pair.do(() => pair.server.connection.read(1));
    expect(pair.log('server', since)).toEqual([]);
  });
});

describe('options', () => {
  it('announce an MSS of the MTU less 40 bytes in every SYN, and in nothing else', () => {
    const pair = new Pair().establish();
    pair.do(() => pair.client.connection.write(pattern(5000)));
    pair.run(1000);
    const mss = pair.sent.map(({ segment }) => [segment.has(SYN), segment.options.mss]);
    expect(mss.filter(([isSyn]) => isSyn)).toEqual([
      [true, 1460],
      [true, 1460],
    ]);
    expect(mss.filter(([isSyn, value]) => !isSyn && value !== 0)).toEqual([]);
  });

  it('take room from the segments: 1448 bytes beside timestamps', () => {
    const pair = new Pair().establish();
    pair.do(() => pair.client.connection.write(pattern(5000)));
    expect(Math.max(...dataSegments(pair).map(({ segment }) => segment.payload.size))).toBe(1448);
  });

  it('are read wherever they begin, and end at EOL', () => {
    const parsed = (...bytes: number[]) => TcpOptions.parse(Uint8Array.from(bytes), 0, bytes.length);
    expect(parsed(1, 2, 4, 5, 180, 1, 1, 0).mss).toBe(1460);
    expect(parsed(1, 1, 1, 2, 4, 5, 180, 0).mss).toBe(1460);
    expect(parsed(2, 4, 5, 180, 0, 3, 3, 7).wscale).toBe(-1);
  });

  it('are padded to whole words with NOPs: an EOL, and so anything behind it, is never sent', () => {
    for (const options of [
      new TcpOptions(1460, 7, true, 1, 2),
      new TcpOptions(0, -1, false, -1, 0, [3, 4]),
    ]) {
      const out = new Uint8Array(options.size);
      options.emit(out, 0);
      expect(out.length % 4).toBe(0);
      const kinds: number[] = [];
      for (let at = 0; at < out.length; at += out[at] === 1 ? 1 : out[at + 1]!) kinds.push(out[at]!);
      expect(kinds).not.toContain(0);
    }
  });

  it('without an MSS leave segments of 536 bytes', () => {
    const pair = new Pair({ client: PLAIN }).connect();
    const { iss } = pair.client.connection.tcb.snd;
    const synAck = new TcpSegment(80, 40000, 9000, seqAdd(iss, 1), SYN | ACK, 65535);
    pair.do(() => pair.client.connection.onSegment(synAck, 0));
    pair.do(() => pair.client.connection.write(pattern(3000)));
    expect(Math.max(...dataSegments(pair).map(({ segment }) => segment.payload.size))).toBe(536);
  });
});

describe('initial sequence numbers', () => {
  const quad = (remotePort: number) => ({
    localAddress: IpAddress.parse('10.0.0.1'),
    localPort: 40000,
    remoteAddress: IpAddress.parse('10.0.0.2'),
    remotePort,
  });
  const generator = (seed: number) => new IsnGenerator(new RandomStreams(seed).stream('isn'));

  it('of one name follow a clock', () => {
    const isn = generator(1);
    const step = seqDiff(isn.next(quad(80), SECOND), isn.next(quad(80), 0));
    expect(step).toBe(SECOND / 64);
  });

  it('of different names, or with another secret, have nothing to do with each other', () => {
    const isn = generator(1);
    const steps = [81, 82, 83, 84].map((port) =>
      seqDiff(isn.next(quad(port), 0), isn.next(quad(port - 1), 0)),
    );
    expect(new Set(steps).size).toBe(4);
    expect(generator(2).next(quad(80), 0)).not.toBe(isn.next(quad(80), 0));
  });
});

describe('opening', () => {
  it('remembers an active open: a RST in SYN-RECEIVED tells the user', () => {
    const pair = new Pair().connect();
    const { iss } = pair.client.connection.tcb.snd;
    const syn = new TcpSegment(80, 40000, 9000, 0, SYN, 65535, MSS_ONLY);
    pair.do(() => pair.client.connection.onSegment(syn, 0));
    expect(pair.client.connection.state).toBe('SYN-RECEIVED');
    const reset = new TcpSegment(80, 40000, 9001, seqAdd(iss, 1), RST, 0);
    pair.do(() => pair.client.connection.onSegment(reset, 0));
    expect(pair.client.connection.state).toBe('CLOSED');
    expect(pair.client.errors).toHaveLength(1);
  });

  it('sends SYNs again with growing gaps, and gives up', () => {
    const pair = new Pair({ up: lostFrom(0) }).connect();
    pair.run(HOUR);
    const gaps = pair.sent.slice(1).map(({ at }, i) => Math.round((at - pair.sent[i]!.at) / SECOND));
    expect(gaps.slice(-3)).toEqual([gaps.at(-3), gaps.at(-3)! * 2, gaps.at(-3)! * 4]);
    expect(pair.client.errors).toEqual([ETIMEDOUT]);
  });

  it('lasts longer than 3 minutes with tcp_syn_retries 8', () => {
    const pair = new Pair({
      up: lostFrom(0),
      client: { sysctls: { syn_retries: 8, syn_linear_timeouts: 0 } },
    });
    pair.connect().run(180_000);
    expect(pair.client.connection.state).toBe('SYN-SENT');
  });
});

describe('closing', () => {
  it('waits for 60 seconds, twice the MSL of Linux, in TIME-WAIT', () => {
    const pair = new Pair().establish();
    pair.do(() => pair.client.connection.close());
    pair.run(100);
    pair.do(() => pair.server.connection.close());
    pair.run(100);
    const { timeWait } = pair.client;
    expect(timeWait?.substate).toBe('TIME-WAIT');
    const left = timeWait!.expiresAt - pair.simulator.now;
    expect(left).toBeGreaterThan(59 * SECOND);
    expect(left).toBeLessThanOrEqual(60 * SECOND);
  });
});

describe('a RST', () => {
  it('with data resets as one without', () => {
    const pair = new Pair().establish();
    arrive(pair, RST, 0, pattern(20));
    expect(pair.client.connection.state).toBe('CLOSED');
    expect(pair.client.errors).toEqual([ECONNRESET]);
  });
});

describe('retransmission', () => {
  it('backs off, and ends the connection after tcp_retries2', () => {
    const pair = new Pair({ up: lostFrom(2) }).establish();
    pair.do(() => pair.client.connection.write(pattern(100)));
    pair.run(HOUR);
    const times = dataSegments(pair).map(({ at }) => at);
    expect(times.length).toBeGreaterThanOrEqual(15);
    const gaps = times.slice(1).map((at, i) => at - times[i]!);
    for (let i = 3; i + 1 < gaps.length && gaps[i + 1]! < 119 * SECOND; i++)
      expect(gaps[i + 1]! / gaps[i]!).toBeCloseTo(2, 1);
    expect(pair.client.errors).toEqual([ETIMEDOUT]);
    expect(times.at(-1)! - times[0]!).toBeGreaterThan(100 * SECOND); // R2: SHLD-11
  });

  it('gives no RTT sample without timestamps (Karn)', () => {
    const pair = new Pair({ client: PLAIN, up: { dropped: [2] } }).establish();
    const before = pair.client.connection.tcb.rtt.srtt8;
    pair.do(() => pair.client.connection.write(pattern(100)));
    pair.run(5000);
    expect(dataSegments(pair).length).toBeGreaterThan(1);
    expect(pair.client.connection.tcb.snd.una).toBe(pair.client.connection.tcb.snd.nxt);
    expect(pair.client.connection.tcb.rtt.srtt8).toBe(before);
  });

  it('slow start doubles, congestion avoidance adds one segment per round trip', () => {
    const settings = { congestionControl: 'reno', sndbuf: 4_000_000 };
    const server = { settings: { rcvbuf: 4_000_000 } };
    const pair = new Pair({ client: { settings }, server, delay: 50e6 }).establish();
    pair.server.whenReadable = () => pair.server.readAll();
    const { window } = pair.client.connection.tcb;
    pair.do(() => pair.client.connection.write(pattern(1_000_000)));
    const start = window.cwnd;
    pair.run(150);
    expect(window.cwnd).toBe(2 * start);
    window.ssthresh = window.cwnd;
    pair.run(100);
    const after = window.cwnd;
    pair.run(100);
    expect(window.cwnd - after).toBe(1);
  });
});

describe('sending', () => {
  it('sets PSH at the end of a write, and keeps nothing back for want of one', () => {
    const pair = new Pair().establish();
    pair.do(() => pair.client.connection.write(pattern(3000)));
    const sent = dataSegments(pair);
    expect(sent.reduce((sum, { segment }) => sum + segment.payload.size, 0)).toBe(3000);
    expect(sent.at(-1)!.segment.has(PSH)).toBe(true);
  });
});

describe('acknowledging', () => {
  it('comes for every second full segment at the latest', () => {
    const pair = new Pair({ server: { settings: { rcvbuf: 1_000_000 } } }).establish();
    pair.do(() => pair.client.connection.write(pattern(200 * 1448)));
    pair.run(3000);
    const acks = pair.sent.filter(({ from }) => from === 'server').length;
    expect(acks).toBeLessThan(dataSegments(pair).length + 2);
    expect(acks).toBeGreaterThanOrEqual(dataSegments(pair).length / 2);
  });

  it('speaks once for all that a filled hole made complete', () => {
    const pair = new Pair({ client: PLAIN, server: PLAIN }).establish();
    const { rcv, snd } = pair.client.connection.tcb;
    const start = rcv.nxt;
    const piece = (at: number) =>
      new TcpSegment(80, 40000, seqAdd(start, at), snd.nxt, ACK, 65535, NO_OPTIONS, Payload.zeros(100));
    for (const at of [100, 200, 300]) pair.do(() => pair.client.connection.onSegment(piece(at), 0));
    const since = pair.sent.length;
    pair.do(() => pair.client.connection.onSegment(piece(0), 0));
    expect(pair.log('client', since)).toEqual(['. 1:1(0) ack 401']);
  });
});

describe('keep-alives', () => {
  it('are off: an idle connection says nothing for a day', () => {
    const pair = new Pair().establish();
    const since = pair.sent.length;
    pair.run(24 * HOUR);
    expect(pair.sent.slice(since)).toEqual([]);
  });

  it('begin after two hours, carry no data, and outlive a lost answer', () => {
    const pair = new Pair({ client: { settings: { keepalive: true } }, down: { dropped: [1] } }).establish();
    const since = pair.sent.length;
    const established = pair.simulator.now;
    pair.run(2.1 * HOUR);
    const probes = pair.sent.slice(since).filter(({ from }) => from === 'client');
    expect((probes[0]!.at - established) / SECOND).toBeGreaterThanOrEqual(7199.9);
    expect(probes.length).toBe(2); // the answer to the first was lost
    expect(probes.map(({ segment }) => segment.payload.size)).toEqual([0, 0]);
    expect(pair.client.connection.state).toBe('ESTABLISHED');
  });
});

describe('urgent data', () => {
  it('may be of any length, and the pointer says where it ends', () => {
    const pair = new Pair().establish();
    pair.do(() => pair.client.connection.write(pattern(10_000), 1));
    const urgent = dataSegments(pair).map(({ segment }) => segment);
    expect(urgent[0]!.has(URG)).toBe(true);
    const { iss } = pair.client.connection.tcb.snd;
    for (const segment of urgent) expect(seqDiff(seqAdd(segment.seq, segment.urg), iss)).toBe(10_001);
    pair.run(1000);
    expect(pair.server.connection.hasUrgent).toBe(true);
  });
});

describe('a FIN', () => {
  it('with data in one segment: the data is delivered first', () => {
    const pair = new Pair().establish();
    arrive(pair, ACK | FIN, 500, pattern(50));
    expect(pair.client.connection.state).toBe('CLOSE-WAIT');
    expect(pair.client.readAll()).toEqual(pattern(50).view());
  });
});
