/**
 * Linux: names of two families in one table (L37, L38). An AF_INET6 socket bound or connected to a mapped address stands
 * under the IPv4 address; what it is besides shows in its family. Kernel: ipv6_rcv_saddr_equal, ipv4_rcv_saddr_equal.
 */
import { ANY_V6, familyOf, isAny } from '../address.ts';
import type { SpecPacket } from '../profile.ts';
import { because, type Reason } from '../rule.ts';
import { ANY, type BoundName, boundName, type SpecSocket } from '../state.ts';

/** L37: one name covers a part of the other. Not symmetric in a corner: see below. */
export function L37Overlap(newcomer: BoundName, holder: BoundName): boolean {
  const [a, b] = [newcomer.address, holder.address];
  if (a === b) return true;
  if (familyOf(a) === familyOf(b)) return isAny(a) || isAny(b);
  if (familyOf(a) === 6) return a === ANY_V6 && !newcomer.v6Only;
  if (b === ANY_V6) return !holder.v6Only;
  // The AF_INET wildcard does not look at a holder's IPv6 address: one that connect() or accept() gave to a dual-stack
  // socket is held against it; one from bind() is not, since that made the socket IPv6-only.
  return newcomer.family === 4 && a === ANY && !holder.v6Only;
}

/** K6: a name that got in with SO_REUSEPORT vouches for later ones that it covers: its equals, and what a wildcard holds. */
export function K6Covers(first: BoundName, later: BoundName): boolean {
  const [a, b] = [first.address, later.address];
  if (familyOf(b) === 4) return a === b || (isAny(a) && !first.v6Only);
  if (familyOf(a) === 4) return first.family === 4 && a === ANY && b === ANY_V6 && !later.v6Only;
  return a === b || a === ANY_V6;
}

/** L37: why a socket whose address would fit does not take packets of this family; null when it does. */
export function L38OtherFamily(socket: SpecSocket, packet: SpecPacket): Reason | null {
  const isIpv6 = familyOf(packet.dst) === 6;
  if (!isIpv6) return socket.v6Only ? because('L38', 'it is IPv6-only, the packet is IPv4') : null;
  if (socket.family === 4) return because('L7', 'it is AF_INET, the packet is IPv6');
  const isMapped = familyOf(socket.local.address) === 4;
  return isMapped ? because('L38', 'it is bound to a mapped address, the packet is IPv6') : null;
}

/** L7, L28: AF_INET counts one more than AF_INET6 for IPv4 packets. */
export function L7Family(socket: SpecSocket): number {
  return socket.family === 4 ? 2 : 1;
}

/** Lists and groups tell the two wildcards apart; a search for packets to any address does not. */
export function isListedAt(socket: SpecSocket, address: string): boolean {
  return socket.local.address === address || (isAny(address) && isAny(socket.local.address));
}

/** L8: sockets that can be in one group have the same family, and serve the same packets. */
export function L8SameName(one: SpecSocket, other: SpecSocket): boolean {
  const [a, b] = [boundName(one), boundName(other)];
  return a.address === b.address && a.family === b.family && a.v6Only === b.v6Only;
}
