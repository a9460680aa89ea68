/** What a Linux bridge with netfilter lets pass: cases seen on Linux 6.18. */
import { describe, expect, it } from 'vitest';
import { EthernetFrame } from '../../src/link/frame.ts';
import { BRIDGE_NETFILTER } from '../../src/network/bridge-netfilter.ts';
import { checksum } from '../../src/packet/checksum.ts';
import { BROADCAST_MAC, MacAddress } from '../../src/packet/mac-address.ts';
import { Payload } from '../../src/packet/payload.ts';

const SRC = MacAddress.parse('02:00:00:00:aa:01');

function frame(type: number, bytes: ArrayLike<number>, tci = -1): EthernetFrame {
  return new EthernetFrame(BROADCAST_MAC, SRC, type, new Payload(Uint8Array.from(bytes)), tci);
}

/** An IPv4 header (10.0.0.5 > 10.0.0.6, UDP) with `changes` before its checksum is made, and 12 bytes behind it. */
function ipv4(changes: (bytes: Uint8Array) => void = () => {}): Uint8Array {
  const bytes = new Uint8Array(32);
  bytes.set([0x45, 0, 0, 32, 0, 0, 0, 0, 64, 17, 0, 0, 10, 0, 0, 5, 10, 0, 0, 6]);
  changes(bytes);
  const value = checksum(bytes, 0, 20);
  bytes[10] = value >>> 8;
  bytes[11] = value;
  return bytes;
}

function ipv6(payloadLength: number, size: number, next = 17): Uint8Array {
  const bytes = new Uint8Array(size);
  bytes.set([0x60, 0, 0, 0, 0, payloadLength, next, 64]);
  return bytes;
}

describe('bridge netfilter', () => {
  it('passes well-formed packets as they are', () => {
    for (const passed of [
      frame(0x800, ipv4()),
      frame(0x86dd, ipv6(8, 48)),
      frame(0x88b5, [1]),
      frame(0x806, []),
    ])
      expect(BRIDGE_NETFILTER.onIngress(passed)).toBe(passed);
  });

  it('cuts off what lies behind the packet', () => {
    const v4 = BRIDGE_NETFILTER.onIngress(frame(0x800, [...ipv4(), 0, 0, 0]));
    expect((v4 as EthernetFrame).payload.size).toBe(32);
    const v6 = BRIDGE_NETFILTER.onIngress(frame(0x86dd, ipv6(3, 60)));
    expect((v6 as EthernetFrame).payload.size).toBe(43);
  });

  it.each<[string, EthernetFrame]>([
    ['no header', frame(0x800, [0x45, 0])],
    [
      'another version',
      frame(
        0x800,
        ipv4((bytes) => bytes.fill(0x55, 0, 1)),
      ),
    ],
    [
      'a header of 16 bytes',
      frame(
        0x800,
        ipv4((bytes) => bytes.fill(0x44, 0, 1)),
      ),
    ],
    [
      'a header that is not all there',
      frame(
        0x800,
        ipv4((bytes) => bytes.fill(0x4f, 0, 1)),
      ),
    ],
    [
      'a length beyond the frame',
      frame(
        0x800,
        ipv4((bytes) => bytes.fill(33, 3, 4)),
      ),
    ],
    [
      'a length below the header',
      frame(
        0x800,
        ipv4((bytes) => bytes.fill(19, 3, 4)),
      ),
    ],
    [
      'a wrong checksum',
      frame(
        0x800,
        ipv4().map((byte, at) => (at === 8 ? 63 : byte)),
      ),
    ],
    ['IPv6 of version 0', frame(0x86dd, new Uint8Array(46))],
    ['IPv6 cut short', frame(0x86dd, ipv6(9, 48))],
  ])('drops IP with %s', (_what, malformed) => {
    expect(BRIDGE_NETFILTER.onIngress(malformed)).toBe('switch.malformed-ip');
  });

  it('leaves tagged frames alone', () => {
    const tagged = frame(0x800, [1, 2, 3], 5);
    expect(BRIDGE_NETFILTER.onIngress(tagged)).toBe(tagged);
  });

  it('does not let ARP without its fixed header out, though its source is learned', () => {
    expect(BRIDGE_NETFILTER.onForward(frame(0x806, [1, 2, 3, 4]))).toBe('switch.short-arp');
    expect(BRIDGE_NETFILTER.onForward(frame(0x806, new Uint8Array(8)))).toBe(null);
  });
});
