/** Frames as bytes: parse and emit are inverse, and any bytes are a frame or a DecodeError. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EthernetFrame } from '../../src/link/frame.ts';
import { MacAddress } from '../../src/packet/mac-address.ts';
import { Payload } from '../../src/packet/payload.ts';
import { bytesOf } from '../../src/packet/pdu.ts';
import { DecodeError } from '../../src/sim/errors.ts';
import { runs } from '../support/property.ts';

const mac = fc
  .tuple(fc.nat({ max: 0xffff }), fc.nat({ max: 0xffffffff }))
  .map(([high, low]) => MacAddress.of(high, low));
const u16 = fc.nat({ max: 0xffff });

describe('EthernetFrame', () => {
  it('parses what it emits', () => {
    const headers = fc.tuple(mac, mac, u16, fc.option(u16, { nil: -1 }), fc.uint8Array({ maxLength: 80 }));
    fc.assert(
      fc.property(headers, ([dst, src, etherType, tci, payload]) => {
        fc.pre(tci >= 0 || etherType !== 0x8100); // that would be a tag
        const frame = new EthernetFrame(dst, src, etherType, new Payload(payload), tci);
        const bytes = bytesOf(frame);
        const read = EthernetFrame.parse(bytes);
        expect([read.dst, read.src, read.etherType, read.tci]).toEqual([dst, src, etherType, tci]);
        expect((read.payload as Payload).view()).toEqual(payload);
        expect([read.size, frame.size]).toEqual([bytes.length, bytes.length]);
      }),
      runs(500),
    );
  });

  it('makes a frame of any bytes that emits them again, or refuses them', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 100 }),
      fc
        .tuple(fc.uint8Array({ minLength: 12, maxLength: 12 }), fc.uint8Array({ maxLength: 8 }))
        .map(([head, tail]) => Uint8Array.from([...head, 0x81, 0x00, ...tail])),
    );
    fc.assert(
      fc.property(bytes, (input) => {
        try {
          expect(bytesOf(EthernetFrame.parse(input))).toEqual(input);
        } catch (error) {
          if (!(error instanceof DecodeError)) throw error;
          expect(input.length).toBeLessThan(18);
        }
      }),
      runs(1000),
    );
  });

  it('prints as tcpdump does', () => {
    const frame = (type: number, tci: number): string =>
      new EthernetFrame(
        MacAddress.of(0xffff, 0xffffffff),
        MacAddress.of(0x0200, 1),
        type,
        Payload.zeros(4),
        tci,
      ).format();
    expect(frame(0x0806, -1)).toBe('02:00:00:00:00:01 > ff:ff:ff:ff:ff:ff, ethertype 0x0806: 4 bytes');
    expect(frame(38, 5)).toBe('02:00:00:00:00:01 > ff:ff:ff:ff:ff:ff, vlan 5, 802.3 length 38: 4 bytes');
  });
});
