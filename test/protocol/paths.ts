/** IP on its way: every router takes one from the TTL, what it drops it reports, and fragments become whole again. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { ANY_V4, type IpAddress } from '../../src/packet/ip-address.ts';
import { Payload } from '../../src/packet/payload.ts';
import type { Socket } from '../../src/sockets/api.ts';
import { recv, sendAll, sleep } from '../../src/sockets/blocking.ts';
import type { Program } from '../../src/sockets/program.ts';
import {
  ALWAYS,
  findPackets,
  icmp,
  ip,
  network,
  networkProperty,
  receivedBy,
  type SeenPacket,
  sentBy,
  type TestRun,
} from '../../src/testing/index.ts';

const PORT = 9;

interface Probe {
  readonly ttl: number;
  readonly size: number;
}

export const paths = networkProperty<readonly Probe[]>({
  name: 'a datagram arrives whole, or a router says that its time was exceeded',
  network: network({ hosts: ['client', 'server'], routers: 2, rates: ['10Mbps'], impairments: false }),
  input: fc.array(fc.record({ ttl: fc.constantFrom(1, 2, 3, 64), size: fc.integer({ min: 1, max: 5000 }) }), {
    minLength: 1,
    maxLength: 3,
  }),
  until: '20s',
  invariants: ALWAYS,
  play: (stage, probes) => {
    stage.start('server', sink);
    stage.start('client', prober(probes, stage.address('server')), { at: '1ms' });
    return (run) => {
      for (const router of Object.keys(run.scenario.routers)) checkRouter(run, router);
      const read = run.readings.map(({ data }) => {
        const number = data.view()[0]!;
        assert.ok(
          data.view().every((byte, i) => byte === (number + i) % 251),
          'a datagram was spoilt',
        );
        assert.equal(data.size, probes[number]?.size, 'a datagram has another size than it was sent with');
        return number;
      });
      const exceeded = findPackets(
        run,
        receivedBy('client', icmp({ type: 'time-exceeded', code: 0 })),
      ).length;
      const missing = probes.flatMap((_, number) => (read.includes(number) ? [] : [number]));
      assert.equal(new Set(read).size, read.length, 'a datagram arrived twice');
      assert.ok(
        exceeded >= missing.length,
        `${missing.length} datagrams are missing, ${exceeded} were reported`,
      );
      const largest = Math.max(...run.packets.map((packet) => packet.ip?.size ?? 0));
      assert.ok(largest <= 1500, `a packet of ${largest} bytes passed a link with an MTU of 1500`);
    };
  },
});

/** What leaves a router that it did not make has come in with a TTL of one more, and none leaves with 0. */
function checkRouter(run: TestRun, router: string): void {
  const addresses = run.network.host(router).addresses.map(({ address }) => String(address));
  const arrived = new Map<string, number>();
  for (const packet of findPackets(run, receivedBy(router, ip())))
    arrived.set(nameOf(packet), packet.ip!.ttl);
  for (const packet of findPackets(run, sentBy(router, ip()))) {
    if (addresses.includes(String(packet.ip!.src))) continue;
    const before = arrived.get(nameOf(packet));
    assert.equal(packet.ip!.ttl, (before ?? Number.NaN) - 1, `${packet.text} left with the wrong TTL`);
    assert.ok(packet.ip!.ttl > 0, `${packet.text} should have died`);
  }
}

function nameOf({ ip }: SeenPacket): string {
  return `${ip!.src} ${ip!.dst} ${ip!.protocol} ${ip!.id} ${ip!.offset}`;
}

const sink: Program = function* ({ process }) {
  const socket = process.socket('udp') as Socket;
  socket.bind({ address: ANY_V4, port: PORT });
  for (;;) yield* recv(socket, 10_000);
};

function prober(probes: readonly Probe[], address: IpAddress): Program {
  return function* ({ process }) {
    for (const [number, { ttl, size }] of probes.entries()) {
      const socket = process.socket('udp') as Socket;
      socket.setOption('IP_TTL', ttl);
      socket.setOption('IP_MTU_DISCOVER', 0);
      const data = Uint8Array.from({ length: size }, (_, i) => (number + i) % 251);
      yield* sendAll(socket, new Payload(data), 0, { address, port: PORT });
      yield* sleep('1s');
    }
    return 0;
  };
}
