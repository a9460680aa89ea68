/** Which addresses and ports bind() may name at all (rule L14; ip(7), capabilities(7)). */
import { EACCES, EADDRNOTAVAIL } from '../../network/errno.ts';
import type { IpAddress } from '../../packet/ip-address.ts';
import type { InetSocket } from '../inet-socket.ts';

/** @returns 0, -EADDRNOTAVAIL for an address that is not this host's, -EACCES for a privileged port */
export function refusesBindAddress(socket: InetSocket, address: IpAddress, port: number): number {
  const { ip, limits } = socket.layer;
  const isOurs =
    address.isUnspecified || ip.isLocal(address) || address.isMulticast || ip.isBroadcast(address);
  if (!isOurs && !socket.freebind && !socket.transparent && !limits.nonlocalBind) return -EADDRNOTAVAIL;
  if (port !== 0 && port < limits.unprivilegedPortStart && !socket.isPrivileged) return -EACCES;
  return 0;
}
