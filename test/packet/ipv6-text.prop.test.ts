/** IPv6 addresses as text: RFC 5952 out, RFC 4291 in, zones, prefixes. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { IpAddress } from '../../src/packet/ip-address.ts';
import { commonPrefixLength, networkOf, parsePrefix, prefixContains } from '../../src/packet/prefix.ts';
import { formatZonedAddress, parseZonedAddress } from '../../src/packet/zoned-address.ts';
import { ConfigError } from '../../src/sim/errors.ts';
import { runs } from '../support/property.ts';

const group = fc.oneof(fc.integer({ min: 0, max: 0xffff }), fc.constant(0));
const groups = fc.array(group, { minLength: 8, maxLength: 8 });

function addressOf(parts: readonly number[]): IpAddress {
  const word = (at: number): number => parts[at]! * 65536 + parts[at + 1]!;
  return IpAddress.v6(word(0), word(2), word(4), word(6));
}

describe('IPv6 text', () => {
  it('reads back, whole or canonical, and is as short as it can be', () => {
    fc.assert(
      fc.property(groups, (parts) => {
        const address = addressOf(parts);
        const text = address.toString();
        expect(IpAddress.parse(text)).toBe(address);
        expect(IpAddress.parse(parts.map((part) => part.toString(16).padStart(4, '0')).join(':'))).toBe(
          address,
        );
        expect(text).toBe(
          new URL(`http://[${text}]/`).hostname.slice(1, -1).replace(/^::ffff:[\da-f]+:[\da-f]+$/, text),
        );
      }),
      runs(500),
    );
  });

  it.each([
    ['0:0:0:0:0:0:0:0', '::'],
    ['2001:DB8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['::ffff:10.0.0.1', '::ffff:10.0.0.1'],
    ['::10.0.0.1', '::a00:1'],
    ['64:ff9b::192.0.2.33', '64:ff9b::c000:221'],
    ['1::', '1::'],
    ['::1:2:3:4:5:6:7', '0:1:2:3:4:5:6:7'],
  ])('%s is %s', (text, canonical) => {
    expect(IpAddress.parse(text).toString()).toBe(canonical);
  });

  it.each([
    ':',
    ':::',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1::2::3',
    '1:2:3:4:5:6:7::8:9',
    '12345::',
    'g::1',
    '1.2.3.4::',
    '::1.2.3',
    '::1.2.3.256',
    '::1.2.3.4:5',
    'fe80::1%eth0',
    ' ::1',
  ])("refuses '%s'", (text) => {
    expect(() => IpAddress.parse(text)).toThrow(ConfigError);
  });

  it('knows mapped and link-local addresses', () => {
    const mapped = IpAddress.parse('10.0.0.1').mapped();
    expect(mapped.isV4Mapped).toBe(true);
    expect(mapped.unmapped()).toBe(IpAddress.parse('10.0.0.1'));
    expect(mapped.mapped()).toBe(mapped);
    expect(
      ['fe80::1', 'febf::1', 'fec0::1', 'fd00::1'].map((text) => IpAddress.parse(text).isLinkLocal),
    ).toEqual([true, true, false, false]);
  });
});

describe('zones', () => {
  it('stand behind addresses that need them', () => {
    const zoned = parseZonedAddress('fe80::1%eth0');
    expect(zoned).toEqual({ address: IpAddress.parse('fe80::1'), zone: 'eth0' });
    expect(formatZonedAddress(zoned)).toBe('fe80::1%eth0');
    expect(parseZonedAddress('fd00::1').zone).toBe(null);
    for (const text of ['fd00::1%eth0', 'fe80::1%', 'fe80::1%a%b', '10.0.0.1%eth0'])
      expect(() => parseZonedAddress(text)).toThrow(ConfigError);
  });
});

describe('IPv6 prefixes', () => {
  it('contain what shares their leading bits', () => {
    const near = fc.tuple(groups, groups, fc.integer({ min: 0, max: 128 })).map(([a, b, length]) => {
      const at = length >>> 4;
      return { own: addressOf(a), other: addressOf([...a.slice(0, at), ...b.slice(at)]), length };
    });
    fc.assert(
      fc.property(near, ({ own, other, length }) => {
        const bits = (address: IpAddress): string =>
          [address.w0, address.w1, address.w2, address.w3]
            .map((word) => word.toString(2).padStart(32, '0'))
            .join('');
        const isIn = bits(own).slice(0, length) === bits(other).slice(0, length);
        expect(prefixContains({ address: own, length }, other)).toBe(isIn);
        const network = networkOf({ address: own, length }).address;
        expect(bits(network)).toBe(bits(own).slice(0, length).padEnd(128, '0'));
        const shared = commonPrefixLength(own, other);
        expect(bits(own).slice(0, shared)).toBe(bits(other).slice(0, shared));
        if (shared < 128) expect(bits(own)[shared]).not.toBe(bits(other)[shared]);
        expect(prefixContains({ address: own, length: 0 }, IpAddress.parse('10.0.0.1'))).toBe(false);
      }),
      runs(500),
    );
    expect(parsePrefix('fd00::1/64').length).toBe(64);
    for (const text of ['fd00::1/129', 'fd00::1', 'fd00::1/', 'fd00::/1/2'])
      expect(() => parsePrefix(text)).toThrow(ConfigError);
  });
});
