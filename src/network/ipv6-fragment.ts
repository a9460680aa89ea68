/**
 * Fragmentation of IPv6 packets at their source (RFC 8200 4.5): headers that every node on the way looks at stay in
 * front of each piece, all else is cut on 8-byte borders.
 */
import { EMPTY, Payload } from '../packet/payload.ts';
import { bytesOf, type Pdu } from '../packet/pdu.ts';
import type { Ipv6Packet } from './ipv6.ts';
import {
  chainSize,
  EXTENSION_HOP_BY_HOP,
  EXTENSION_ROUTING,
  emitChain,
  FRAGMENT_HEADER_SIZE,
  fragmentHeader,
  type Ipv6Extension,
} from './ipv6-extension.ts';

/**
 * Cuts a packet into pieces of at most `mtu` bytes each.
 * @param mtu leaves room for the headers of each piece and 8 bytes of payload
 */
export function fragmentIpv6(packet: Ipv6Packet, mtu: number, identification: number): Ipv6Packet[] {
  const { front, protocol, rest } = divided(packet);
  const headers = packet.size - packet.payload.size - behindFront(packet, front) + FRAGMENT_HEADER_SIZE;
  const room = (mtu - headers) & ~7;
  const pieces: Ipv6Packet[] = [];
  for (let from = 0; from < rest.size; from += room) {
    const isLast = rest.size - from <= room;
    const header = fragmentHeader(from, !isLast, identification);
    const payload = rest.slice(from, isLast ? rest.size - from : room);
    pieces.push(packet.withPayload(protocol, [...front, header], payload));
  }
  return pieces;
}

interface Divided {
  /** Hop-by-hop options, and all up to a routing header: they precede every piece. */
  readonly front: readonly Ipv6Extension[];
  /** What the rest begins with. */
  readonly protocol: number;
  readonly rest: Payload;
}

function divided(packet: Ipv6Packet): Divided {
  const extensions = packet.extensions ?? [];
  const routing = extensions.findLastIndex(({ type }) => type === EXTENSION_ROUTING);
  const hopByHop = extensions[0]?.type === EXTENSION_HOP_BY_HOP ? 0 : -1;
  const front = extensions.slice(0, Math.max(routing, hopByHop) + 1);
  const behind = extensions.slice(front.length);
  if (behind.length === 0) return { front, protocol: packet.protocol, rest: asBytes(packet.payload, packet) };
  const bytes = new Uint8Array(chainSize(behind) + packet.payload.size);
  packet.payload.emit(bytes, emitChain(behind, packet.protocol, bytes, 0), packet);
  return { front, protocol: behind[0]!.type, rest: new Payload(bytes) };
}

function behindFront(packet: Ipv6Packet, front: readonly Ipv6Extension[]): number {
  return chainSize(packet.extensions) - chainSize(front);
}

function asBytes(payload: Pdu, packet: Ipv6Packet): Payload {
  if (payload instanceof Payload) return payload;
  return payload.size === 0 ? EMPTY : new Payload(bytesOf(payload, packet));
}
