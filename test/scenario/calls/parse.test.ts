/** The language of socket calls. */
import { describe, expect, it } from 'vitest';
import { IpAddress } from '../../../src/packet/ip-address.ts';
import { CALL_FORMS, parseCall } from '../../../src/scenario/calls/parse.ts';
import { TextError } from '../../../src/scenario/document/text-error.ts';

const at = (address: string, port: number, zone: string | null = null) => ({
  host: null,
  address: IpAddress.parse(address),
  zone,
  port,
});
const any = (port: number) => ({ host: null, address: null, zone: null, port });

describe('a socket call', () => {
  it.each([
    ['s = socket(tcp)', { call: 'socket', type: 'tcp', nonblocking: false }],
    ['s = socket(udp, nonblocking)', { call: 'socket', type: 'udp', nonblocking: true }],
    ['bind(s, *:80)', { call: 'bind', socket: 's', to: any(80) }],
    ['bind(s, 0.0.0.0:80)', { call: 'bind', socket: 's', to: at('0.0.0.0', 80) }],
    ['bind(s, [::]:80)', { call: 'bind', socket: 's', to: at('::', 80) }],
    ['connect(s, [fe80::1%eth0]:80)', { call: 'connect', socket: 's', to: at('fe80::1', 80, 'eth0') }],
    [
      'connect(s, server:80)',
      { call: 'connect', socket: 's', to: { host: 'server', address: null, zone: null, port: 80 } },
    ],
    ['listen(s, 5)', { call: 'listen', socket: 's', backlog: 5 }],
    ['send(s, "a\\r\\n\\"b\\"")', { call: 'send', socket: 's', data: { text: 'a\r\n"b"' }, flags: 0 }],
    ['send(s, 64KiB, MSG_MORE)', { call: 'send', socket: 's', data: { zeros: 65536 }, flags: 0x8000 }],
    ['recv(s, 10, MSG_PEEK|MSG_DONTWAIT)', { call: 'recv', socket: 's', size: 10, flags: 0x42 }],
    ['recvfrom(s)', { call: 'recv', socket: 's', size: 65536, flags: 0 }],
    ['shutdown(s, wr)', { call: 'shutdown', socket: 's', how: 'wr' }],
    ['setsockopt(s, SO_REUSEADDR, 1)', { call: 'setsockopt', socket: 's', option: 'SO_REUSEADDR', value: 1 }],
    [
      'setsockopt(s, SO_BINDTODEVICE, eth0)',
      { call: 'setsockopt', socket: 's', option: 'SO_BINDTODEVICE', value: 'eth0' },
    ],
    [
      'setsockopt(s, IP_ADD_MEMBERSHIP, 239.1.2.3)',
      {
        call: 'setsockopt',
        socket: 's',
        option: 'IP_ADD_MEMBERSHIP',
        value: { group: at('239.1.2.3', 0), device: at('0.0.0.0', 0) },
      },
    ],
    [
      'setsockopt(s, IPV6_JOIN_GROUP, ff15::1, eth0)',
      {
        call: 'setsockopt',
        socket: 's',
        option: 'IPV6_JOIN_GROUP',
        value: { group: at('ff15::1', 0), interface: 'eth0' },
      },
    ],
    [
      'setsockopt(s, IPV6_JOIN_GROUP, ff15::1)',
      {
        call: 'setsockopt',
        socket: 's',
        option: 'IPV6_JOIN_GROUP',
        value: { group: at('ff15::1', 0), interface: null },
      },
    ],
    ['poll(s, POLLIN|POLLOUT, 10ms)', { call: 'poll', socket: 's', events: 5, timeout: 10_000_000 }],
    ['sleep(1.5ms)', { call: 'sleep', time: 1_500_000 }],
  ])('reads %s', (text, action) => {
    const call = parseCall(text);
    expect(call.action).toEqual(action);
    expect(call.expected).toEqual({ kind: 'success' });
  });

  it.each([
    ['bind(s, *:80) = EADDRINUSE', { kind: 'errno', errno: 'EADDRINUSE' }],
    ['send(s, "x") = 1', { kind: 'number', value: 1 }],
    ['recv(s) = "x"', { kind: 'data', text: 'x', from: null }],
    ['recvfrom(s) = "x" from 10.0.0.1:7', { kind: 'data', text: 'x', from: at('10.0.0.1', 7) }],
    ['getsockname(s) = 10.0.0.1:7', { kind: 'endpoint', endpoint: at('10.0.0.1', 7) }],
    ['poll(s, POLLIN) = POLLIN|POLLHUP', { kind: 'events', events: 0x11 }],
    ['recv(s) = blocks', { kind: 'blocks' }],
    ['recv(s) = ?', { kind: 'anything' }],
  ])('must come to what stands behind it: %s', (text, expected) => {
    expect(parseCall(text).expected).toEqual(expected);
  });

  it('names the socket that it makes', () => {
    expect(parseCall('c = accept(s) = 10.0.0.2:5678')).toMatchObject({
      assigns: 'c',
      expected: { kind: 'endpoint', endpoint: at('10.0.0.2', 5678) },
    });
  });

  it('reads every form that messages show', () => {
    for (const form of Object.values(CALL_FORMS).flatMap((text) => text.split(', or ')))
      expect(parseCall(form).text).toBe(form);
  });

  it.each([
    ['', 0, 'the call ends too early'],
    ['socket(tcp)', 0, 'the socket of socket() needs a name'],
    ['s = bind(s, *:80)', 4, 'bind() makes no socket'],
    ['s = socket(sctp)', 11, "unknown kind of socket 'sctp'"],
    ['bind(s)', 6, "')' cannot stand here"],
    ['bind(s, 80)', 8, "'80' is not an endpoint"],
    ['connect(s, [fd00::1:80)', 11, "'[fd00::1:80' is not an endpoint"],
    ['connect(s, [fd00:::1]:80)', 11, "'fd00:::1' is not an IPv6 address"],
    ['connect(s, [fd00::1%eth0]:80)', 11, "'fd00::1%eth0' has a zone, but the address is no link-local one"],
    ['setsockopt(s, IPV6_JOIN_GROUP, ff15:::1)', 31, "'ff15:::1' is not an IPv6 address"],
    ['connect(s, 10.0.0.1:99999)', 11, "'99999' is not a port"],
    ['recv(s) = EBUSTED', 10, "'EBUSTED' is no result"],
    ['recv(s) = "x" to 1.2.3.4:5', 14, "'to' cannot stand here"],
    ['shutdown(s, both)', 12, "unknown direction 'both'"],
    ['send(s, "x', 8, 'the string has no end'],
    ['close(s', 7, 'the call ends too early'],
  ])('refuses %s', (text, offset, message) => {
    let caught: unknown = null;
    try {
      parseCall(text);
    } catch (error) {
      caught = error;
    }
    expect(caught).toBeInstanceOf(TextError);
    expect(caught).toMatchObject({ offset, message });
  });
});
