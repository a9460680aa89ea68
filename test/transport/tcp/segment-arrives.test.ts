/** SEGMENT ARRIVES, step by step (RFC 9293 3.10.7): what each state answers to each kind of segment. */
import { describe, expect, it } from 'vitest';
import { ECONNREFUSED, ECONNRESET, EPIPE } from '../../../src/network/errno.ts';
import { EMPTY, Payload } from '../../../src/packet/payload.ts';
import { ACK, FIN, PSH, RST, SYN, TcpSegment, URG } from '../../../src/transport/tcp/header.ts';
import { NO_OPTIONS, TcpOptions } from '../../../src/transport/tcp/options.ts';
import { seqAdd } from '../../../src/transport/tcp/seq.ts';
import { type End, Pair, pattern } from './pair.ts';

/** What the client sends when `flags` arrive with numbers relative to RCV.NXT and SND.NXT. */
function answer(
  pair: Pair,
  flags: number,
  { seq = 0, ack = 0, size = 0, options = NO_OPTIONS, urg = 0 }: Partial<Arrival> = {},
): string[] {
  const { client } = pair;
  const { rcv, snd } = client.connection.tcb;
  const since = pair.sent.length;
  pair.do(() =>
    client.connection.onSegment(
      new TcpSegment(
        80,
        40000,
        seqAdd(rcv.nxt, seq),
        seqAdd(snd.nxt, ack),
        flags,
        500,
        options,
        size === 0 ? EMPTY : Payload.zeros(size),
        urg,
      ),
      0,
    ),
  );
  return pair.log('client', since);
}

interface Arrival {
  readonly seq: number;
  readonly ack: number;
  readonly size: number;
  readonly options: TcpOptions;
  readonly urg: number;
}

const stateOf = (end: End) => end.connection.state;
const NO_DELAYED_ACK = { client: { sysctls: { timestamps: 0 } } };

describe('SYN-SENT (3.10.7.3)', () => {
  const opening = () => new Pair({ client: { iss: 1000 } }).connect();

  it('first: an ACK of something that was not sent draws a RST with its number, and the connect goes on', () => {
    const pair = opening();
    expect(answer(pair, SYN | ACK, { ack: 5 })).toEqual(['R 6:6(0)']);
    expect(stateOf(pair.client)).toBe('SYN-SENT');
  });

  it('first: the same with RST is ignored', () => {
    const pair = opening();
    expect(answer(pair, RST | ACK, { ack: 5 })).toEqual([]);
    expect(stateOf(pair.client)).toBe('SYN-SENT');
  });

  it('second: a RST with the right ACK refuses the connection', () => {
    const pair = opening();
    expect(answer(pair, RST | ACK)).toEqual([]);
    expect(stateOf(pair.client)).toBe('CLOSED');
    expect(pair.client.errors).toEqual([ECONNREFUSED]);
  });

  it('second: a RST without ACK is ignored', () => {
    const pair = opening();
    answer(pair, RST);
    expect(stateOf(pair.client)).toBe('SYN-SENT');
  });

  it('fourth: a SYN alone is a simultaneous open', () => {
    const pair = opening();
    expect(answer(pair, SYN, { options: new TcpOptions(1460, -1, false, -1, 0) })).toEqual([
      expect.stringMatching(/^S\. 0:0\(0\)/),
    ]);
    expect(stateOf(pair.client)).toBe('SYN-RECEIVED');
  });

  it('fifth: neither SYN nor RST is dropped', () => {
    const pair = opening();
    expect(answer(pair, ACK)).toEqual([]);
    expect(stateOf(pair.client)).toBe('SYN-SENT');
  });
});

describe('synchronized states (3.10.7.4)', () => {
  const open = () => new Pair(NO_DELAYED_ACK).establish();

  it('first: a segment beyond the window draws an ACK', () => {
    const pair = open();
    expect(answer(pair, ACK, { seq: 1_000_000, size: 10 })).toEqual(['. 1:1(0) ack 1']);
    expect(pair.client.connection.unread).toBe(0);
  });

  it('first: old data draws an ACK with a DSACK', () => {
    const pair = open();
    answer(pair, ACK | PSH, { size: 100 });
    pair.client.readAll();
    const since = pair.sent.length;
    answer(pair, ACK | PSH, { seq: -100, size: 100 });
    const { sack } = pair.sent[since]!.segment.options;
    expect(sack.map((edge) => seqAdd(edge, -pair.server.connection.tcb.snd.iss))).toEqual([1, 101]);
  });

  it('first: answers to empty segments out of the window are limited (tcp_invalid_ratelimit)', () => {
    const pair = open();
    expect(answer(pair, ACK, { seq: -10 })).toHaveLength(1);
    expect(answer(pair, ACK, { seq: -10 })).toEqual([]);
    pair.run(500);
    expect(answer(pair, ACK, { seq: -10 })).toHaveLength(1);
  });

  it('second: a RST with the exact number resets', () => {
    const pair = open();
    expect(answer(pair, RST)).toEqual([]);
    expect(stateOf(pair.client)).toBe('CLOSED');
    expect(pair.client.errors).toEqual([ECONNRESET]);
  });

  it('second: a RST elsewhere in the window draws a challenge ACK (RFC 5961 3.2)', () => {
    const pair = open();
    expect(answer(pair, RST, { seq: 1 })).toEqual(['. 1:1(0) ack 1']);
    expect(stateOf(pair.client)).toBe('ESTABLISHED');
  });

  it('second: a RST outside of the window is ignored', () => {
    const pair = open();
    expect(answer(pair, RST, { seq: -1 })).toEqual([]);
    expect(answer(pair, RST, { seq: 10_000_000 })).toEqual([]);
    expect(stateOf(pair.client)).toBe('ESTABLISHED');
  });

  it('second: in CLOSE-WAIT a RST is a broken pipe, and may count without the FIN', () => {
    const pair = open();
    answer(pair, ACK | FIN);
    expect(stateOf(pair.client)).toBe('CLOSE-WAIT');
    answer(pair, RST, { seq: -1 });
    expect(pair.client.errors).toEqual([EPIPE]);
  });

  it('fourth: a SYN draws a challenge ACK wherever its number lies (RFC 5961 4.2)', () => {
    for (const seq of [-1, 0, 5, 10_000_000]) {
      const pair = open();
      expect(answer(pair, SYN, { seq })).toEqual(['. 1:1(0) ack 1']);
      expect(stateOf(pair.client)).toBe('ESTABLISHED');
    }
  });

  it('fifth: a segment without ACK is dropped', () => {
    const pair = open();
    expect(answer(pair, PSH, { size: 10 })).toEqual([]);
    expect(pair.client.connection.unread).toBe(0);
  });

  it('fifth: an ACK of data that was not sent draws an ACK, and the data is dropped', () => {
    const pair = open();
    expect(answer(pair, ACK, { ack: 1, size: 10 })).toEqual(['. 1:1(0) ack 1']);
    expect(pair.client.connection.unread).toBe(0);
  });

  it('fifth: an ACK far below SND.UNA is not believed (RFC 5961 5.2)', () => {
    const pair = open();
    expect(answer(pair, ACK, { ack: -100_000, size: 10 })).toEqual(['. 1:1(0) ack 1']);
    expect(pair.client.connection.unread).toBe(0);
  });

  it('sixth: the urgent byte is taken out of the stream', () => {
    const pair = open();
    answer(pair, ACK | PSH | URG, { size: 10, urg: 5 });
    const { connection } = pair.client;
    expect(connection.hasUrgent).toBe(true);
    expect(connection.readable).toBe(4);
    expect(pair.client.readAll().length).toBe(9);
  });

  it('seventh: data in order is delivered, data beyond a hole waits for it', () => {
    const pair = open();
    answer(pair, ACK, { seq: 100, size: 50 });
    expect(pair.client.connection.unread).toBe(0);
    answer(pair, ACK, { size: 100 });
    expect(pair.client.connection.unread).toBe(150);
  });

  it('seventh: the right part of an overlapping segment is taken', () => {
    const pair = open();
    answer(pair, ACK, { size: 100 });
    answer(pair, ACK, { seq: -50, size: 100 });
    expect(pair.client.connection.unread).toBe(150);
  });

  it('eighth: a FIN in order moves to CLOSE-WAIT; one beyond a hole waits', () => {
    const pair = open();
    answer(pair, ACK | FIN, { seq: 20 });
    expect(stateOf(pair.client)).toBe('ESTABLISHED');
    answer(pair, ACK, { size: 20 });
    expect(stateOf(pair.client)).toBe('CLOSE-WAIT');
    expect(pair.client.readAll().length).toBe(20);
    expect(pair.client.connection.read(10)).toBe(EMPTY);
  });

  it('eighth: FIN-WAIT-1 goes to CLOSING when the FINs cross, then to TIME-WAIT', () => {
    const pair = open();
    pair.do(() => pair.client.connection.shutdownWrite());
    expect(answer(pair, ACK | FIN, { ack: -1 })).toEqual(['. 2:2(0) ack 2']);
    expect(stateOf(pair.client)).toBe('CLOSING');
    answer(pair, ACK);
    expect(stateOf(pair.client)).toBe('TIME-WAIT');
    expect(pair.client.timeWait?.substate).toBe('TIME-WAIT');
  });

  it('FIN-WAIT-1 with ACK and FIN in one segment goes to TIME-WAIT', () => {
    const pair = open();
    pair.do(() => pair.client.connection.shutdownWrite());
    expect(answer(pair, ACK | FIN)).toEqual(['. 2:2(0) ack 2']);
    expect(stateOf(pair.client)).toBe('TIME-WAIT');
  });

  it('LAST-ACK ends with the ACK of the FIN', () => {
    const pair = open();
    answer(pair, ACK | FIN);
    pair.do(() => pair.client.connection.shutdownWrite());
    expect(stateOf(pair.client)).toBe('LAST-ACK');
    answer(pair, ACK);
    expect(stateOf(pair.client)).toBe('CLOSED');
    expect(pair.client.errors).toEqual([]);
  });

  it('data for a program that has closed is answered with RST (RFC 1122 4.2.2.13)', () => {
    const pair = open();
    pair.do(() => pair.client.connection.close());
    expect(answer(pair, ACK, { ack: -1, size: 10 })).toEqual(['R 1:1(0)']);
    expect(stateOf(pair.client)).toBe('CLOSED');
  });

  it('close with unread data resets (RFC 2525 2.17)', () => {
    const pair = open();
    answer(pair, ACK, { size: 10 });
    const since = pair.sent.length;
    pair.do(() => pair.client.connection.close());
    expect(pair.log('client', since).at(-1)).toMatch(/^R\. /);
  });
});

describe('a half-closed connection', () => {
  it('still carries data the other way', () => {
    const pair = new Pair().establish();
    pair.do(() => pair.client.connection.shutdownWrite());
    pair.run(50);
    pair.do(() => pair.server.connection.write(pattern(5000)));
    pair.run(200);
    expect(pair.client.readAll()).toEqual(pattern(5000).view());
    expect(stateOf(pair.client)).toBe('FIN-WAIT-2');
  });
});
