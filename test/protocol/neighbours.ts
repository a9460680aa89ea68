/** One network of several hosts: ARP tells the right addresses, frames go where they belong, and nothing needs asking twice. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { EthernetFrame } from '../../src/link/frame.ts';
import { ANY_V4, type IpAddress } from '../../src/packet/ip-address.ts';
import { Payload } from '../../src/packet/payload.ts';
import { SECOND } from '../../src/sim/time.ts';
import type { Socket } from '../../src/sockets/api.ts';
import { recv, sendAll, sleep } from '../../src/sockets/blocking.ts';
import type { Program } from '../../src/sockets/program.ts';
import {
  ALWAYS,
  arp,
  ethernet,
  findPackets,
  network,
  networkProperty,
  receivedBy,
  sentBy,
  type TestRun,
} from '../../src/testing/index.ts';

const PORT = 9;

interface Letter {
  readonly from: number;
  readonly to: number;
}

export const neighbours = networkProperty<readonly Letter[]>({
  name: 'hosts of one network reach each other, and only each other',
  network: network({
    hosts: { min: 2, max: 3 },
    routers: 0,
    delay: 5,
    rates: ['1Gbps'],
    impairments: { kinds: ['lose'], match: 'arp', most: 1 },
  }),
  input: fc.array(fc.record({ from: fc.nat(2), to: fc.nat(2) }), { minLength: 1, maxLength: 4 }),
  until: '14s',
  invariants: ALWAYS,
  play: (stage, letters) => {
    const { hosts } = stage;
    const at = (i: number) => hosts[i % hosts.length]!;
    const sent = letters.filter(({ from, to }) => at(from) !== at(to));
    for (const host of hosts) stage.start(host, box, { name: `box-${host}` });
    for (const [number, { from, to }] of sent.entries()) {
      const writer = sender(number, stage.address(at(to)));
      stage.start(at(from), writer, { name: `letter-${number}`, at: number * 3 * SECOND });
    }
    return (run) => {
      const arrived = run.readings.map(({ host, data }) => `${data.view()[0]} at ${host}`);
      assert.deepEqual(
        arrived,
        sent.map(({ to }, number) => `${number} at ${at(to)}`),
        'letters went astray',
      );
      checkFrames(run);
      checkArp(run);
    };
  },
});

/** Packets go to the MAC address of the one they are for, and to nobody else once the switch has heard of that one. */
function checkFrames(run: TestRun): void {
  const spoke = new Map<string, number>();
  const macs = new Map(run.network.hosts.map((host) => [host.name, String(host.ports[0]!.mac)]));
  for (const packet of findPackets(run, ethernet())) {
    const { src, dst } = packet.frame as EthernetFrame;
    if (packet.direction === 'out') {
      if (!spoke.has(String(src))) spoke.set(String(src), packet.time);
      if (packet.ip !== null) {
        const owner = run.network.hosts.find(({ addresses }) => addresses[0]!.address === packet.ip!.dst);
        assert.equal(String(dst), macs.get(owner?.name ?? ''), `${packet.text} has the wrong MAC address`);
      }
      continue;
    }
    if (dst.isGroup || String(dst) === macs.get(packet.node)) {
      assert.notEqual(String(src), macs.get(packet.node), `${packet.text} came back to its sender`);
      continue;
    }
    const since = spoke.get(String(dst)) ?? Number.POSITIVE_INFINITY;
    assert.ok(packet.time < since + SECOND, `${packet.text} reached a host that it was not for`);
  }
}

/** Answers tell one's own address; where nothing is lost one broadcast is enough for each pair. */
function checkArp(run: TestRun): void {
  for (const packet of findPackets(run, arp({ operation: 'reply' }))) {
    const { senderIp, senderMac } = packet.arp!;
    const owner = run.network.hosts.find(({ addresses }) => addresses[0]!.address === senderIp);
    assert.equal(String(senderMac), macOf(owner), `${packet.text} tells a wrong address`);
  }
  const isClean = Object.values(run.scenario.links).every(({ impairments }) => impairments.length === 0);
  for (const { name } of isClean ? run.network.hosts : []) {
    const asked = findPackets(run, sentBy(name, arp({ operation: 'request' })))
      .filter(({ frame }) => (frame as EthernetFrame).dst.isGroup)
      .map((packet) => String(packet.arp!.targetIp));
    assert.equal(new Set(asked).size, asked.length, `${name} asked twice for one neighbour`);
    for (const packet of findPackets(run, receivedBy(name, arp({ operation: 'request' })))) {
      const known = String(packet.arp!.senderIp);
      const isForUs = packet.arp!.targetIp === run.network.host(name).addresses[0]!.address;
      const again = ethernet({ dst: 'ff:ff:ff:ff:ff:ff', etherType: 0x0806 });
      const later = findPackets(run, sentBy(name, again), { after: packet.time });
      const asks = later.some(({ arp: sent }) => isForUs && String(sent!.targetIp) === known);
      assert.ok(!asks, `${name} asked for ${known}, which had just asked for it`);
      if (packet.arp!.targetIp !== run.network.host(name).addresses[0]!.address) continue;
      const answer = sentBy(name, arp({ operation: 'reply' }));
      assert.ok(findPackets(run, answer, { after: packet.time }).length > 0, `${packet.text} had no answer`);
    }
  }
}

function macOf(host: TestRun['network']['hosts'][number] | undefined): string | undefined {
  return host === undefined ? undefined : String(host.ports[0]!.mac);
}

const box: Program = function* ({ process }) {
  const socket = process.socket('udp') as Socket;
  socket.bind({ address: ANY_V4, port: PORT });
  for (;;) yield* recv(socket, 100);
};

function sender(number: number, address: IpAddress): Program {
  return function* ({ process }) {
    const socket = process.socket('udp') as Socket;
    yield* sendAll(socket, new Payload(Uint8Array.of(number)), 0, { address, port: PORT });
    yield* sleep('1s');
    return 0;
  };
}
