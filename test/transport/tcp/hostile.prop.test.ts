/** A hostile peer: any 200 segments into any state leave the invariants intact and draw a bounded answer. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Payload } from '../../../src/packet/payload.ts';
import { TcpSegment } from '../../../src/transport/tcp/header.ts';
import { TcpOptions } from '../../../src/transport/tcp/options.ts';
import { seqAdd, seqLe } from '../../../src/transport/tcp/seq.ts';
import { runs } from '../../support/property.ts';
import { type End, Pair, pattern } from './pair.ts';

/** Where the connection stands when the hostile segments begin. */
const situations = {
  'SYN-SENT': (pair: Pair) => pair.connect(),
  'SYN-RECEIVED': (pair: Pair) => pair.connect().run(10),
  ESTABLISHED: (pair: Pair) => pair.establish(),
  'with data in flight': (pair: Pair) => {
    pair.establish();
    pair.do(() => pair.client.connection.write(pattern(20_000)));
  },
  'FIN-WAIT-1': (pair: Pair) => {
    pair.establish();
    pair.do(() => pair.client.connection.write(pattern(3000)));
    pair.do(() => pair.client.connection.shutdownWrite());
  },
  'FIN-WAIT-2': (pair: Pair) => {
    pair.establish();
    pair.do(() => pair.client.connection.shutdownWrite());
    pair.run(50);
  },
  'CLOSE-WAIT': (pair: Pair) => {
    pair.establish();
    pair.do(() => pair.server.connection.shutdownWrite());
    pair.run(15);
  },
  orphan: (pair: Pair) => {
    pair.establish();
    pair.do(() => pair.client.connection.write(pattern(8000)));
    pair.do(() => pair.client.connection.close());
  },
} as const;

/** A number near something that the machine looks at, or any number. */
const offset = fc.oneof(
  fc.integer({ min: -3, max: 3 }),
  fc.integer({ min: -70_000, max: 70_000 }),
  fc.nat(0xffffffff),
);
const hostile = fc.record({
  seq: offset,
  ack: offset,
  flags: fc.oneof(fc.nat(0x1ff), fc.constantFrom(0x10, 0x18, 0x11, 0x12, 0x02, 0x04, 0x14, 0x30)),
  wnd: fc.oneof(fc.nat(65535), fc.constantFrom(0, 1, 100)),
  urg: fc.nat(3000),
  size: fc.oneof(fc.constant(0), fc.nat(2000)),
  tsval: fc.oneof(fc.constant(-1), fc.nat(0xffffffff), fc.nat(1000)),
  sack: fc.array(fc.tuple(offset, fc.nat(30_000)), { maxLength: 4 }),
  wait: fc.oneof(fc.constant(0), fc.nat(300), fc.nat(100_000)),
});

describe('a hostile peer', () => {
  it.each(Object.keys(situations) as (keyof typeof situations)[])(
    'cannot break a connection: %s',
    (name) => {
      fc.assert(
        fc.property(fc.array(hostile, { maxLength: 200 }), fc.nat(1), (segments, timestamps) => {
          const pair = new Pair({ client: { sysctls: { timestamps } }, server: { sysctls: { timestamps } } });
          situations[name](pair);
          const { client } = pair;
          for (const plan of segments) {
            const before = pair.sent.length;
            pair.do(() => arrive(client, plan));
            client.readAll();
            expect(pair.sent.length - before).toBeLessThanOrEqual(70);
            check(client);
            if (plan.wait > 0) pair.run(plan.wait);
            check(client);
          }
        }),
        runs(25),
      );
    },
    60_000,
  );
});

function arrive(end: End, plan: typeof hostile extends fc.Arbitrary<infer T> ? T : never): void {
  const { connection } = end;
  if (connection.isOver) return;
  const { rcv, snd } = connection.tcb;
  const { localPort, remotePort } = connection.quad;
  const sack = plan.sack.flatMap(([at, size]) => {
    const left = seqAdd(snd.una, at);
    return [left, seqAdd(left, size)];
  });
  const options = new TcpOptions(0, -1, false, plan.tsval, plan.tsval < 0 ? 0 : 1, sack);
  connection.onSegment(
    new TcpSegment(
      remotePort,
      localPort,
      seqAdd(rcv.nxt, plan.seq),
      seqAdd(snd.una, plan.ack),
      plan.flags,
      plan.wnd,
      options,
      Payload.zeros(plan.size),
      plan.urg,
    ),
    plan.urg & 3,
  );
}

/** What holds at all times. */
function check(end: End): void {
  const { tcb } = end.connection;
  const { snd, queue, rcv, window, reassembly } = tcb;
  expect(seqLe(snd.una, snd.nxt)).toBe(true);
  expect(seqLe(snd.nxt, snd.end)).toBe(true);
  expect(window.cwnd).toBeGreaterThanOrEqual(1);
  expect(rcv.wnd).toBeGreaterThanOrEqual(0);
  expect(rcv.packets.memory).toBeGreaterThanOrEqual(0);
  expect(rcv.reassemblyMemory).toBeGreaterThanOrEqual(0);
  if (reassembly.isEmpty) expect(rcv.reassemblyMemory).toBe(0);
  let sacked = 0;
  let lost = 0;
  let retransmitted = 0;
  for (let at = 0; at < queue.size; at++) {
    if (at > 0) expect(queue.seq(at)).toBe(queue.end(at - 1));
    if (queue.has(at, 0x08)) sacked++;
    if (queue.has(at, 0x10)) lost++;
    if (queue.has(at, 0x20)) retransmitted++;
    expect(queue.has(at, 0x08) && queue.has(at, 0x10)).toBe(false);
  }
  expect([queue.sacked, queue.lost, queue.retransmitted]).toEqual([sacked, lost, retransmitted]);
  if (queue.size > 0) {
    expect(queue.seq(0)).toBe(snd.una);
    expect(queue.end(queue.size - 1)).toBe(snd.nxt);
  }
  expect(tcb.inFlight).toBeGreaterThanOrEqual(0);
}
