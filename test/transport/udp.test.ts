import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { IpAddress } from '../../src/packet/ip-address.ts';
import { Payload } from '../../src/packet/payload.ts';
import { bytesOf } from '../../src/packet/pdu.ts';
import { DecodeError } from '../../src/sim/errors.ts';
import { UdpDatagram } from '../../src/transport/udp.ts';
import { runs } from '../support/property.ts';

const OUTER = { src: IpAddress.parse('10.0.0.1'), dst: IpAddress.parse('10.0.0.2') };
const port = fc.nat(65535);
const data = fc.uint8Array({ maxLength: 100 });

describe('UDP datagrams', () => {
  it('come back from bytes as they were', () => {
    fc.assert(
      fc.property(port, port, data, fc.boolean(), (srcPort, dstPort, bytes, hasChecksum) => {
        const sent = new UdpDatagram(srcPort, dstPort, new Payload(bytes), hasChecksum);
        const read = UdpDatagram.parse(new Payload(bytesOf(sent, OUTER)), OUTER);
        expect([read.srcPort, read.dstPort, read.hasChecksum]).toEqual([srcPort, dstPort, hasChecksum]);
        expect((read.payload as Payload).view()).toEqual(bytes);
      }),
      runs(200),
    );
  });

  it('with one flipped bit are refused, unless it is in the checksum that says there is none', () => {
    fc.assert(
      fc.property(data, fc.nat(), (bytes, position) => {
        const wire = bytesOf(new UdpDatagram(1000, 2000, new Payload(bytes)), OUTER);
        const bit = position % (wire.length * 8);
        wire[bit >> 3]! ^= 0x80 >> (bit & 7);
        if (wire[6] === 0 && wire[7] === 0) return; // became "no checksum"
        expect(() => UdpDatagram.parse(new Payload(wire), OUTER)).toThrow(DecodeError);
      }),
      runs(300),
    );
  });

  it('never fail with anything but DecodeError', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        try {
          UdpDatagram.parse(new Payload(bytes), OUTER);
        } catch (error) {
          expect(error).toBeInstanceOf(DecodeError);
        }
      }),
      runs(300),
    );
  });

  it('take a computed checksum of zero as 0xffff', () => {
    const fields = Array.from({ length: 65536 }, (_, word) => {
      const wire = bytesOf(new UdpDatagram(1, 2, new Payload(Uint8Array.of(word >> 8, word & 255))), OUTER);
      return (wire[6]! << 8) | wire[7]!;
    });
    expect(fields.includes(0)).toBe(false);
    expect(fields.includes(0xffff)).toBe(true);
  });
});
