/**
 * The spine: TCP delivers exactly the bytes that were sent, once and in order, between two hosts, whatever finite list
 * of frames the link loses, duplicates or delays in either direction.
 */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { app } from '../../src/apps/app.ts';
import { acceptLoop, connectTo, listenAt } from '../../src/apps/sockets.ts';
import type { EthernetFrame } from '../../src/link/frame.ts';
import type { ImpairmentRule } from '../../src/link/impairments/impairment.ts';
import { dissect } from '../../src/observe/dissect.ts';
import { ANY_V4, ANY_V6, type IpFamily } from '../../src/packet/ip-address.ts';
import { Payload } from '../../src/packet/payload.ts';
import { MILLISECOND, SECOND } from '../../src/sim/time.ts';
import type { Socket } from '../../src/sockets/api.ts';
import { recv, sendAll, sleep } from '../../src/sockets/blocking.ts';
import type { Running } from '../../src/sockets/program.ts';
import { TcpSegment } from '../../src/transport/tcp/header.ts';
import { endpointIn, FAMILIES } from '../support/families.ts';
import { pair, start } from '../support/lan.ts';
import { runs } from '../support/property.ts';

const indexes = fc.uniqueArray(fc.nat(40), { maxLength: 12 });
const rules: fc.Arbitrary<ImpairmentRule> = fc.oneof(
  fc.record({ rule: fc.constant('loss' as const), indexes }),
  fc.record({ rule: fc.constant('duplicate' as const), indexes }),
  fc.record({ rule: fc.constant('reorder' as const), extraDelayNs: fc.nat(300 * MILLISECOND), indexes }),
  fc.record({ rule: fc.constant('delay' as const), extraDelayNs: fc.nat(300 * MILLISECOND), indexes }),
);

const conversations = fc.record({
  /** Sizes of the pieces that each side sends. */
  there: fc.array(fc.integer({ min: 1, max: 30_000 }), { minLength: 1, maxLength: 5 }),
  back: fc.array(fc.integer({ min: 1, max: 30_000 }), { maxLength: 5 }),
  pause: fc.nat(50 * MILLISECOND),
  readSize: fc.integer({ min: 1000, max: 70_000 }),
  impaired: fc.tuple(fc.array(rules, { maxLength: 3 }), fc.array(rules, { maxLength: 3 })),
  seed: fc.nat(1000),
  wire: fc.boolean(),
});

/** The last acknowledgements are lost, all of them: whoever has closed may not give up before one comes through. */
const ENDS_IN_SILENCE = {
  there: [10137, 5792, 1],
  back: [],
  pause: 0,
  readSize: 1000,
  impaired: [
    [
      { rule: 'loss' as const, indexes: [8, 19, 3, 24, 22, 23] },
      { rule: 'reorder' as const, extraDelayNs: 6_609_600, indexes: [10, 1, 15, 9] },
    ],
    [{ rule: 'loss' as const, indexes: [0, 18, 17, 20, 19] }],
  ] as [ImpairmentRule[], ImpairmentRule[]],
  seed: 0,
  wire: false,
};

it.each(FAMILIES)('TCP over IPv%i delivers exactly the sent bytes, once and in order', (family) => {
  fc.assert(
    fc.property(conversations, ({ there, back, pause, readSize, impaired, seed, wire }) => {
      const network = pair({ family, seed, wire, cable: { rate: 10_000_000, delay: 5 * MILLISECOND } });
      const [cable] = network.cables;
      // ARP, discovery, the handshake and closed sockets give up after a few losses, and rightly so: here they never do.
      const match = (frame: EthernetFrame) => dissect(frame).transport instanceof TcpSegment;
      impaired.forEach((list, end) => {
        cable!.impair(
          list.map((rule) => ({ ...rule, match })),
          end as 0 | 1,
        );
      });
      for (const { sysctls } of network.hosts) {
        sysctls.set('net.ipv4.tcp_syn_retries', 60);
        sysctls.set('net.ipv4.tcp_orphan_retries', 60);
        sysctls.set('net.ipv4.tcp_retries2', 60);
      }
      const server = start(network, 'b', talker(family, back, pause, readSize, true), {});
      const client = start(network, 'a', talker(family, there, pause, readSize, false), {}, MILLISECOND);
      network.run({ until: 20_000 * SECOND, maxEvents: 100_000 });
      expect(client.task.status, JSON.stringify(client.statistics)).toBe(0);
      expect(server.statistics).toMatchObject({ received: sum(there), isInOrder: true, hasEnded: true });
      expect(client.statistics).toMatchObject({ received: sum(back), isInOrder: true, hasEnded: true });
      expect(network.conservation().inFlight).toBe(0);
    }),
    { ...runs(60), examples: [[ENDS_IN_SILENCE]] },
  );
});

type Talk = { received: number; isInOrder: boolean; hasEnded: boolean };

/** Sends numbered bytes in pieces, half-closes, and reads to the end; as a client or as a server of one connection. */
function talker(
  family: IpFamily,
  pieces: readonly number[],
  pause: number,
  readSize: number,
  isServer: boolean,
) {
  return app({
    name: isServer ? 'server' : 'client',
    doc: 'Talks.',
    parameters: {},
    statistics: (): Talk => ({ received: 0, isInOrder: true, hasEnded: false }),
    *run(context, _parameters, statistics) {
      if (isServer) {
        const listener = listenAt(context, family === 6 ? ANY_V6 : ANY_V4, 7) as Socket;
        return yield* acceptLoop(context, listener, talk);
      }
      const socket = yield* connectTo(context, 'tcp', endpointIn(family, '10.0.0.2:7'));
      if (typeof socket === 'number') return -socket;
      yield* talk(socket);
      socket.close();
      return statistics.hasEnded ? 0 : 1;

      function* talk(connection: Socket): Running<void> {
        let isDone = false;
        context.spawn(function* () {
          let sent = 0;
          for (const size of pieces) {
            const result = yield* sendAll(connection, numbered(sent, size));
            if (result < 0) break;
            sent += result;
            yield* sleep(pause);
          }
          connection.shutdown('wr');
          isDone = true;
        });
        for (;;) {
          const got = yield* recv(connection, readSize);
          if (typeof got === 'number') return;
          if (got.data.size === 0) break;
          statistics.isInOrder &&= isNumbered(got.data, statistics.received);
          statistics.received += got.data.size;
        }
        statistics.hasEnded = true;
        while (!isDone) yield* sleep(10 * MILLISECOND);
      }
    },
  });
}

/** Bytes that tell their position: a period that no segment size divides. */
const PERIOD = 251;

function numbered(from: number, size: number): Payload {
  return new Payload(Uint8Array.from({ length: size }, (_, i) => (from + i) % PERIOD));
}

function isNumbered(data: Payload, from: number): boolean {
  return data.view().every((byte, i) => byte === (from + i) % PERIOD);
}

function sum(sizes: readonly number[]): number {
  return sizes.reduce((total, size) => total + size, 0);
}
