/** Nothing vanishes: over random small networks with impairments, every PDU arrives, is dropped for a reason, or is under way. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cbrSender } from '../../src/apps/cbr-sender.ts';
import { ping } from '../../src/apps/ping.ts';
import { udpSink } from '../../src/apps/udp-sink.ts';
import type { ImpairmentRule } from '../../src/link/impairments/impairment.ts';
import type { Network } from '../../src/node/network.ts';
import { dissect } from '../../src/observe/dissect.ts';
import type { Recorder } from '../../src/observe/recorder.ts';
import { ANY_V4, ANY_V6 } from '../../src/packet/ip-address.ts';
import type { Pdu } from '../../src/packet/pdu.ts';
import { MILLISECOND, SECOND } from '../../src/sim/time.ts';
import { UdpDatagram } from '../../src/transport/udp.ts';
import { addressIn, endpointIn, FAMILIES } from '../support/families.ts';
import { line, record, start } from '../support/lan.ts';
import { runs } from '../support/property.ts';

const indexes = fc.uniqueArray(fc.nat(30), { maxLength: 8 });
const rules: fc.Arbitrary<ImpairmentRule> = fc.oneof(
  fc.record({ rule: fc.constant('loss' as const), indexes }),
  fc.record({ rule: fc.constant('duplicate' as const), indexes }),
  fc.record({ rule: fc.constant('corrupt' as const), fcs: fc.constant('bad' as const), indexes }),
  fc.record({ rule: fc.constant('reorder' as const), extraDelayNs: fc.nat(20 * MILLISECOND), indexes }),
  fc.record({ rule: fc.constant('delay' as const), extraDelayNs: fc.nat(20 * MILLISECOND), indexes }),
);

const worlds = fc.record({
  family: fc.constantFrom(...FAMILIES),
  routers: fc.nat(3),
  seed: fc.nat(1000),
  /** For each cable and direction. */
  impairments: fc.array(fc.array(rules, { maxLength: 2 }), { maxLength: 8 }),
  flows: fc.array(
    fc.record({
      from: fc.constantFrom('client', 'server'),
      port: fc.constantFrom(9, 10), // somebody listens at 9 only
      size: fc.integer({ min: 12, max: 1400 }),
      count: fc.nat(15),
      rate: fc.constantFrom(100_000, 1_000_000, 500_000_000),
      at: fc.nat(100 * MILLISECOND),
    }),
    { maxLength: 4 },
  ),
  /** A cable that loses its carrier for a while. */
  outage: fc.option(fc.record({ cable: fc.nat(3), from: fc.nat(200 * MILLISECOND), span: fc.nat(SECOND) }), {
    nil: null,
  }),
  looksAt: fc.array(fc.nat(400 * MILLISECOND), { maxLength: 3 }),
});

type World = typeof worlds extends fc.Arbitrary<infer T> ? T : never;

describe('conservation', () => {
  it('of frames on links, at any instant, and of datagrams in nodes, at the end', () => {
    fc.assert(
      fc.property(worlds, (world) => {
        const { network, recorder } = build(world);
        for (const instant of world.looksAt.toSorted((a, b) => a - b)) {
          network.run({ until: instant });
          expect(network.conservation().inFlight).toBeGreaterThanOrEqual(0);
        }
        expect(network.run({ maxEvents: 20_000 })).toBe('idle');
        const { sent, duplicated, received, lost, inFlight } = network.conservation();
        expect(inFlight).toBe(0);
        expect(sent + duplicated).toBe(received + lost);
        for (const node of network.hosts) expect(balance(recorder, node.name), node.name).toBe(0);
      }),
      runs(60),
    );
  });

  it('does not depend on wire mode, nor on being watched', () => {
    fc.assert(
      fc.property(worlds, (world) => {
        const fingerprint = (wire: boolean, isWatched: boolean) => {
          const { network } = build(world, wire, isWatched);
          network.run({ maxEvents: 20_000 });
          return network.simulator.fingerprint.toString();
        };
        const plain = fingerprint(false, false);
        expect(fingerprint(true, false)).toBe(plain);
        expect(fingerprint(false, true)).toBe(plain);
      }),
      runs(25),
    );
  });
});

function build(world: World, wire: boolean = false, isWatched: boolean = true) {
  const network = line(world.routers, { family: world.family, seed: world.seed, wire });
  const recorder = record(network);
  if (!isWatched) for (const node of network.nodes) node.observe(null);
  world.impairments.forEach((list, i) => {
    network.cables[(i >> 1) % network.cables.length]!.impair(list, (i & 1) as 0 | 1);
  });
  const addresses = { client: '10.0.0.2', server: world.routers === 0 ? '10.0.0.5' : '192.168.1.5' };
  for (const host of ['client', 'server'])
    start(network, host, udpSink, { port: 9, address: world.family === 6 ? ANY_V6 : ANY_V4 });
  for (const { from, port, size, count, rate, at } of world.flows) {
    const to = endpointIn(world.family, `${addresses[from === 'client' ? 'server' : 'client']}:${port}`);
    start(network, from, cbrSender, { to, size, count, rate }, at);
  }
  start(network, 'client', ping, { to: addressIn(world.family, addresses.server), count: 2 });
  if (world.outage !== null) plan(network, world.outage);
  return { network, recorder };
}

function plan(network: Network, { cable, from, span }: NonNullable<World['outage']>): void {
  const chosen = network.cables[cable % network.cables.length]!;
  const place = network.simulator.addPlace('outage', { onEvent: (kind) => chosen.setUp(kind === 1) });
  network.simulator.at(from, place, 0, null);
  network.simulator.at(from + span, place, 1, null);
}

/** Drops of frames that had left this node, or had not yet entered it. */
const ON_THE_LINK = new Set(['link.lost', 'link.down', 'link.bad-fcs']);

/** Datagrams that came in or were made here, less those that left, reached a socket, or were dropped. */
function balance({ frames, strayDrops }: Recorder, node: string): number {
  const here = frames.filter((event) => event.node === node && isDatagram(event.frame));
  const entered = here.filter(({ direction }) => direction === 'in');
  const left = here.filter(({ direction }) => direction === 'out');
  const own = left.filter(({ frame }) => dissect(frame).ip!.ttl === 64).length;
  const delivered = entered.filter(({ socket, dropped }) => socket !== null && dropped === null).length;
  const refused = entered.filter(({ dropped }) => dropped !== null).length;
  const given = strayDrops.filter(
    ({ node: at, reason, pdu }) => at === node && pdu !== null && isDatagram(pdu) && !ON_THE_LINK.has(reason),
  );
  const forwardedDrops = given.filter(({ pdu }) => dissect(pdu!).ip!.ttl < 64).length;
  return entered.length - (left.length - own) - delivered - refused - forwardedDrops;
}

function isDatagram(pdu: Pdu): boolean {
  return dissect(pdu).transport instanceof UdpDatagram;
}
