/** Headers of the network floor: parse(emit(x)) is x, and any bytes are a header or a DecodeError. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ArpPacket } from '../../src/network/arp.ts';
import { IcmpMessage } from '../../src/network/icmp.ts';
import { IgmpMessage, IgmpReport } from '../../src/network/igmp.ts';
import { Ipv4Packet } from '../../src/network/ipv4.ts';
import { checksum } from '../../src/packet/checksum.ts';
import { MacAddress } from '../../src/packet/mac-address.ts';
import { Payload } from '../../src/packet/payload.ts';
import { bytesOf, type Pdu } from '../../src/packet/pdu.ts';
import { DecodeError } from '../../src/sim/errors.ts';
import { runs } from '../support/property.ts';
import { addresses, bytes, packets } from './arbitraries.ts';

const macs = fc.tuple(fc.nat(0xffff), fc.nat(0xffffffff)).map(([high, low]) => MacAddress.of(high, low));

describe('IPv4', () => {
  it('reads back what it wrote, padding or not', () => {
    fc.assert(
      fc.property(packets(100), bytes(30), (packet, padding) => {
        const wire = new Uint8Array([...bytesOf(packet), ...padding]);
        const read = Ipv4Packet.parse(new Payload(wire));
        expect(bytesOf(read)).toEqual(bytesOf(packet));
        expect(read.size).toBe(packet.size);
        expect(read.options).toEqual(packet.options);
        expect([read.src, read.dst, read.id, read.flags, read.offset]).toEqual([
          packet.src,
          packet.dst,
          packet.id,
          packet.flags,
          packet.offset,
        ]);
      }),
      runs(300),
    );
  });

  it('has a right header checksum, and keeps it when the TTL falls', () => {
    fc.assert(
      fc.property(packets(10), (packet) => {
        const lower = packet.withTtl(Math.max(0, packet.ttl - 1));
        for (const each of [packet, lower]) {
          expect(checksum(bytesOf(each), 0, each.headerSize)).toBe(0);
          expect(each.checksumField()).toBe((bytesOf(each)[10]! << 8) | bytesOf(each)[11]!);
        }
      }),
      runs(200),
    );
  });

  it('keeps a wrong checksum as wrong as it was when the TTL falls', () => {
    fc.assert(
      fc.property(packets(10), fc.integer({ min: 1, max: 0xfffe }), (packet, off) => {
        fc.pre(packet.ttl > 0);
        const right = packet.checksumField();
        const wrong = packet.withOptions(packet.dst, packet.options, (right + off) % 0xffff);
        const sum = checksum(bytesOf(wrong), 0, wrong.headerSize);
        const lower = wrong.withTtl(packet.ttl - 1);
        expect(checksum(bytesOf(lower), 0, lower.headerSize) % 0xffff).toBe(sum % 0xffff);
      }),
      runs(200),
    );
  });
});

describe('ARP, ICMP and IGMP', () => {
  it('read back what they wrote', () => {
    fc.assert(
      fc.property(fc.nat(65535), macs, addresses, macs, addresses, (op, sha, spa, tha, tpa) => {
        const arp = new ArpPacket(op, sha, spa, tha, tpa);
        expect(ArpPacket.parse(new Payload(bytesOf(arp)))).toEqual(arp);
      }),
      runs(100),
    );
    fc.assert(
      fc.property(fc.nat(255), fc.nat(255), fc.nat(0xffffffff), bytes(64), (type, code, rest, data) => {
        const message = new IcmpMessage(type, code, rest, new Payload(data));
        const read = IcmpMessage.parse(new Payload(bytesOf(message)));
        expect([read.type, read.code, read.rest]).toEqual([type, code, rest]);
        expect(bytesOf(read)).toEqual(bytesOf(message));
      }),
      runs(200),
    );
    const records = fc.array(fc.record({ kind: fc.nat(255), group: addresses }), { maxLength: 8 });
    fc.assert(
      fc.property(records, (list) => {
        expect(IgmpReport.parse(new Payload(bytesOf(new IgmpReport(list)))).records).toEqual(list);
      }),
      runs(100),
    );
  });
});

describe('any bytes', () => {
  const parsers: readonly [string, (payload: Payload) => Pdu][] = [
    ['IPv4', Ipv4Packet.parse],
    ['a quoted packet', Ipv4Packet.parseQuote],
    ['ARP', ArpPacket.parse],
    ['ICMP', IcmpMessage.parse],
    ['IGMP', IgmpMessage.parse],
    ['an IGMP report', IgmpReport.parse],
  ];
  it.each(parsers)('are %s or a DecodeError', (_name, parse) => {
    fc.assert(
      fc.property(bytes(80), fc.nat(4), (wire, start) => {
        fc.pre(start <= wire.length);
        try {
          parse(new Payload(wire, start)).format();
        } catch (error) {
          expect(error).toBeInstanceOf(DecodeError);
        }
      }),
      runs(500),
    );
  });
});
