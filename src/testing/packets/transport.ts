/** Matchers of TCP segments and UDP datagrams. */
import { TcpSegment } from '../../transport/tcp/header.ts';
import { UdpDatagram } from '../../transport/udp.ts';
import { payload, value } from './fields.ts';
import { flagsField } from './flags.ts';
import { IP_FIELDS } from './ip.ts';
import { type PacketMatcher, type PacketView, protocolMatcher, type Wanted } from './matcher.ts';

const PORTS = {
  srcPort: value(({ srcPort }: TcpSegment | UdpDatagram) => srcPort),
  dstPort: value(({ dstPort }: TcpSegment | UdpDatagram) => dstPort),
};

const TCP_FIELDS = {
  ...IP_FIELDS,
  ...PORTS,
  /** `SYN`, `SYN,ACK`, ...: see {@link withFlags} for what is left open. */
  flags: flagsField,
  /** Sequence number, counted from the SYN of its direction: the first byte is 1. */
  seq: value((segment: TcpSegment, { relative }) => (relative ?? segment).seq),
  /** Acknowledgement number, counted likewise. */
  ack: value((segment: TcpSegment, { relative }) => (relative ?? segment).ack),
  /** Sequence and acknowledgement number as on the wire. */
  rawSeq: value(({ seq }: TcpSegment) => seq),
  rawAck: value(({ ack }: TcpSegment) => ack),
  /** The window field as on the wire, not scaled. */
  window: value(({ wnd }: TcpSegment) => wnd),
  /** Urgent pointer. */
  urgent: value(({ urg }: TcpSegment) => urg),
  /** Bytes of data. */
  length: value((segment: TcpSegment) => segment.payload.size),
  payload: payload((segment: TcpSegment) => segment.payload),
  /** The MSS option; 0 = absent. */
  mss: value(({ options }: TcpSegment) => options.mss),
  /** Window shift; -1 = absent. */
  windowScale: value(({ options }: TcpSegment) => options.wscale),
  sackPermitted: value(({ options }: TcpSegment) => options.sackPermitted),
  /** Number of SACK blocks. */
  sackBlocks: value(({ options }: TcpSegment) => options.sack.length / 2),
  /** It carries the timestamps option. */
  timestamps: value(({ options }: TcpSegment) => options.hasTimestamps),
};

const UDP_FIELDS = {
  ...IP_FIELDS,
  ...PORTS,
  /** Bytes of data. */
  length: value((datagram: UdpDatagram) => datagram.payload.size),
  payload: payload((datagram: UdpDatagram) => datagram.payload),
  /** False when the sender left the checksum out. */
  checksum: value(({ hasChecksum }: UdpDatagram) => hasChecksum),
};

const makeTcp = protocolMatcher(
  'tcp',
  ({ transport }: PacketView) => (transport instanceof TcpSegment ? transport : null),
  TCP_FIELDS,
);
const makeUdp = protocolMatcher(
  'udp',
  ({ transport }: PacketView) => (transport instanceof UdpDatagram ? transport : null),
  UDP_FIELDS,
);

/** A TCP segment (RFC 9293 3.1): `tcp({ flags: 'SYN', dstPort: 80 })`. */
export function tcp(fields?: Wanted<typeof TCP_FIELDS>): PacketMatcher {
  return makeTcp(fields);
}

/** A UDP datagram that is no fragment (RFC 768): `udp({ dstPort: 53, length: atMost(512) })`. */
export function udp(fields?: Wanted<typeof UDP_FIELDS>): PacketMatcher {
  return makeUdp(fields);
}
