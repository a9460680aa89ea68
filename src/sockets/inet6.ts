/**
 * What an AF_INET6 socket makes of the addresses that calls name (ipv6(7); RFC 3493, RFC 4038; rule L38): mapped
 * addresses mean IPv4, :: means this host, link-local ones need an interface. Kernel: __inet6_bind, tcp_v6_connect,
 * __ip6_datagram_connect, udpv6_sendmsg.
 */
import { EACCES, EADDRNOTAVAIL, EAFNOSUPPORT, EINVAL, ENETUNREACH, ENODEV } from '../network/errno.ts';
import { ANY_V6, type IpAddress, LOOPBACK_V4, LOOPBACK_V6 } from '../packet/ip-address.ts';
import type { Endpoint } from './api.ts';
import type { InetSocket } from './inet-socket.ts';
import { isAddressToBind } from './ports/bind-address.ts';

/** What bind() says to the address before it looks for the port. @returns 0 or minus an errno */
export function refusesBind6(socket: InetSocket, { address, port, scopeId = 0 }: Endpoint): number {
  if (address.family === 4) return -EINVAL; // a sockaddr_in is too short
  if (address.isMulticast && isStream(socket)) return -EINVAL;
  const { limits } = socket.layer;
  if (port !== 0 && port < limits.unprivilegedPortStart && !socket.isPrivileged) return -EACCES;
  if (socket.isBusy) return -EINVAL;
  if (address.isV4Mapped) {
    if (socket.v6only) return -EINVAL;
    return isAddressToBind(socket, address.unmapped()) ? 0 : -EADDRNOTAVAIL;
  }
  if (address === ANY_V6) return 0;
  const refused = needsScope(address) ? takeScope(socket, scopeId) : 0;
  if (refused !== 0) return refused;
  return address.isMulticast || isOwnHere(socket, address) ? 0 : -EADDRNOTAVAIL;
}

/** Whom connect() means. @returns minus an errno for nobody */
export function connectTarget6(socket: InetSocket, remote: Endpoint): Endpoint | number {
  const { port, scopeId = 0 } = remote;
  if (remote.address.family === 4) {
    if (isStream(socket)) return -EINVAL;
    return socket.v6only ? -EAFNOSUPPORT : remote;
  }
  const address = thisHost(remote.address, socket.localAddress);
  if (address.family === 6 && address.isMulticast && isStream(socket)) return -ENETUNREACH;
  if (needsScope(address)) {
    const refused = takeScope(socket, scopeId);
    if (refused !== 0) return refused;
  }
  socket.aimAt(address.unmapped()); // even when nothing comes of it
  return withoutMapping(socket, address, port);
}

/** Whom sendto() means. @returns minus an errno for nobody */
export function sendTarget6(socket: InetSocket, to: Endpoint): Endpoint | number {
  if (to.address.family === 4) return socket.v6only ? -ENETUNREACH : to;
  const target = withoutMapping(socket, thisHost(to.address, socket.sourceAddress), to.port);
  if (typeof target === 'number' || to.scopeId === undefined) return target;
  return { ...target, scopeId: to.scopeId };
}

/** fe80::/10, and groups of a link: the same address may be on every link. */
export function needsScope(address: IpAddress): boolean {
  if (address.family === 4) return false;
  return address.isLinkLocal || (address.isMulticast && ((address.w0 >>> 16) & 15) <= SCOPE_LINK);
}

/** :: is this host: in the family that the socket is bound to. */
function thisHost(address: IpAddress, bound: IpAddress): IpAddress {
  if (address !== ANY_V6) return address;
  return bound.family === 4 ? LOOPBACK_V4.mapped() : LOOPBACK_V6;
}

function withoutMapping(socket: InetSocket, address: IpAddress, port: number): Endpoint | number {
  if (!address.isV4Mapped) return { address, port };
  return socket.v6only ? -ENETUNREACH : { address: address.unmapped(), port };
}

/** The scope id binds the socket to its interface; without one the socket must be bound already. */
function takeScope(socket: InetSocket, scopeId: number): number {
  if (scopeId === 0) return socket.device === null ? -EINVAL : 0;
  if (socket.device !== null) return socket.device.index === scopeId ? 0 : -EINVAL;
  const device = socket.layer.ip.deviceByIndex(scopeId);
  if (device === null) return -ENODEV;
  socket.setDevice(device);
  return 0;
}

/** An address of this host; ::1 and link-local ones only on the device that has them, if the socket is bound to one. */
function isOwnHere({ layer, device, freebind, transparent }: InetSocket, address: IpAddress): boolean {
  const { ip, limits } = layer;
  if (freebind || transparent || limits.nonlocalBind6) return true;
  if (!ip.isLocal(address)) return false;
  if (device === null || !(address.isLoopback || address.isLinkLocal)) return true;
  return ip.deviceByAddress(address) === device;
}

function isStream(socket: InetSocket): boolean {
  return socket.kind === 'tcp6';
}

const SCOPE_LINK = 2;
