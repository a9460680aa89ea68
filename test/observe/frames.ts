/** Frames and recordings made by hand, for tests of what is shown. */
import { ETHERTYPE_IPV4, EthernetFrame } from '../../src/link/frame.ts';
import { PROTOCOL_TCP, PROTOCOL_UDP } from '../../src/network/ip-packet.ts';
import { FLAG_DF, Ipv4Packet } from '../../src/network/ipv4.ts';
import { Recorder } from '../../src/observe/recorder.ts';
import { IpAddress } from '../../src/packet/ip-address.ts';
import { MacAddress } from '../../src/packet/mac-address.ts';
import { Payload } from '../../src/packet/payload.ts';
import type { Pdu } from '../../src/packet/pdu.ts';
import type { Tap } from '../../src/packet/tap.ts';
import { TcpSegment } from '../../src/transport/tcp/header.ts';
import { NO_OPTIONS } from '../../src/transport/tcp/options.ts';
import { UdpDatagram } from '../../src/transport/udp.ts';

const MAC_A = MacAddress.of(0x0200, 1);
const MAC_B = MacAddress.of(0x0200, 2);
let lastId = 0;

export function frameOf(packet: Ipv4Packet): EthernetFrame {
  return new EthernetFrame(MAC_B, MAC_A, ETHERTYPE_IPV4, packet);
}

export function packetOf(src: string, dst: string, protocol: number, payload: Pdu): Ipv4Packet {
  return new Ipv4Packet(
    IpAddress.parse(src),
    IpAddress.parse(dst),
    protocol,
    64,
    0,
    ++lastId,
    FLAG_DF,
    0,
    null,
    payload,
  );
}

/** @param from `10.0.0.2:5678` */
export function tcpFrame(
  from: string,
  to: string,
  flags: number,
  seq: number,
  ack: number,
  text: string = '',
): EthernetFrame {
  const [src, srcPort] = from.split(':') as [string, string];
  const [dst, dstPort] = to.split(':') as [string, string];
  const payload = Payload.text(text);
  const segment = new TcpSegment(
    Number(srcPort),
    Number(dstPort),
    seq,
    ack,
    flags,
    65535,
    NO_OPTIONS,
    payload,
  );
  return frameOf(packetOf(src, dst, PROTOCOL_TCP, segment));
}

export function udpFrame(from: string, to: string, size: number): EthernetFrame {
  const [src, srcPort] = from.split(':') as [string, string];
  const [dst, dstPort] = to.split(':') as [string, string];
  return frameOf(
    packetOf(src, dst, PROTOCOL_UDP, new UdpDatagram(Number(srcPort), Number(dstPort), Payload.zeros(size))),
  );
}

/** The same packet one hop further: another link header, one TTL less. */
export function forwarded(frame: EthernetFrame): EthernetFrame {
  const packet = frame.payload as Ipv4Packet;
  return frameOf(packet.withTtl(packet.ttl - 1));
}

/** A recorder with a clock that the test sets. */
export class Recording {
  readonly clock = { now: 0 };
  readonly recorder = new Recorder(this.clock);
  readonly #taps = new Map<string, Tap>();

  at(time: number): this {
    this.clock.now = time;
    return this;
  }

  tap(node: string): Tap {
    const known = this.#taps.get(node) ?? this.recorder.tap(node);
    this.#taps.set(node, known);
    return known;
  }

  out(node: string, frame: Pdu, device: string = 'eth0'): this {
    this.tap(node).frame('out', device, frame);
    return this;
  }

  in(node: string, frame: Pdu, device: string = 'eth0'): this {
    this.tap(node).frame('in', device, frame);
    return this;
  }
}
