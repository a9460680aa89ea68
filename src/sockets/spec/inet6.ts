/**
 * What an AF_INET6 socket makes of the addresses that calls name (L38; ipv6(7), RFC 3493, RFC 4038): mapped addresses
 * mean IPv4, :: means this host, an IPv4 sockaddr is something that only UDP takes.
 */
import type { ErrnoName } from '../../network/errno.ts';
import { ANY_V6, familyOf, isMapped, needsLink, unmapped } from './address.ts';
import type { SpecHost } from './host.ts';
import { kindOf } from './host.ts';
import type { SpecEndpoint, SpecSocket } from './state.ts';

/** Address families, and what their sockaddrs measure. */
const AF_INET = 2;
const AF_INET6 = 10;
const SOCKADDR_IN = 16;
const SOCKADDR_IN6 = 24;

/** An address family and a length as passed to bind() or connect(), for odd ones; absent: what fits the address. */
export interface OddAddress {
  readonly family?: number;
  readonly length?: number;
}

/** The length and the family that a program gives with an address when it makes no mistake. */
export function sockaddrOf(address: string): Required<OddAddress> {
  return familyOf(address) === 6
    ? { family: AF_INET6, length: SOCKADDR_IN6 }
    : { family: AF_INET, length: SOCKADDR_IN };
}

/** What connect() says to length and family of an address. */
export function refusesSockaddr(
  socket: Pick<SpecSocket, 'family' | 'transport'>,
  { family, length }: Required<OddAddress>,
): ErrnoName | null {
  const takesBoth = socket.family === 6 && socket.transport === 'udp' && family === AF_INET;
  const [own, least] = socket.family === 6 && !takesBoth ? [AF_INET6, SOCKADDR_IN6] : [AF_INET, SOCKADDR_IN];
  if (length < least) return 'EINVAL';
  return family === own ? null : 'EAFNOSUPPORT';
}

/** L38: whom connect() means. */
export function connectTarget(
  host: SpecHost,
  socket: SpecSocket,
  to: SpecEndpoint,
): SpecEndpoint | ErrnoName {
  const aim = connectAim(host, socket, to);
  return typeof aim === 'string' ? aim : withoutMapping(socket, aim);
}

/** Whom connect() aims at, before it asks whether the socket can reach a mapped address. */
export function connectAim(host: SpecHost, socket: SpecSocket, to: SpecEndpoint): SpecEndpoint | ErrnoName {
  if (socket.family === 4) return to;
  const isStream = socket.transport === 'tcp';
  if (familyOf(to.address) === 4) {
    if (isStream) return 'EINVAL';
    return socket.v6Only ? 'EAFNOSUPPORT' : to;
  }
  const address = thisHost(to.address, socket.local.address);
  if (familyOf(address) === 6 && isStream && kindOf(host, address) === 'multicast') return 'ENETUNREACH';
  return needsLink(address) && socket.device === null ? 'EINVAL' : { ...to, address };
}

/** L38: whom sendto() means. */
export function sendTarget(socket: SpecSocket, to: SpecEndpoint): SpecEndpoint | ErrnoName {
  if (socket.family === 4) return familyOf(to.address) === 4 ? to : 'EAFNOSUPPORT';
  if (familyOf(to.address) === 4) return socket.v6Only ? 'ENETUNREACH' : to;
  return withoutMapping(socket, { ...to, address: thisHost(to.address, socket.source) });
}

/** Bound to a mapped address the socket cannot talk IPv6. */
export function isWrongSource(socket: Pick<SpecSocket, 'source'>, destination: string): boolean {
  return familyOf(destination) === 6 && familyOf(socket.source) === 4;
}

/** :: is this host: in the family that the socket is bound to. */
function thisHost(address: string, bound: string): string {
  if (address !== ANY_V6) return address;
  return familyOf(bound) === 4 ? '::ffff:127.0.0.1' : '::1';
}

/** A mapped address means IPv4, which an IPv6-only socket has not. */
export function withoutMapping(socket: SpecSocket, to: SpecEndpoint): SpecEndpoint | ErrnoName {
  if (!isMapped(to.address)) return to;
  return socket.v6Only ? 'ENETUNREACH' : { ...to, address: unmapped(to.address) };
}
