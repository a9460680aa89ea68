/** Addresses, as the engine's own objects: equal addresses are the same object. */
import fc from 'fast-check';
import { IpAddress } from '../../packet/ip-address.ts';
import { MacAddress } from '../../packet/mac-address.ts';
import { maskOf, parsePrefix, wordMask } from '../../packet/prefix.ts';

export interface AddressConstraints {
  /** Only addresses of this network, as in `10.0.0.0/24` or `fd00::/64`. Default: all there are. */
  readonly within?: string;
}

const WORD = 0xffffffff;
/** Words that decide things: zero, loopback, multicast, broadcast, private. */
const NOTED_V4 = [0, 0x7f000001, 0xe0000001, WORD, 0x0a000001];
const NOTED_V6 = ['::', '::1', 'fe80::1', 'ff02::1', '::ffff:10.0.0.1', 'fd00::1'];

/** An IPv4 address. Now and then one of those that the rules treat apart. Shrinks to the first of its network. */
export function ipv4Address({ within = '0.0.0.0/0' }: AddressConstraints = {}): fc.Arbitrary<IpAddress> {
  const { address, length } = parsePrefix(within);
  const mask = maskOf(length);
  const base = (address.w3 & mask) >>> 0; // an IPv4 address is the last word
  const host = fc.nat((~mask & WORD) >>> 0).map((bits) => IpAddress.v4((base | bits) >>> 0));
  if (length > 0) return host;
  return fc.oneof(
    { weight: 8, arbitrary: host },
    fc.constantFrom(...NOTED_V4).map((bits) => IpAddress.v4(bits)),
  );
}

/** An IPv6 address. Now and then one of those that the rules treat apart. Shrinks to the first of its network. */
export function ipv6Address({ within = '::/0' }: AddressConstraints = {}): fc.Arbitrary<IpAddress> {
  const { address, length } = parsePrefix(within);
  const wordsOf = [address.w0, address.w1, address.w2, address.w3];
  const words = [0, 1, 2, 3].map((i) => {
    const mask = wordMask(length, i);
    const base = (wordsOf[i]! & mask) >>> 0;
    return fc.nat((~mask & WORD) >>> 0).map((bits) => (base | bits) >>> 0);
  });
  const host = fc
    .tuple(words[0]!, words[1]!, words[2]!, words[3]!)
    .map(([a, b, c, d]) => IpAddress.v6(a, b, c, d));
  if (length > 0) return host;
  return fc.oneof(
    { weight: 8, arbitrary: host },
    fc.constantFrom(...NOTED_V6).map((text) => IpAddress.parse(text)),
  );
}

export interface MacConstraints {
  /** Only addresses of single stations. Default: false, groups and broadcast too. */
  readonly unicast?: boolean;
}

const GROUP_BIT = 0x0100;

/** A MAC address. Shrinks to 00:00:00:00:00:00. */
export function macAddress({ unicast = false }: MacConstraints = {}): fc.Arbitrary<MacAddress> {
  const high = fc.nat(0xffff).map((bits) => (unicast ? bits & ~GROUP_BIT : bits));
  return fc.tuple(high, fc.nat(WORD)).map(([first, last]) => MacAddress.of(first, last));
}

/** A port from 1 to 65535, often a low one, so that two of them meet. */
export function port(): fc.Arbitrary<number> {
  return fc.oneof(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 65535 }));
}
