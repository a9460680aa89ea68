/** Properties of IPv6: headers survive their bytes, any bytes are a packet or a DecodeError, routes, fragments, chains. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EthernetFrame } from '../../src/link/frame.ts';
import { Icmpv6Message } from '../../src/network/icmpv6.ts';
import { type AnyIcmpv6, parseIcmpv6 } from '../../src/network/icmpv6-messages.ts';
import { Ipv6Packet } from '../../src/network/ipv6.ts';
import { Ipv6Extension } from '../../src/network/ipv6-extension.ts';
import { Ipv6Fib, type Ipv6FibRoute } from '../../src/network/ipv6-fib.ts';
import { fragmentIpv6 } from '../../src/network/ipv6-fragment.ts';
import { judgeOptions } from '../../src/network/ipv6-options.ts';
import { MLDV1_DONE, MLDV1_REPORT, MldQuery, MldReport, MldV1Message } from '../../src/network/mld.ts';
import { NeighbourMessage, RouterAdvertisement, RouterSolicitation } from '../../src/network/ndp.ts';
import { IpAddress } from '../../src/packet/ip-address.ts';
import { MacAddress } from '../../src/packet/mac-address.ts';
import { Payload } from '../../src/packet/payload.ts';
import { bytesOf } from '../../src/packet/pdu.ts';
import { prefixContains, withoutHostBits } from '../../src/packet/prefix.ts';
import { DecodeError } from '../../src/sim/errors.ts';
import { NEVER } from '../../src/sim/time.ts';
import { runs } from '../support/property.ts';
import { Nodes } from './nodes.ts';

const u32 = fc.integer({ min: 0, max: 0xffffffff });
/** Few different words, so that prefixes meet. */
const word = fc.oneof(u32, fc.constantFrom(0, 1, 0xfd000000, 0xffff, 0x80000000));
const addresses = fc.tuple(word, word, word, word).map((words) => IpAddress.v6(...words));
const macs = fc
  .tuple(fc.integer({ min: 0, max: 0xffff }), u32)
  .map(([high, low]) => MacAddress.of(high, low));
const bytes = fc.uint8Array({ maxLength: 200 }).map((data) => new Payload(data));
/** A header of any content but its own length; hop-by-hop only in front. */
const extension = fc
  .tuple(
    fc.constantFrom(43, 60),
    fc.integer({ min: 0, max: 3 }),
    fc.uint8Array({ minLength: 40, maxLength: 40 }),
  )
  .map(([type, units, data]) => {
    const header = data.slice(0, (units + 1) * 8);
    header[1] = units;
    return new Ipv6Extension(type, header);
  });
const packets = fc
  .tuple(
    addresses,
    addresses,
    fc.constantFrom(6, 17, 58, 59, 200),
    fc.nat(255),
    fc.nat(255),
    fc.nat(0xfffff),
    fc.array(extension, { maxLength: 4 }),
    bytes,
  )
  .map(
    ([src, dst, protocol, ttl, tos, label, extensions, payload]) =>
      new Ipv6Packet(
        src,
        dst,
        protocol,
        ttl,
        tos,
        label,
        extensions.length === 0 ? null : extensions,
        payload,
      ),
  );

describe('IPv6 packets', () => {
  it('survive their bytes, padding or not', () => {
    fc.assert(
      fc.property(packets, fc.nat(9), (packet, padding) => {
        const wire = new Uint8Array(packet.size + padding);
        expect(packet.emit(wire, 0)).toBe(packet.size);
        const read = Ipv6Packet.parse(new Payload(wire));
        expect([read.src, read.dst, read.protocol, read.ttl, read.tos, read.flowLabel]).toEqual([
          packet.src,
          packet.dst,
          packet.protocol,
          packet.ttl,
          packet.tos,
          packet.flowLabel,
        ]);
        expect(bytesOf(read)).toEqual(wire.subarray(0, packet.size));
      }),
      runs(300),
    );
  });

  it('any bytes are a packet or a DecodeError, at a host or router too', () => {
    const nodes = new Nodes();
    const { stack, devices } = nodes.add('a', ['fd00::1/64'], true);
    const device = devices[0]!;
    const near = fc.tuple(packets, fc.nat(), fc.nat(255)).map(([packet, at, value]) => {
      const wire = bytesOf(packet);
      wire.set(
        bytesOf(
          new Ipv6Packet(
            packet.src,
            IpAddress.parse('fd00::1'),
            0,
            1,
            0,
            0,
            null,
            new Payload(new Uint8Array()),
          ),
        ).subarray(24),
        24,
      );
      wire[6] = packet.nextHeader;
      wire[at % wire.length] = value;
      return wire;
    });
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 120 }), near), (wire) => {
        try {
          Ipv6Packet.parse(new Payload(wire));
        } catch (error) {
          expect(error).toBeInstanceOf(DecodeError);
        }
        stack.onFrame(device, new EthernetFrame(device.mac, device.mac, 0x86dd, new Payload(wire)));
      }),
      runs(1000),
    );
  });

  it('a hostile chain costs work that is bounded by its size', () => {
    const wire = new Uint8Array(65535);
    for (let at = 0; at < wire.length; at += 8) wire[at] = 60; // destination options, each the next one's
    const packet = new Ipv6Packet(
      IpAddress.parse('fd00::2'),
      IpAddress.parse('fd00::1'),
      60,
      64,
      0,
      0,
      null,
      new Payload(wire),
    );
    const read = Ipv6Packet.parse(new Payload(bytesOf(packet)));
    expect(read.extensions!.length).toBeLessThanOrEqual(wire.length / 8);
    expect(bytesOf(read)).toEqual(bytesOf(packet));
  });

  it('options of any kind are judged without end or error', () => {
    fc.assert(
      fc.property(extension, fc.nat(8), (header, most) => {
        const verdict = judgeOptions(header, most);
        if (verdict.kind === 'problem') expect(verdict.at).toBeLessThan(header.size);
      }),
      runs(500),
    );
  });
});

describe('ICMPv6 messages', () => {
  const lifetimes = fc.oneof(u32, fc.constant(0xffffffff));
  const prefix = fc
    .record({
      address: addresses,
      length: fc.nat(128),
      isOnLink: fc.boolean(),
      isAutonomous: fc.boolean(),
      validLifetime: lifetimes,
      preferredLifetime: lifetimes,
    })
    .map(({ address, length, ...rest }) => ({ prefix: { address, length }, ...rest }));
  const messages: fc.Arbitrary<AnyIcmpv6> = fc.oneof(
    fc
      .tuple(fc.constantFrom(1, 2, 3, 4, 128, 129, 137, 200), fc.nat(255), u32, bytes)
      .map(([type, code, rest, data]) => new Icmpv6Message(type, code, rest, data)),
    fc.tuple(addresses, fc.option(macs)).map(([target, mac]) => new NeighbourMessage(135, target, mac)),
    fc
      .tuple(addresses, fc.option(macs), fc.boolean(), fc.boolean(), fc.boolean())
      .map((fields) => new NeighbourMessage(136, ...fields)),
    fc.option(macs).map((mac) => new RouterSolicitation(mac)),
    fc
      .record({
        hopLimit: fc.nat(255),
        lifetime: fc.nat(0xffff),
        mac: fc.option(macs),
        mtu: u32,
        prefixes: fc.array(prefix, { maxLength: 3 }),
      })
      .map((facts) => new RouterAdvertisement(facts)),
    fc
      .tuple(fc.nat(0xffff), addresses, fc.boolean())
      .map(([time, group, isVersion1]) => new MldQuery(time, group, isVersion1)),
    fc
      .tuple(fc.constantFrom(MLDV1_REPORT, MLDV1_DONE), addresses)
      .map(([type, group]) => new MldV1Message(type, group)),
    fc
      .array(fc.record({ kind: fc.integer({ min: 1, max: 6 }), group: addresses }), { maxLength: 4 })
      .map((records) => new MldReport(records)),
  );

  it('survive their bytes, and no single wrong bit', () => {
    fc.assert(
      fc.property(messages, addresses, addresses, fc.nat(), (message, src, dst, bit) => {
        const outer = { src, dst };
        const wire = bytesOf(message, outer);
        const read = parseIcmpv6(new Payload(wire), outer);
        expect(read.format()).toBe(message.format());
        expect(bytesOf(read, outer)).toEqual(wire);
        const at = bit % (wire.length * 8);
        wire[at >>> 3]! ^= 1 << (at & 7);
        expect(() => parseIcmpv6(new Payload(wire), outer)).toThrow(DecodeError);
      }),
      runs(300),
    );
  });

  it('any bytes are a message or a DecodeError', () => {
    const kinds = fc.constantFrom(130, 133, 134, 135, 136, 143, 1, 128);
    fc.assert(
      fc.property(kinds, fc.uint8Array({ maxLength: 100 }), (kind, data) => {
        try {
          parseIcmpv6(new Payload(Uint8Array.of(kind, ...data)), null);
        } catch (error) {
          expect(error).toBeInstanceOf(DecodeError);
        }
      }),
      runs(500),
    );
  });
});

describe('the IPv6 FIB', () => {
  const route = (network: IpAddress, length: number, metric: number): Ipv6FibRoute => ({
    network: withoutHostBits(network, length),
    length,
    type: 'unicast',
    gateway: null,
    iface: null,
    preferredSource: null,
    metric,
    mtu: 0,
    metrics: null,
    origin: 'static',
    expires: NEVER,
    pathMtus: new Map(),
  });

  it('finds what a linear scan finds', () => {
    const specs = fc.array(fc.tuple(addresses, fc.nat(128), fc.nat(2)), { maxLength: 30 });
    fc.assert(
      fc.property(specs, fc.array(addresses, { minLength: 1, maxLength: 20 }), (list, targets) => {
        const fib = new Ipv6Fib();
        const kept = list.map((spec) => route(...spec)).filter((made) => fib.insert(made) === 0);
        const some = kept.filter((_, i) => i % 5 === 0);
        fib.remove((made) => some.includes(made));
        const left = kept.filter((made) => !some.includes(made));
        expect(fib.all().length).toBe(left.length);
        for (const dst of [...targets, ...list.map(([network]) => network)]) {
          const fitting = left.filter(({ network, length }) =>
            prefixContains({ address: network, length }, dst),
          );
          fitting.sort((a, b) => b.length - a.length || a.metric - b.metric);
          expect(fib.find(dst, false, null, 0)).toBe(fitting[0] ?? null);
        }
      }),
      runs(300),
    );
  });
});

describe('IPv6 fragments', () => {
  it('fit the MTU, cover the packet, and any order makes it again', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1500, max: 6000 }),
        fc.array(extension, { maxLength: 3 }),
        fc.integer({ min: 1280, max: 1500 }),
        fc.infiniteStream(fc.nat()),
        (size, extensions, mtu, choices) => {
          const data = Uint8Array.from({ length: size }, (_, i) => i * 7);
          const whole = new Ipv6Packet(
            IpAddress.parse('fd00::2'),
            IpAddress.parse('fd00::1'),
            200,
            64,
            0,
            0,
            extensions.filter(({ type }) => type === 43).length === 0 ? null : calm(extensions),
            new Payload(data),
          );
          const pieces = fragmentIpv6(whole, mtu, 77);
          for (const piece of pieces) expect(piece.size).toBeLessThanOrEqual(mtu);
          const nodes = new Nodes();
          const { stack, devices, drops } = nodes.add('a', ['fd00::1/64']);
          const heard: Ipv6Packet[] = [];
          stack.addRaw(200, {
            onPacket: (packet) => heard.push(packet as Ipv6Packet) > 0,
            onIcmpError: () => false,
          });
          const device = devices[0]!;
          for (const piece of shuffled(pieces, choices)) {
            const wire = new Payload(bytesOf(piece));
            stack.onFrame(device, new EthernetFrame(device.mac, device.mac, 0x86dd, wire));
          }
          expect(drops.entries()).toEqual([]);
          expect(heard.map((packet) => bytesOf(packet))).toEqual([bytesOf(whole)]);
        },
      ),
      runs(60),
    );
  });

  it('that overlap give up the packet', () => {
    const nodes = new Nodes();
    const { stack, devices, drops } = nodes.add('a', ['fd00::1/64']);
    const device = devices[0]!;
    const whole = new Ipv6Packet(
      IpAddress.parse('fd00::2'),
      IpAddress.parse('fd00::1'),
      200,
      64,
      0,
      0,
      null,
      Payload.zeros(3000),
    );
    const [first, second, third] = fragmentIpv6(whole, 1280, 5);
    const [, shifted] = fragmentIpv6(whole, 1288, 5);
    void second;
    for (const piece of [first!, third!, shifted!])
      stack.onFrame(device, new EthernetFrame(device.mac, device.mac, 0x86dd, new Payload(bytesOf(piece))));
    expect(drops.count('reassembly.spoilt')).toBe(1);
  });
});

/** Routing headers whose hops have all been visited, so that the destination passes them over. */
function calm(extensions: readonly Ipv6Extension[]): Ipv6Extension[] {
  return extensions
    .filter(({ type }) => type === 43)
    .map(({ type, bytes: header }) => {
      const quiet = header.slice();
      quiet[2] = 0; // of a kind that is not silently refused
      quiet[3] = 0;
      return new Ipv6Extension(type, quiet);
    });
}

function shuffled<T>(items: readonly T[], choices: Iterator<number>): T[] {
  const rest = [...items];
  const order: T[] = [];
  while (rest.length > 0) order.push(...rest.splice((choices.next().value as number) % rest.length, 1));
  return order;
}
