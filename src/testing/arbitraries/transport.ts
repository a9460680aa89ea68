/** TCP segments and UDP datagrams with any header that is allowed, which survive their own bytes. */
import fc from 'fast-check';
import { TcpSegment } from '../../transport/tcp/header.ts';
import { TcpOptions } from '../../transport/tcp/options.ts';
import { UdpDatagram } from '../../transport/udp.ts';
import { port } from './addresses.ts';
import { payload } from './bytes.ts';

export interface TransportConstraints {
  /** Bytes of payload. Default: 100. */
  readonly payload?: number;
}

export interface TcpConstraints extends TransportConstraints {
  /** Flags (FIN 1, SYN 2, RST 4, PSH 8, ACK 16, URG 32, ECE 64, CWR 128), all together. Default: any. */
  readonly flags?: number;
}

const SEQUENCE = fc.nat(0xffffffff);
const ALL_FLAGS = 0xff;
const SYN = 2;

/** Options of a SYN go into SYNs, SACK blocks into other segments. Shrinks to no flags, no options, no payload. */
export function tcpSegment(constraints: TcpConstraints = {}): fc.Arbitrary<TcpSegment> {
  const { payload: max = 100, flags } = constraints;
  return fc
    .record({
      srcPort: port(),
      dstPort: port(),
      seq: SEQUENCE,
      ack: SEQUENCE,
      flags: flags === undefined ? fc.nat(ALL_FLAGS) : fc.constant(flags),
      wnd: fc.nat(65535),
      urg: fc.nat(65535),
      syn: synOptions(),
      other: otherOptions(),
      data: payload({ max }),
    })
    .map((one) => {
      const options = (one.flags & SYN) !== 0 ? one.syn : one.other;
      const { srcPort, dstPort, seq, ack, wnd, data, urg } = one;
      return new TcpSegment(srcPort, dstPort, seq, ack, one.flags, wnd, options, data, urg);
    });
}

export interface UdpConstraints extends TransportConstraints {
  /** Without one it is allowed over IPv4 only (RFC 768, RFC 8200 8.1). Default: mostly. */
  readonly checksum?: 'always' | 'mostly';
}

/** Shrinks to ports 1, no payload, and a checksum. */
export function udpDatagram(constraints: UdpConstraints = {}): fc.Arbitrary<UdpDatagram> {
  const { payload: max = 100, checksum = 'mostly' } = constraints;
  const hasChecksum = checksum === 'always' ? fc.constant(true) : fc.constantFrom(true, true, true, false);
  return fc
    .record({ srcPort: port(), dstPort: port(), data: payload({ max }), hasChecksum })
    .map(({ srcPort, dstPort, data, hasChecksum }) => new UdpDatagram(srcPort, dstPort, data, hasChecksum));
}

function synOptions(): fc.Arbitrary<TcpOptions> {
  return fc
    .record({
      mss: fc.nat(65535),
      wscale: fc.integer({ min: -1, max: 14 }),
      sack: fc.boolean(),
      stamps: stamps(),
    })
    .map(({ mss, wscale, sack, stamps: [tsval, tsecr] }) => new TcpOptions(mss, wscale, sack, tsval, tsecr));
}

function otherOptions(): fc.Arbitrary<TcpOptions> {
  return fc
    .record({ stamps: stamps(), sack: fc.array(fc.tuple(SEQUENCE, SEQUENCE), { maxLength: 3 }) })
    .map(({ stamps: [tsval, tsecr], sack }) => new TcpOptions(0, -1, false, tsval, tsecr, sack.flat()));
}

/** Timestamps, or -1 and 0 for none. */
function stamps(): fc.Arbitrary<readonly [number, number]> {
  return fc.option(fc.tuple(SEQUENCE, SEQUENCE), { nil: [-1, 0] as const });
}
