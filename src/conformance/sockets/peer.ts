/**
 * The peer at the other end of both links: no TCP, but a driver that answers by fixed rules and keeps, per
 * four-tuple, the next numbers of both sides. It never retransmits, and sends no options but an MSS on SYNs.
 */
import { ICMP_UNREACHABLE, IcmpMessage } from '../../network/icmp.ts';
import { ICMPV6_UNREACHABLE, Icmpv6Message } from '../../network/icmpv6.ts';
import { PROTOCOL_ICMP, PROTOCOL_ICMPV6, PROTOCOL_TCP, PROTOCOL_UDP } from '../../network/ip-packet.ts';
import { FLAG_DF, Ipv4Packet } from '../../network/ipv4.ts';
import { Ipv6Packet } from '../../network/ipv6.ts';
import { IpAddress } from '../../packet/ip-address.ts';
import { Payload } from '../../packet/payload.ts';
import { bytesOf, type Pdu } from '../../packet/pdu.ts';
import { ACK, FIN, PSH, RST, SYN, TcpSegment } from '../../transport/tcp/header.ts';
import { NO_OPTIONS, TcpOptions } from '../../transport/tcp/options.ts';
import { UdpDatagram } from '../../transport/udp.ts';
import type { AnyPacket, DeviceName, SentPacket } from './machine.ts';
import { transportOf } from './wire.ts';

const ISS = 1000000;
const WINDOW = 65535;
const TTL = 64;
const MSS_OPTION = new TcpOptions(1460, -1, false, -1, 0);
/** Peer ports that answer a SYN by SYN,ACK; by RST; and that answer a datagram by port unreachable. */
const ACCEPTING = [7000, 7099] as const;
const REFUSING = [7100, 7199] as const;
/** Bytes of the offending packet that the peer's ICMP errors quote. */
const QUOTE_SIZE = 28;
const QUOTE_SIZE_V6 = 48;
const PORT_UNREACHABLE = 3;
const PORT_UNREACHABLE_V6 = 4;

/** What the peer knows of one four-tuple. */
interface PeerConnection {
  device: DeviceName;
  /** Its next sequence number; null while it has none. */
  snd: number | null;
  /** The number it expects next; null while it knows none. */
  rcv: number | null;
  /** The machine's initial sequence number; null while unknown. */
  isn: number | null;
  /** A SYN,ACK is answered with the ACK of a handshake. */
  completes: boolean;
}

/** A number as operations give it: absolute, or `n+k` (its own next plus k), `r+k` (the expected next plus k). */
export type SequenceSpec = number | string;

export class Peer {
  autoAck = true;
  readonly #inject: (device: DeviceName, packet: AnyPacket) => void;
  readonly #connections = new Map<string, PeerConnection>();

  /** @param inject puts a packet onto the link that ends in the machine's `device` */
  constructor(inject: (device: DeviceName, packet: AnyPacket) => void) {
    this.#inject = inject;
  }

  // --- what operations make it do ---

  udp(device: DeviceName, src: string, srcPort: number, dst: string, dstPort: number): void {
    this.#send(device, src, dst, PROTOCOL_UDP, new UdpDatagram(srcPort, dstPort, Payload.text('probe')));
  }

  syn(
    device: DeviceName,
    src: string,
    srcPort: number,
    dst: string,
    dstPort: number,
    spec: SequenceSpec = ISS,
    completes: boolean = false,
  ): void {
    const key = keyOf(src, srcPort, dst, dstPort);
    const old = this.#connections.get(key);
    const seq = resolve(spec, old);
    const { isn = null, rcv = null } = old ?? {};
    this.#connections.set(key, { device, snd: add(seq, 1), rcv, isn, completes });
    this.#sendTcp(device, src, srcPort, dst, dstPort, seq, 0, SYN, 0);
  }

  segment(
    device: DeviceName,
    src: string,
    srcPort: number,
    dst: string,
    dstPort: number,
    flags: number,
    seqSpec: SequenceSpec,
    ackSpec: SequenceSpec,
    size: number,
  ): void {
    const key = keyOf(src, srcPort, dst, dstPort);
    const known = this.#connections.get(key);
    const seq = resolve(seqSpec, known);
    const ack = resolve(ackSpec, known);
    const end = add(seq, size + ((flags & SYN) === 0 ? 0 : 1) + ((flags & FIN) === 0 ? 0 : 1));
    if (known === undefined) {
      this.#connections.set(key, { device, snd: end, rcv: null, isn: null, completes: false });
    } else if (seq === known.snd) {
      known.snd = end;
    }
    this.#sendTcp(device, src, srcPort, dst, dstPort, seq, ack, flags, size);
  }

  /** The next data, FIN or RST of a connection. @returns false when the peer does not know where it stands */
  inSequence(
    src: string,
    srcPort: number,
    dst: string,
    dstPort: number,
    flags: number,
    size: number,
  ): boolean {
    const known = this.#connections.get(keyOf(src, srcPort, dst, dstPort));
    if (known === undefined || known.rcv === null) return false;
    const seq = known.snd ?? ISS;
    this.#sendTcp(known.device, src, srcPort, dst, dstPort, seq, known.rcv, flags, size);
    known.snd = add(seq, size + (flags & FIN));
    return true;
  }

  /** Destination unreachable from `from` about a packet that the machine might have sent. */
  unreachable(
    device: DeviceName,
    from: string,
    code: number,
    protocol: 'tcp' | 'udp',
    local: string,
    localPort: number,
    remote: string,
    remotePort: number,
  ): void {
    const known = this.#connections.get(keyOf(remote, remotePort, local, localPort));
    const quoted =
      protocol === 'udp'
        ? packet(local, remote, PROTOCOL_UDP, new UdpDatagram(localPort, remotePort, Payload.text('x')))
        : packet(
            local,
            remote,
            PROTOCOL_TCP,
            new TcpSegment(localPort, remotePort, known?.rcv ?? 0, 0, ACK, WINDOW),
          );
    this.#sendUnreachable(device, from, local, code, quoted);
  }

  // --- how it answers what the machine sends ---

  answer(sent: SentPacket): void {
    const { device, packet: arrived } = sent;
    const transport = transportOf(arrived);
    if (transport instanceof TcpSegment) this.#answerTcp(device, arrived, transport);
    else if (transport !== null && isIn(transport.dstPort, REFUSING)) {
      this.#sendUnreachable(
        device,
        arrived.dst.toString(),
        arrived.src.toString(),
        PORT_UNREACHABLE,
        arrived,
      );
    }
  }

  /** A sequence number of the machine as the corpus shows it: relative to its ISN where the peer knows that. */
  showSeq(arrived: AnyPacket, segment: TcpSegment): number | string {
    const key = keyOf(arrived.dst.toString(), segment.dstPort, arrived.src.toString(), segment.srcPort);
    const isn = this.#connections.get(key)?.isn ?? null;
    if (isn === null) return segment.seq;
    const ahead = (segment.seq - isn) >>> 0;
    if (ahead < 1048576) return `i+${ahead}`;
    const behind = (isn - segment.seq) >>> 0;
    return behind <= 1048576 ? `i-${behind}` : segment.seq;
  }

  #answerTcp(device: DeviceName, arrived: AnyPacket, segment: TcpSegment): void {
    const [src, dst] = [arrived.dst.toString(), arrived.src.toString()];
    const { dstPort: port, srcPort: theirPort } = segment;
    const key = keyOf(src, port, dst, theirPort);
    let known = this.#connections.get(key);
    if (segment.has(SYN) && !segment.has(ACK)) {
      if (known === undefined || known.isn !== null) {
        known = { device, snd: ISS, rcv: null, isn: null, completes: false };
        this.#connections.set(key, known);
      }
      known.isn = segment.seq;
      known.rcv = add(segment.seq, 1);
      this.#answerSyn(device, src, port, dst, theirPort, known);
    } else if (known === undefined) {
      return;
    } else if (segment.has(SYN)) {
      known.isn = segment.seq;
      known.rcv = add(segment.seq, 1);
      if (!known.completes) return;
      known.completes = false;
      this.#sendTcp(device, src, port, dst, theirPort, known.snd ?? ISS, known.rcv, ACK, 0);
    } else if (!segment.has(RST) && segment.seq === known.rcv && segment.len > 0) {
      known.rcv = add(known.rcv, segment.len);
      if (this.autoAck) this.#sendTcp(device, src, port, dst, theirPort, known.snd ?? ISS, known.rcv, ACK, 0);
    }
  }

  #answerSyn(
    device: DeviceName,
    src: string,
    port: number,
    dst: string,
    theirPort: number,
    known: PeerConnection,
  ): void {
    if (isIn(port, REFUSING)) this.#sendTcp(device, src, port, dst, theirPort, 0, known.rcv!, RST | ACK, 0);
    if (!isIn(port, ACCEPTING)) return;
    const snd = known.snd ?? ISS;
    this.#sendTcp(device, src, port, dst, theirPort, snd, known.rcv!, SYN | ACK, 0);
    known.snd = add(snd, 1);
  }

  #sendTcp(
    device: DeviceName,
    src: string,
    srcPort: number,
    dst: string,
    dstPort: number,
    seq: number,
    ack: number,
    flags: number,
    size: number,
  ): void {
    const options = (flags & SYN) === 0 ? NO_OPTIONS : MSS_OPTION;
    const data = Payload.zeros(size);
    const segment = new TcpSegment(srcPort, dstPort, seq, ack, flags, WINDOW, options, data);
    this.#send(device, src, dst, PROTOCOL_TCP, segment);
  }

  #sendUnreachable(device: DeviceName, from: string, to: string, code: number, about: AnyPacket): void {
    if (about instanceof Ipv6Packet) {
      const quote = new Payload(bytesOf(about).subarray(0, QUOTE_SIZE_V6));
      const code6 = code === PORT_UNREACHABLE ? PORT_UNREACHABLE_V6 : 0;
      this.#send(device, from, to, PROTOCOL_ICMPV6, new Icmpv6Message(ICMPV6_UNREACHABLE, code6, 0, quote));
      return;
    }
    const quote = new Payload(bytesOf(about).subarray(0, QUOTE_SIZE));
    this.#send(device, from, to, PROTOCOL_ICMP, new IcmpMessage(ICMP_UNREACHABLE, code, 0, quote));
  }

  #send(device: DeviceName, src: string, dst: string, protocol: number, payload: Pdu): void {
    this.#inject(device, packet(src, dst, protocol, payload));
  }
}

/** PSH | ACK: what in-sequence data carries. */
export const DATA_FLAGS: number = PSH | ACK;
export const FIN_FLAGS: number = FIN | ACK;

function packet(src: string, dst: string, protocol: number, payload: Pdu): AnyPacket {
  const [from, to] = [IpAddress.parse(src), IpAddress.parse(dst)];
  if (to.family === 6) return new Ipv6Packet(from, to, protocol, TTL, 0, 0, null, payload);
  return new Ipv4Packet(from, to, protocol, TTL, 0, 0, FLAG_DF, 0, null, payload);
}

function keyOf(src: string, srcPort: number, dst: string, dstPort: number): string {
  return `${src}:${srcPort}>${dst}:${dstPort}`;
}

function resolve(spec: SequenceSpec, known: PeerConnection | undefined): number {
  if (typeof spec === 'number') return spec;
  const isOwn = spec.startsWith('n');
  const base = (isOwn ? known?.snd : known?.rcv) ?? (isOwn ? ISS : 0);
  return add(base, Number(spec.slice(1)));
}

function add(seq: number, k: number): number {
  return (seq + k) >>> 0;
}

function isIn(port: number, [first, last]: readonly [number, number]): boolean {
  return first <= port && port <= last;
}
