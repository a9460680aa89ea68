/**
 * A sockaddr as bind(2) and connect(2) get it from a program: any family number, any length. Who looks at which of them
 * first differs from call to call. Kernel: move_addr_to_kernel, inet_bind, inet6_bind, inet_stream_connect.
 */
import { EAFNOSUPPORT, EINVAL } from '../network/errno.ts';
import type { SocketAddress } from './api.ts';
import type { InetSocket } from './inet-socket.ts';

export const AF_UNSPEC = 0;
const AF_INET = 2;
const AF_INET6 = 10;
/** sizeof(sa_family_t) */
export const FAMILY_SIZE = 2;
const SOCKADDR_IN_SIZE = 16;
/** sizeof(struct sockaddr_in6) without the scope id (RFC 2133). */
const SOCKADDR_IN6_SIZE = 24;
/** More than sizeof(struct sockaddr_storage) is refused before any family is asked. */
export const SOCKADDR_STORAGE_SIZE = 128;

/** What bind() says to the form of the address. @returns 0 or minus an errno */
export function refusesBindSockaddr(socket: InetSocket, sockaddr: SocketAddress): number {
  const { family, length, address } = sockaddr;
  if (length < sizeFor(socket) || length > SOCKADDR_STORAGE_SIZE) return -EINVAL;
  if (family === familyOf(socket)) return 0;
  if (socket.domain === 6) return -EAFNOSUPPORT;
  // AF_UNSPEC passes for AF_INET with the wildcard on Linux and FreeBSD: old programs rely on it.
  const { profile } = socket.layer;
  if (profile !== 'linux' && profile !== 'freebsd') return -EAFNOSUPPORT;
  return family === AF_UNSPEC && address.isUnspecified ? 0 : -EAFNOSUPPORT;
}

/** What connect() says to the form of its peer's address, once it wants one. @returns 0 or minus an errno */
export function refusesPeerSockaddr(socket: InetSocket, { family, length }: SocketAddress): number {
  const isIpv4OnUdp6 = socket.kind === 'udp6' && family === AF_INET;
  if (isIpv4OnUdp6) return length < SOCKADDR_IN_SIZE ? -EINVAL : 0;
  if (length < sizeFor(socket)) return -EINVAL;
  return family === familyOf(socket) ? 0 : -EAFNOSUPPORT;
}

function familyOf(socket: InetSocket): number {
  return socket.domain === 6 ? AF_INET6 : AF_INET;
}

/** The least length of an address of the socket's family, bytes. */
function sizeFor(socket: InetSocket): number {
  return socket.domain === 6 ? SOCKADDR_IN6_SIZE : SOCKADDR_IN_SIZE;
}
