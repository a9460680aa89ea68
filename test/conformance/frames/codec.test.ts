/** The compact form of frames: encoding and decoding are inverse, and say the same as the examples of the format. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeFrame } from '../../../src/conformance/frames/decode.ts';
import { encodeFrame } from '../../../src/conformance/frames/encode.ts';
import { hexBytes, hexText, type Layer } from '../../../src/conformance/frames/layers.ts';
import { runs } from '../../support/property.ts';

/** Frames that look like something: a type, and an IP header that begins well. */
const plausible = fc
  .record({
    bytes: fc.uint8Array({ minLength: 14, maxLength: 90 }),
    type: fc.constantFrom(0x0800, 0x0806, 0x8100, 0x88a8, 0x88b5),
    first: fc.constantFrom(0x45, 0x46, 0x4f, 0x55),
    protocol: fc.constantFrom(1, 6, 17, 99),
    isFirstFragment: fc.boolean(),
    missing: fc.nat({ max: 20 }),
  })
  .map(({ bytes, type, first, protocol, isFirstFragment, missing }) => {
    const frame = bytes.slice();
    frame.set([type >>> 8, type & 255], 12);
    if (frame.length < 34) return frame;
    frame[14] = first;
    frame.set([0, Math.max(0, frame.length - 14 - missing)], 16);
    if (isFirstFragment) frame.set([0, 0], 20);
    frame[23] = protocol;
    return frame;
  });

describe('the compact form of frames', () => {
  it('says every frame exactly: encoding what was decoded gives the same bytes', () => {
    fc.assert(
      fc.property(fc.oneof(plausible, fc.uint8Array({ maxLength: 60 })), (bytes) => {
        expect(hexText(encodeFrame(decodeFrame(bytes)))).toBe(hexText(bytes));
      }),
      runs(2000),
    );
  });

  it.each<[string, Layer[]]>([
    [
      'ffffffffffff020000000001080600010800060400010200000000010a0000010000000000000a00000a',
      [
        ['e', 'ff', '00:01'],
        ['arp', 1, '00:01', '10.0.0.1', '00:00:00:00:00:00', '10.0.0.10'],
      ],
    ],
    [
      '02000000000a0200000000018100e00588b50102',
      [
        ['e', '00:0a', '00:01'],
        ['vlan', 0xe005, 0x88b5],
        ['x', '0102'],
      ],
    ],
    ['00010203', [['n', 4]]],
    ['00000000', [['z', 4]]],
  ])('reads and writes %s', (hex, layers) => {
    expect(decodeFrame(hexBytes(hex))).toEqual(layers);
    expect(hexText(encodeFrame(layers))).toBe(hex);
  });

  it('computes the checksums that it is not given, and shows the wrong ones', () => {
    const layers: Layer[] = [
      ['e', '00:0a', '00:01'],
      ['ip', '10.0.0.1', '10.0.0.10', { tos: 192, id: 5 }],
      ['icmp', 3, 3, 0, 0],
      [
        'q',
        [
          ['ip', '10.0.0.10', '10.0.0.1', { id: 7 }],
          ['udp', 1000, 99],
          ['n', 4],
        ],
      ],
    ];
    const bytes = encodeFrame(layers);
    expect(decodeFrame(bytes)).toEqual(layers);
    bytes[24]! ^= 1;
    expect(decodeFrame(bytes)[1]).toHaveLength(4);
    expect((decodeFrame(bytes)[1]![3] as { ck?: number }).ck).toBeTypeOf('number');
  });

  it('gives bytes behind the end of a packet as a trailer', () => {
    const layers: Layer[] = [
      ['e', 'ff', '00:01'],
      ['ip', '10.0.0.1', '10.0.0.10'],
      ['tcp', 80, 1024, 'SA', 1, 2, { win: 100, opt: '020405b4' }],
      ['t', 'z', 8],
    ];
    expect(decodeFrame(encodeFrame(layers))).toEqual(layers);
  });
});
