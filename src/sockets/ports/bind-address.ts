/** Which addresses and ports bind() may name at all (rule L14; ip(7), capabilities(7)). */
import { EACCES, EADDRNOTAVAIL, EAFNOSUPPORT, EINVAL } from '../../network/errno.ts';
import type { IpAddress } from '../../packet/ip-address.ts';
import type { InetSocket } from '../inet-socket.ts';

/** @returns 0, -EADDRNOTAVAIL for an address that is not this host's, -EACCES for a privileged port */
export function refusesBindAddress(socket: InetSocket, address: IpAddress, port: number): number {
  const { limits } = socket.layer;
  if (!isAddressToBind(socket, address)) return -EADDRNOTAVAIL;
  if (port !== 0 && port < limits.unprivilegedPortStart && !socket.isPrivileged) return -EACCES;
  return 0;
}

/** An IPv4 address that packets can be sent to and this host gets them, or any with IP_FREEBIND and its like. */
export function isAddressToBind(socket: InetSocket, address: IpAddress): boolean {
  const { ip, limits } = socket.layer;
  if (address.isUnspecified || ip.isLocal(address) || address.isMulticast || ip.isBroadcast(address))
    return true;
  return socket.freebind || socket.transparent || limits.nonlocalBind;
}

/** F8: FreeBSD asks first whether the socket has a name already, and has no TCP on group addresses. */
export function refusesBindFreebsd(socket: InetSocket, isBusy: boolean, address: IpAddress): number {
  if (isBusy || !socket.localAddress.isUnspecified) return -EINVAL;
  return socket.isStream && address.isMulticast ? -EAFNOSUPPORT : 0;
}
