/** Generated headers and packets survive their bytes; nearly valid ones are refused for the field that is named. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EthernetFrame } from '../../../src/link/frame.ts';
import { ArpPacket } from '../../../src/network/arp.ts';
import { IcmpMessage } from '../../../src/network/icmp.ts';
import { parseIcmpv6 } from '../../../src/network/icmpv6-messages.ts';
import { Ipv4Packet } from '../../../src/network/ipv4.ts';
import { Ipv6Packet } from '../../../src/network/ipv6.ts';
import { dissect } from '../../../src/observe/dissect.ts';
import { IpAddress } from '../../../src/packet/ip-address.ts';
import { Payload } from '../../../src/packet/payload.ts';
import { bytesOf, type Pdu, type PseudoHeader } from '../../../src/packet/pdu.ts';
import { parsePrefix, prefixContains } from '../../../src/packet/prefix.ts';
import { DecodeError } from '../../../src/sim/errors.ts';
import { ipv4Address, ipv6Address, macAddress } from '../../../src/testing/arbitraries/addresses.ts';
import { byteStream, inWrites, payload, writeSizes } from '../../../src/testing/arbitraries/bytes.ts';
import { arpPacket, icmpMessage, icmpv6Message } from '../../../src/testing/arbitraries/control.ts';
import { nearlyValidPacket } from '../../../src/testing/arbitraries/nearly-valid.ts';
import { ethernetFrame, ipv4Packet, ipv6Packet } from '../../../src/testing/arbitraries/packet.ts';
import { tcpSegment, udpDatagram } from '../../../src/testing/arbitraries/transport.ts';
import { TcpSegment } from '../../../src/transport/tcp/header.ts';
import { UdpDatagram } from '../../../src/transport/udp.ts';
import { runs } from '../../support/property.ts';

const OUTER: PseudoHeader = { src: IpAddress.parse('fd00::1'), dst: IpAddress.parse('fd00::2') };
const OUTER_V4: PseudoHeader = { src: IpAddress.parse('10.0.0.1'), dst: IpAddress.parse('10.0.0.2') };

describe('addresses', () => {
  it('lie in their network', () => {
    fc.assert(
      fc.property(
        ipv4Address({ within: '10.1.0.0/20' }),
        ipv6Address({ within: 'fd00:1::/50' }),
        (v4, v6) => {
          expect(prefixContains(parsePrefix('10.1.0.0/20'), v4)).toBe(true);
          expect(prefixContains(parsePrefix('fd00:1::/50'), v6)).toBe(true);
        },
      ),
      runs(300),
    );
  });

  it('shrink to the first of their network', () => {
    expect(String(smallest(ipv4Address({ within: '10.1.0.0/20' })))).toBe('10.1.0.0');
    expect(String(smallest(ipv6Address({ within: 'fd00:1::/50' })))).toBe('fd00:1::');
    expect(String(smallest(macAddress()))).toBe('00:00:00:00:00:00');
  });
});

describe('bytes', () => {
  it('of a stream are all written, in pieces of the drawn sizes', () => {
    fc.assert(
      fc.property(byteStream(), ({ bytes, writes }) => {
        const pieces = inWrites(bytes, writes);
        expect(pieces.reduce((all, piece) => all.concat(piece), Payload.zeros(0)).view()).toEqual(
          bytes.view(),
        );
        for (const [i, piece] of pieces.slice(0, -1).entries()) expect(piece.size).toBe(writes[i]);
      }),
      runs(300),
    );
  });

  it('shrink to nothing, in one write', () => {
    expect(smallest(payload()).size).toBe(0);
    expect(smallest(writeSizes())).toEqual([]);
  });
});

describe('a generated', () => {
  const survives = (pdu: Pdu, parse: (wire: Payload) => Pdu, outer: PseudoHeader) => {
    const wire = bytesOf(pdu, outer);
    expect(wire.length).toBe(pdu.size);
    expect(bytesOf(parse(new Payload(wire)), outer)).toEqual(wire);
  };
  const kinds: [string, fc.Arbitrary<Pdu>, (wire: Payload) => Pdu, PseudoHeader?][] = [
    ['TCP segment', tcpSegment(), (wire) => TcpSegment.parse(wire, OUTER)],
    ['UDP datagram', udpDatagram(), (wire) => UdpDatagram.parse(wire, OUTER_V4), OUTER_V4],
    ['ICMP message', icmpMessage(), (wire) => IcmpMessage.parse(wire)],
    ['ICMPv6 message', icmpv6Message(), (wire) => parseIcmpv6(wire, OUTER)],
    ['ARP packet', arpPacket(), (wire) => ArpPacket.parse(wire)],
    ['IPv4 packet', ipv4Packet({ fragments: true }), (wire) => Ipv4Packet.parse(wire)],
    ['IPv6 packet', ipv6Packet(), (wire) => Ipv6Packet.parse(wire)],
    ['frame', ethernetFrame(), (wire) => EthernetFrame.parse(wire.view())],
  ];
  it.each(kinds)('%s survives its bytes', (_, arbitrary, parse, outer = OUTER) => {
    fc.assert(
      fc.property(arbitrary, (pdu) => survives(pdu, parse, outer)),
      runs(200),
    );
  });

  it('packet carries what was asked for', () => {
    fc.assert(
      fc.property(ipv4Packet({ carries: ['tcp'], to: { within: '10.0.0.0/8' } }), (packet) => {
        expect(packet.protocol).toBe(6);
        expect(String(packet.dst)).toMatch(/^10\./);
        expect(dissect(packet).transport).toBeInstanceOf(TcpSegment);
      }),
      runs(100),
    );
  });

  it('packet shrinks to an empty datagram', () => {
    const packet = smallest(ipv4Packet());
    expect(packet.size).toBe(28);
    expect(packet.payload).toBeInstanceOf(UdpDatagram);
  });
});

describe('a nearly valid packet', () => {
  it('is refused', () => {
    fc.assert(
      fc.property(nearlyValidPacket({ carries: ['tcp', 'udp', 'icmp'] }), ({ wire, wrong }) => {
        expect(() => parseWhole(wire), wrong).toThrow(DecodeError);
      }),
      runs(1000),
    );
  });

  it('has each of its fields wrong now and then', () => {
    const wrong = new Set(fc.sample(nearlyValidPacket(), 500).map((one) => one.wrong));
    expect([...wrong].sort()).toEqual([
      'icmp checksum',
      'ipv4 header checksum',
      'ipv4 header length',
      'ipv4 total length',
      'ipv4 version',
      'tcp checksum',
      'tcp data offset',
      'udp checksum',
      'udp length',
    ]);
  });
});

/** As the receiver does it: every header parsed, every checksum verified. */
function parseWhole(wire: Payload): void {
  const packet = Ipv4Packet.parse(wire);
  const inner = packet.payload as Payload;
  if (packet.protocol === 6) TcpSegment.parse(inner, packet);
  if (packet.protocol === 17) UdpDatagram.parse(inner, packet);
  if (packet.protocol === 1) IcmpMessage.parse(inner);
}

function smallest<T>(arbitrary: fc.Arbitrary<T>): T {
  const { counterexample } = fc.check(fc.property(arbitrary, (_: T) => false));
  return counterexample![0];
}
