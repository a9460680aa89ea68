/** Addresses: text and bytes round trip, equal means identical, and no text breaks the parsers in another way. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { IpAddress } from '../../src/packet/ip-address.ts';
import { MacAddress } from '../../src/packet/mac-address.ts';
import {
  broadcastOf,
  formatPrefix,
  maskOf,
  networkOf,
  parsePrefix,
  prefixContains,
} from '../../src/packet/prefix.ts';
import { ConfigError } from '../../src/sim/errors.ts';
import { runs } from '../support/property.ts';

const u32 = fc.integer({ min: 0, max: 0xffffffff });

describe('IpAddress', () => {
  it('survives text and bytes, and is interned', () => {
    fc.assert(
      fc.property(u32, (bits) => {
        const address = IpAddress.v4(bits);
        const bytes = new Uint8Array(6);
        address.writeV4(bytes, 1);
        expect(IpAddress.parse(address.toString())).toBe(address);
        expect(IpAddress.readV4(bytes, 1)).toBe(address);
        expect(address.w3).toBe(bits);
      }),
      runs(300),
    );
  });

  it('gives different addresses different ids, in both families', () => {
    fc.assert(
      fc.property(u32, u32, u32, u32, u32, (w0, w1, w2, w3, other) => {
        const six = IpAddress.v6(w0, w1, w2, w3);
        expect(IpAddress.v6(w0, w1, w2, w3)).toBe(six);
        expect(IpAddress.v4(w3).id).not.toBe(six.id);
        expect(IpAddress.v6(w0, w1, w2, other) === six).toBe(other === w3);
      }),
      runs(300),
    );
  });

  it('classifies as the registries do', () => {
    expect(IpAddress.parse('127.255.0.1').isLoopback).toBe(true);
    expect(IpAddress.parse('128.0.0.1').isLoopback).toBe(false);
    expect(IpAddress.parse('223.255.255.255').isMulticast).toBe(false);
    expect(IpAddress.parse('224.0.0.0').isMulticast).toBe(true);
    expect(IpAddress.parse('239.255.255.255').isMulticast).toBe(true);
    expect(IpAddress.parse('240.0.0.0').isMulticast).toBe(false);
    expect(IpAddress.parse('255.255.255.255').isLimitedBroadcast).toBe(true);
    expect(IpAddress.parse('0.0.0.0').isUnspecified).toBe(true);
    expect(IpAddress.v6(0, 0, 0, 0).isUnspecified).toBe(true);
    expect(IpAddress.v6(0, 0, 0xffff, 0).isUnspecified).toBe(false);
    expect(IpAddress.v6(0, 0, 0, 1).isLoopback).toBe(true);
    expect(IpAddress.v6(0xff020000, 0, 0, 1).isMulticast).toBe(true);
  });

  it.each(['', '10.0.0', '10.0.0.256', '10.0.0.01', '10.0.0.1 ', '1.2.3.4.5', 'a.b.c.d', '10.-1.0.0'])(
    "refuses '%s'",
    (text) => {
      expect(() => IpAddress.parse(text)).toThrow(ConfigError);
    },
  );
});

describe('MacAddress', () => {
  it('survives text and bytes, and is interned', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0xffff }), u32, (high, low) => {
        const mac = MacAddress.of(high, low);
        const bytes = new Uint8Array(8);
        mac.write(bytes, 2);
        expect(MacAddress.parse(mac.toString())).toBe(mac);
        expect(MacAddress.read(bytes, 2)).toBe(mac);
        expect(mac.isGroup).toBe((bytes[2]! & 1) === 1);
      }),
      runs(300),
    );
  });

  it.each(['', '02:00:00:00:00', '02:00:00:00:00:0g', '2:0:0:0:0:1', '02-00-00-00-00-01'])(
    "refuses '%s'",
    (text) => {
      expect(() => MacAddress.parse(text)).toThrow(ConfigError);
    },
  );
});

describe('prefixes', () => {
  it('contain exactly the addresses from network to broadcast', () => {
    fc.assert(
      fc.property(u32, fc.integer({ min: 0, max: 32 }), u32, (bits, length, other) => {
        const prefix = { address: IpAddress.v4(bits), length };
        const network = networkOf(prefix).address.w3;
        const broadcast = broadcastOf(prefix).w3;
        expect(broadcast - network + 1).toBe(
          4294967296 / (length === 0 ? 1 : ((1 << (length - 1)) >>> 0) * 2),
        );
        expect(prefixContains(prefix, IpAddress.v4(other))).toBe(other >= network && other <= broadcast);
        expect(parsePrefix(formatPrefix(prefix))).toEqual(prefix);
        expect(maskOf(length) >>> 0).toBe(maskOf(length));
      }),
      runs(300),
    );
  });

  it.each(['10.0.0.1', '10.0.0.1/33', '10.0.0.1/', '10.0.0.1/-1', '10.0.0/8', '10.0.0.1/8.5'])(
    "refuses '%s'",
    (text) => {
      expect(() => parsePrefix(text)).toThrow(ConfigError);
    },
  );
});
