/** TCP between two hosts: the bytes arrive once and in order, the connection ends, and a clean network sees nothing twice. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { ANY_V4 } from '../../src/packet/ip-address.ts';
import { Payload } from '../../src/packet/payload.ts';
import { SECOND } from '../../src/sim/time.ts';
import type { Socket } from '../../src/sockets/api.ts';
import { accept, connect, recv, sendAll, sleep } from '../../src/sockets/blocking.ts';
import type { Program, Running } from '../../src/sockets/program.ts';
import {
  ALWAYS,
  findPackets,
  network,
  networkProperty,
  satisfies,
  sentBy,
  type TestRun,
  tcp,
  withFlags,
} from '../../src/testing/index.ts';

const PORT = 7;
/** A prime: no segment size divides it, so a byte tells its position. */
const PERIOD = 251;

interface Conversation {
  /** Sizes of the client's writes. */
  readonly there: readonly number[];
  /** Bytes of the answer. */
  readonly back: number;
  /** Around writes, ms: time for a delayed ACK, or for a handshake to miss an ACK that no data carries. */
  readonly pause: number;
  /** Where the sequence numbers begin; -1 = anywhere. */
  readonly first: number;
}

export const streams = networkProperty<Conversation>({
  name: 'TCP delivers what was written, once and in order, and comes to an end',
  network: network({
    hosts: ['client', 'server'],
    routers: 1,
    delay: 20,
    rates: ['10Mbps'],
    impairments: { kinds: ['lose', 'duplicate', 'reorder', 'corrupt'], match: 'tcp', most: 4 },
  }),
  input: fc.record({
    there: fc.array(fc.integer({ min: 1, max: 6000 }), { minLength: 1, maxLength: 4 }),
    back: fc.nat(4000),
    pause: fc.constantFrom(0, 0, 150, 1500),
    first: fc.constantFrom(-1, 0xfffffffe, 0x7ffffff0),
  }),
  invariants: ALWAYS,
  play: (stage, { there, back, pause, first }) => {
    const size = there.reduce((a, b) => a + b);
    stage.start('server', server(size, back));
    stage.start('client', client(stage.endpoint('server', PORT), there, back, pause), { at: '1ms' });
    if (first >= 0)
      stage.at('0s', ({ network: { hosts } }) => {
        for (const host of hosts) host.sockets.tcpHost.isn.startAt(first);
      });
    return (run) => {
      assert.equal(run.program('server').task.status, 0, 'the server did not get what was written');
      assert.equal(run.program('client').task.status, 0, 'the client did not get the answer');
      assert.ok(run.program('client').task.endedAt < 400 * SECOND, 'it took more than 400 s');
      if (!isImpaired(run)) checkEconomy(run);
    };
  },
});

function server(size: number, answer: number): Program {
  return function* ({ process }) {
    const listener = process.socket('tcp') as Socket;
    listener.bind({ address: ANY_V4, port: PORT });
    listener.listen(1);
    const connection = (yield* accept(listener)) as Socket;
    listener.close();
    const isRight = yield* readsNumbered(connection, size);
    yield* sendAll(connection, numbered(0, answer));
    connection.close();
    return isRight ? 0 : 1;
  };
}

function client(
  to: Parameters<typeof connect>[1],
  pieces: readonly number[],
  answer: number,
  pause: number,
): Program {
  return function* ({ process }) {
    const socket = process.socket('tcp') as Socket;
    if ((yield* connect(socket, to)) < 0) return 2;
    let sent = 0;
    if (pause > 0) yield* sleep(`${pause}ms`);
    for (const size of pieces) {
      sent += yield* sendAll(socket, numbered(sent, size));
      if (pause > 0) yield* sleep(`${pause}ms`);
    }
    socket.shutdown('wr');
    const isRight = yield* readsNumbered(socket, answer);
    socket.close();
    return isRight ? 0 : 1;
  };
}

/** Reads to the end. @returns whether it was just so many bytes, each in its place */
function* readsNumbered(socket: Socket, size: number): Running<boolean> {
  let read = 0;
  for (;;) {
    const got = yield* recv(socket, 100_000);
    if (typeof got === 'number') return false;
    if (got.data.size === 0) return read === size;
    if (!got.data.view().every((byte, i) => byte === (read + i) % PERIOD)) return false;
    read += got.data.size;
  }
}

function numbered(from: number, size: number): Payload {
  return new Payload(Uint8Array.from({ length: size }, (_, i) => (from + i) % PERIOD));
}

function isImpaired({ scenario }: TestRun): boolean {
  return Object.values(scenario.links).some(({ impairments }) => impairments.length > 0);
}

/** Where nothing goes wrong nothing is sent twice, and nothing is reset. */
function checkEconomy(run: TestRun): void {
  for (const host of ['client', 'server']) {
    const withData = sentBy(host, tcp({ length: satisfies('more than 0', (length) => length > 0) }));
    const numbers = findPackets(run, withData).map(({ relative }) => relative!.seq);
    assert.equal(new Set(numbers).size, numbers.length, `${host} sent data twice on a clean network`);
    const beginnings = findPackets(run, sentBy(host, tcp({ flags: withFlags('SYN') }))).length;
    assert.equal(beginnings, 1, `${host} sent its SYN twice on a clean network`);
  }
}
