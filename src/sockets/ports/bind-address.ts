/** Which addresses and ports bind() may name at all (rule L14; ip(7), capabilities(7)). */
import { EACCES, EADDRNOTAVAIL, EINVAL, errnoNumber } from '../../network/errno.ts';
import type { IpAddress } from '../../packet/ip-address.ts';
import type { InetSocket } from '../inet-socket.ts';
import { defined, type SocketProfile } from '../profile.ts';

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

/**
 * The same on systems that are not Linux, in their order: FreeBSD asks first whether the socket has a name already (F8).
 * @returns 0 or minus an errno @throws UndefinedByProfile
 */
export function refusesBindBy(
  profile: SocketProfile,
  socket: InetSocket,
  isBusy: boolean,
  address: IpAddress,
  port: number,
): number {
  const isNamed = isBusy || !socket.localAddress.isUnspecified;
  if (isNamed && profile.name === 'freebsd') return -EINVAL;
  if (!isAddressToBind(socket, address)) return -EADDRNOTAVAIL;
  const kind = kindAnswer(profile, socket, address);
  if (kind !== 0) return kind;
  if (isNamed) return -EINVAL;
  if (port === 0 || port >= socket.layer.limits.unprivilegedPortStart || socket.isPrivileged) return 0;
  const what = `whether port ${port} needs privilege`;
  return -errnoNumber(defined(profile, profile.calls.privilegedPort, what));
}

/** What a system says of addresses that are not one host's. */
function kindAnswer(profile: SocketProfile, socket: InetSocket, address: IpAddress): number {
  const { calls } = profile;
  const answers = [
    address.isMulticast && socket.isStream
      ? defined(profile, calls.bindStreamToGroup, 'bind() of a TCP socket to a group')
      : 'ok',
    address.isMulticast && !socket.isStream
      ? defined(profile, calls.bindDatagramToGroup, 'bind() of a UDP socket to a group')
      : 'ok',
    socket.layer.ip.isBroadcast(address)
      ? defined(profile, calls.bindToBroadcast, 'bind() to a broadcast address')
      : 'ok',
  ];
  for (const answer of answers) if (answer !== 'ok') return -errnoNumber(answer);
  return 0;
}
