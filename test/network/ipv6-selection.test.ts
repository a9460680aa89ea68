/** Address selection, by the examples of RFC 6724 10.1 and 10.2, and Linux's choice among equals. */
import { describe, expect, it } from 'vitest';
import { orderDestinations } from '../../src/network/ipv6-source-selection.ts';
import { IpAddress } from '../../src/packet/ip-address.ts';
import { parsePrefix } from '../../src/packet/prefix.ts';
import { ip, Nodes, PLAIN } from './nodes.ts';

/** The source that a node with these addresses takes towards `dst`. */
function sourceOf(dst: string, ...addresses: string[]): string {
  const nodes = new Nodes();
  const { stack, devices } = nodes.add('a', [addresses.join(',')]);
  stack.addRoute({ prefix: parsePrefix('::/0'), device: devices[0]! });
  const device = ip(dst).isLinkLocal || ip(dst).isMulticast ? devices[0]! : null;
  const route = stack.route(ip(dst), null, { ...PLAIN, device });
  return typeof route === 'number' ? `error ${route}` : route.source.toString();
}

describe('source selection', () => {
  it.each([
    ['2001:db8:1::1', ['2001:db8:3::1/64', '2001:db8:1:2::1/64'], '2001:db8:1:2::1'],
    [
      '2002:c633:6401::1',
      ['2002:c633:6401:0:d5e3:7953:13eb:22e8/64', '2001:db8:1::2/64'],
      '2002:c633:6401:0:d5e3:7953:13eb:22e8',
    ],
    ['ff05::1', ['2001:db8:3::1/64'], '2001:db8:3::1'],
    ['fd00::10', ['fd00::1/64', 'fd00::2/64'], 'fd00::2'],
    ['fd00::1', ['fd00::1/64', 'fd00::2/64'], 'fd00::1'],
    ['2001:db8::5', ['fd00::1/64', '2001:db8:9::1/64'], '2001:db8:9::1'],
    ['fd77::5', ['fd00::1/64', '2001:db8:9::1/64'], 'fd00::1'],
  ])('towards %s from %j is %s', (dst, addresses, chosen) => {
    expect(sourceOf(dst, ...addresses)).toBe(chosen);
  });

  it('takes a link-local address towards a link-local destination', () => {
    expect(sourceOf('fe80::77', 'fd00::1/64')).toBe('fe80::ff:fe00:1');
  });
});

describe('destination order', () => {
  const candidate = (dst: string, source: string | null) => ({
    dst: IpAddress.parse(dst),
    source: source === null ? null : IpAddress.parse(source),
  });
  const order = (...pairs: [string, string | null][]) =>
    orderDestinations(pairs.map(([dst, source]) => candidate(dst, source))).map(({ dst }) => dst.toString());

  it('prefers what can be reached, matching scopes, native IPv6, and long common prefixes', () => {
    expect(order(['2001:db8::1', null], ['198.51.100.1', '203.0.113.5'])).toEqual([
      '198.51.100.1',
      '2001:db8::1',
    ]);
    expect(order(['2001:db8:1::1', 'fe80::1'], ['198.51.100.121', '198.51.100.117'])).toEqual([
      '198.51.100.121',
      '2001:db8:1::1',
    ]);
    expect(order(['10.1.2.3', '10.1.2.4'], ['2001:db8:1::1', '2001:db8:1::2'])).toEqual([
      '2001:db8:1::1',
      '10.1.2.3',
    ]);
    expect(order(['2001:db8:1::1', '2001:db8:1::2'], ['fe80::1', 'fe80::2'])).toEqual([
      'fe80::1',
      '2001:db8:1::1',
    ]);
  });
});
