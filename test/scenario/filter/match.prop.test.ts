/** Filters at work: each primitive against frames made for it, in objects and in bytes; and the laws of logic. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ETHERTYPE_ARP, ETHERTYPE_IPV4, EthernetFrame } from '../../../src/link/frame.ts';
import { ARP_REQUEST, ArpPacket } from '../../../src/network/arp.ts';
import { Ipv4Packet } from '../../../src/network/ipv4.ts';
import { IpAddress } from '../../../src/packet/ip-address.ts';
import { BROADCAST_MAC, MacAddress, ZERO_MAC } from '../../../src/packet/mac-address.ts';
import { Payload } from '../../../src/packet/payload.ts';
import { bytesOf, type Pdu } from '../../../src/packet/pdu.ts';
import { matcherOf } from '../../../src/scenario/filter/match.ts';
import { parseFilter } from '../../../src/scenario/filter/parse.ts';
import { TcpSegment } from '../../../src/transport/tcp/header.ts';
import { NO_OPTIONS } from '../../../src/transport/tcp/options.ts';
import { UdpDatagram } from '../../../src/transport/udp.ts';
import { runs } from '../../support/property.ts';

const CLIENT = IpAddress.parse('10.0.0.2');
const SERVER = IpAddress.parse('192.168.1.5');
const MAC = MacAddress.parse('02:00:00:00:00:01');
const PEER = MacAddress.parse('02:00:00:00:00:02');

const syn = frame(6, new TcpSegment(5678, 80, 1, 0, 0x02, 65535));
const synAck = frame(6, new TcpSegment(80, 5678, 1, 2, 0x12, 65535), { reverse: true });
const request = frame(
  6,
  new TcpSegment(5678, 80, 2, 2, 0x18, 500, NO_OPTIONS, Payload.text('GET / HTTP/1.1')),
);
const datagram = frame(17, new UdpDatagram(4000, 53, Payload.text('query')), { ttl: 1, tci: 10 });
const arp = new EthernetFrame(
  BROADCAST_MAC,
  MAC,
  ETHERTYPE_ARP,
  new ArpPacket(ARP_REQUEST, MAC, CLIENT, ZERO_MAC, SERVER),
);
const FRAMES = { syn, synAck, request, datagram, arp };

describe('a filter at work', () => {
  it.each([
    ['tcp', ['syn', 'synAck', 'request']],
    ['udp', ['datagram']],
    ['ip', ['syn', 'synAck', 'request', 'datagram']],
    ['arp', ['arp']],
    ['host 10.0.0.2', ['syn', 'synAck', 'request', 'datagram', 'arp']],
    ['src host client', ['syn', 'request', 'datagram', 'arp']],
    ['dst host client', ['synAck']],
    ['src net 192.168.0.0/16', ['synAck']],
    ['dst port 80', ['syn', 'request']],
    ['port 80', ['syn', 'synAck', 'request']],
    ['portrange 53-79', ['datagram']],
    ['flags S', ['syn']],
    ['flags S.', ['synAck']],
    ['flags +S', ['syn', 'synAck']],
    ['length > 0', ['request', 'datagram']],
    ['tcp and length = 0', ['syn', 'synAck']],
    ['ttl = 1', ['datagram']],
    ['window = 500', ['request']],
    ['broadcast', ['arp']],
    ['ether src 02:00:00:00:00:01', ['syn', 'request', 'datagram', 'arp']],
    ['vlan', ['datagram']],
    ['vlan 10', ['datagram']],
    ['vlan 11', []],
    ['contains "GET /"', ['request']],
    ['not tcp and not arp', ['datagram']],
  ])('%s', (text, names) => {
    const matches = matcherOf(parseFilter(text), () => [CLIENT]);
    const found = (frames: Record<string, Pdu>) =>
      Object.entries(frames).flatMap(([name, one]) => (matches(one) ? [name] : []));
    expect(found(FRAMES)).toEqual(names);
    const asBytes = Object.entries(FRAMES).map(([name, one]) => [name, EthernetFrame.parse(bytesOf(one))]);
    expect(found(Object.fromEntries(asBytes))).toEqual(names);
  });

  it('obeys the laws of logic', () => {
    const primitive = fc.constantFrom(
      'tcp',
      'udp',
      'dst port 80',
      'flags S',
      'ttl < 5',
      'host client',
      'vlan',
    );
    const any = fc.constantFrom(...Object.values(FRAMES));
    const says = (text: string, one: Pdu) => matcherOf(parseFilter(text), () => [CLIENT])(one);
    fc.assert(
      fc.property(primitive, primitive, any, (a, b, one) => {
        expect(says(`not (${a} and ${b})`, one)).toBe(says(`not ${a} or not ${b}`, one));
        expect(says(`${a} or ${b}`, one)).toBe(says(a, one) || says(b, one));
        expect(says(`${a} and ${b}`, one)).toBe(says(a, one) && says(b, one));
      }),
      runs(200),
    );
  });
});

function frame(protocol: number, payload: Pdu, { reverse = false, ttl = 64, tci = -1 } = {}): EthernetFrame {
  const [src, dst] = reverse ? [SERVER, CLIENT] : [CLIENT, SERVER];
  const packet = new Ipv4Packet(src, dst, protocol, ttl, 0, 1, 0, 0, null, payload);
  const [from, to] = reverse ? [PEER, MAC] : [MAC, PEER];
  return new EthernetFrame(to, from, ETHERTYPE_IPV4, packet, tci);
}
