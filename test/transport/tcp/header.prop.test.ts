import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { IpAddress } from '../../../src/packet/ip-address.ts';
import { Payload } from '../../../src/packet/payload.ts';
import { bytesOf } from '../../../src/packet/pdu.ts';
import { DecodeError } from '../../../src/sim/errors.ts';
import { TcpSegment } from '../../../src/transport/tcp/header.ts';
import { TcpOptions } from '../../../src/transport/tcp/options.ts';
import { runs } from '../../support/property.ts';

const OUTER = { src: IpAddress.parse('10.0.0.1'), dst: IpAddress.parse('10.0.0.2') };
const port = fc.nat(65535);
const seq = fc.nat(0xffffffff);
const synOptions = fc
  .record({
    mss: fc.nat(65535),
    wscale: fc.integer({ min: -1, max: 14 }),
    sackPermitted: fc.boolean(),
    tsval: fc.oneof(fc.constant(-1), seq),
    tsecr: seq,
  })
  .map((o) => new TcpOptions(o.mss, o.wscale, o.sackPermitted, o.tsval, o.tsval < 0 ? 0 : o.tsecr));
const dataOptions = fc
  .record({
    tsval: fc.oneof(fc.constant(-1), seq),
    tsecr: seq,
    sack: fc.array(fc.tuple(seq, seq), { maxLength: 3 }),
  })
  .map((o) => new TcpOptions(0, -1, false, o.tsval, o.tsval < 0 ? 0 : o.tsecr, o.sack.flat()));
const segment = fc
  .record({
    srcPort: port,
    dstPort: port,
    seq,
    ack: seq,
    flags: fc.nat(0x1ff),
    wnd: fc.nat(65535),
    urg: fc.nat(65535),
    options: fc.oneof(synOptions, dataOptions),
    data: fc.uint8Array({ maxLength: 60 }),
  })
  .map(
    (s) =>
      new TcpSegment(
        s.srcPort,
        s.dstPort,
        s.seq,
        s.ack,
        s.flags,
        s.wnd,
        s.options,
        new Payload(s.data),
        s.urg,
      ),
  );

describe('TCP segments', () => {
  it('come back from bytes as they were', () => {
    fc.assert(
      fc.property(segment, (sent) => {
        const wire = bytesOf(sent, OUTER);
        expect(wire.length).toBe(sent.size);
        const read = TcpSegment.parse(new Payload(wire), OUTER);
        expect({ ...read, payload: read.payload.view() }).toEqual({ ...sent, payload: sent.payload.view() });
        expect(bytesOf(read, OUTER)).toEqual(wire);
      }),
      runs(500),
    );
  });

  it('with one flipped bit are refused', () => {
    fc.assert(
      fc.property(segment, fc.nat(), (sent, position) => {
        const wire = bytesOf(sent, OUTER);
        const bit = position % (wire.length * 8);
        wire[bit >> 3]! ^= 0x80 >> (bit & 7);
        expect(() => TcpSegment.parse(new Payload(wire), OUTER)).toThrow(DecodeError);
      }),
      runs(300),
    );
  });

  it('never fail with anything but DecodeError, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        try {
          TcpSegment.parse(new Payload(bytes), null).format();
        } catch (error) {
          expect(error).toBeInstanceOf(DecodeError);
        }
      }),
      runs(1000),
    );
  });

  it('put options in the order and with the padding of Linux', () => {
    const bytes = (options: TcpOptions): string => {
      const out = new Uint8Array(options.size);
      expect(options.emit(out, 0)).toBe(options.size);
      return Buffer.from(out).toString('hex');
    };
    expect(bytes(new TcpOptions(1460, 7, true, 1, 2))).toBe(
      '020405b4' + '0402080a0000000100000002' + '01030307',
    );
    expect(bytes(new TcpOptions(1460, 7, true, -1, 0))).toBe('020405b4' + '01010402' + '01030307');
    expect(bytes(new TcpOptions(1460, -1, false, 1, 2))).toBe('020405b4' + '0101080a0000000100000002');
    expect(bytes(TcpOptions.timestamps(1, 2, [3, 4]))).toBe(
      '0101080a0000000100000002' + '0101050a0000000300000004',
    );
    expect(bytes(new TcpOptions(1460, -1, false, -1, 0, [], Uint8Array.of()))).toBe('020405b4' + '22020101');
  });

  it('keep options of unknown kind, and stop at a broken length', () => {
    const parsed = (...bytes: number[]) => TcpOptions.parse(Uint8Array.from(bytes), 0, bytes.length);
    expect(parsed(19, 4, 7, 7).unknown).toEqual(Uint8Array.of(19, 4, 7, 7));
    expect(parsed(2, 4, 5, 180, 3, 1, 9).mss).toBe(1460);
    expect(parsed(8, 10, 0, 0).hasTimestamps).toBe(false);
    expect(parsed(0, 2, 4, 5, 180).mss).toBe(0);
    expect(parsed(3, 3, 99).wscale).toBe(14);
  });
});
