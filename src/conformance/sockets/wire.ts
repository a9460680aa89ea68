/** What the driver reads from the packets that the machine sent. */
import { ICMP_UNREACHABLE, IcmpMessage } from '../../network/icmp.ts';
import { ICMPV6_UNREACHABLE, Icmpv6Message } from '../../network/icmpv6.ts';
import { PROTOCOL_UDP } from '../../network/ip-packet.ts';
import { Ipv4Packet } from '../../network/ipv4.ts';
import { Ipv6Packet } from '../../network/ipv6.ts';
import { readU16 } from '../../packet/bytes.ts';
import { Payload } from '../../packet/payload.ts';
import { bytesOf } from '../../packet/pdu.ts';
import { ACK, FIN, PSH, RST, SYN, TcpSegment, URG } from '../../transport/tcp/header.ts';
import { UDP_HEADER_SIZE, UdpDatagram } from '../../transport/udp.ts';
import type { Operation, Port, ResultObject, Value } from './case.ts';
import type { AnyPacket, SentPacket } from './machine.ts';
import type { PortSymbols } from './symbols.ts';

/** The fields of a result while it is made. */
export type Extra = { -readonly [K in Exclude<keyof ResultObject, 'r'>]?: NonNullable<ResultObject[K]> };

/** An ICMP error that the machine sent: code, and the ports of the packet that it quotes. */
export interface SentUnreachable {
  readonly type: number;
  readonly code: number;
  readonly srcPort: number;
  readonly dstPort: number;
}

/** In the order in which the corpus writes them; PSH is never shown. */
const LETTERS: readonly (readonly [flag: number, letter: string])[] = [
  [SYN, 'S'],
  [FIN, 'F'],
  [RST, 'R'],
  [ACK, 'A'],
  [URG, 'U'],
];

export function flagsOf(letters: string): number {
  const known = [...LETTERS, [PSH, 'P'] as const];
  return known.reduce((flags, [flag, letter]) => (letters.includes(letter) ? flags | flag : flags), 0);
}

export function lettersOf(flags: number): string {
  const letters = LETTERS.filter(([flag]) => (flags & flag) !== 0).map(([, letter]) => letter);
  return letters.length === 0 ? '0' : letters.join('');
}

/** @returns null when the packet is no ICMP destination unreachable */
export function unreachableOf(packet: AnyPacket): SentUnreachable | null {
  const { payload } = packet;
  const isV4 = payload instanceof IcmpMessage && payload.type === ICMP_UNREACHABLE;
  const isV6 = payload instanceof Icmpv6Message && payload.type === ICMPV6_UNREACHABLE;
  if (!isV4 && !isV6) return null;
  const quoted = new Payload(bytesOf(payload.payload));
  const quote = isV6 ? Ipv6Packet.parseQuote(quoted) : Ipv4Packet.parseQuote(quoted);
  const ports = bytesOf(quote.payload);
  return {
    type: payload.type,
    code: payload.code,
    srcPort: readU16(ports, 0),
    dstPort: readU16(ports, 2),
  };
}

/**
 * The transport header of a packet; of the first fragment of a datagram, too. null for later fragments and for what is
 * neither TCP nor UDP.
 */
export function transportOf(packet: AnyPacket): TcpSegment | ShownDatagram | null {
  const { payload } = packet;
  if (payload instanceof TcpSegment) return payload;
  if (payload instanceof UdpDatagram) {
    return { srcPort: payload.srcPort, dstPort: payload.dstPort, length: payload.payload.size };
  }
  if (packet instanceof Ipv6Packet) return null;
  if (packet.protocol !== PROTOCOL_UDP || packet.offset !== 0) return null;
  const bytes = bytesOf(payload);
  return {
    srcPort: readU16(bytes, 0),
    dstPort: readU16(bytes, 2),
    length: readU16(bytes, 4) - UDP_HEADER_SIZE,
  };
}

/** A datagram as its header tells of it. */
export interface ShownDatagram {
  readonly srcPort: number;
  readonly dstPort: number;
  /** Bytes of data. */
  readonly length: number;
}

/** The value of udp, syn, hs, seg: what came back first to the sender: flags, `unreach`, or `none`. */
export function probeReply(
  [name, , src, srcPort]: Operation,
  seen: readonly SentPacket[],
  symbols: PortSymbols,
): Value {
  const port = symbols.resolve(srcPort as Port);
  for (const { packet } of seen) {
    if (packet.dst.toString() !== src) continue;
    const { payload } = packet;
    if (payload instanceof TcpSegment) {
      if (name !== 'udp' && payload.dstPort === port) return lettersOf(payload.flags);
    } else if (unreachableOf(packet)?.srcPort === port) return 'unreach';
  }
  return 'none';
}
