/** The internet checksum against its definition: the ones' complement sum of a correct packet is all ones. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { writeU16 } from '../../src/packet/bytes.ts';
import { checksum, finishSum, sumBytes, sumPseudoHeader } from '../../src/packet/checksum.ts';
import { IpAddress } from '../../src/packet/ip-address.ts';
import { runs } from '../support/property.ts';

describe('checksum', () => {
  it('equals the sum taken word by word with end-around carry', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(checksum(bytes, 0, bytes.length)).toBe(byDefinition(bytes));
      }),
      runs(500),
    );
  });

  it('is zero over bytes that carry it', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 2, maxLength: 100 }), (bytes) => {
        writeU16(bytes, 0, 0);
        writeU16(bytes, 0, checksum(bytes, 0, bytes.length));
        expect(checksum(bytes, 0, bytes.length)).toBe(0);
      }),
      runs(300),
    );
  });

  it('may be taken in even pieces', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), fc.nat(30), (bytes, half) => {
        const cut = Math.min(half * 2, bytes.length - (bytes.length % 2));
        const first = sumBytes(bytes, 0, cut);
        expect(finishSum(sumBytes(bytes, cut, bytes.length - cut, first))).toBe(
          checksum(bytes, 0, bytes.length),
        );
      }),
      runs(300),
    );
  });

  it('sums the pseudo header as its bytes', () => {
    const outer = { src: IpAddress.parse('192.168.1.5'), dst: IpAddress.parse('10.0.0.2') };
    const bytes = Uint8Array.of(192, 168, 1, 5, 10, 0, 0, 2, 0, 6, 1, 0);
    expect(finishSum(sumPseudoHeader(outer, 6, 256))).toBe(checksum(bytes, 0, 12));
    const six = { src: IpAddress.v6(0x20010db8, 0, 0, 1), dst: IpAddress.v6(0xfe800000, 1, 2, 3) };
    const wide = Uint8Array.of(
      ...[0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1],
      ...[0xfe, 0x80, 0, 0, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3],
      ...[0, 1, 0, 4, 0, 0, 0, 17],
    );
    expect(finishSum(sumPseudoHeader(six, 17, 65540))).toBe(checksum(wide, 0, wide.length));
  });
});

function byDefinition(bytes: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < bytes.length; i += 2) {
    sum += bytes[i]! * 256 + (bytes[i + 1] ?? 0);
    if (sum > 0xffff) sum -= 0xffff;
  }
  return 0xffff - sum;
}
