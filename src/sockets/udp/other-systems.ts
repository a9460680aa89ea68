/**
 * UDP calls on hosts that are not Linux: as POSIX has them, with the profile's answers where systems differ. What a
 * profile leaves open is refused with `UndefinedByProfile`. Linux's own answers are in `udp-socket.ts`.
 */
import {
  EADDRINUSE,
  EAFNOSUPPORT,
  EMSGSIZE,
  ENOTCONN,
  EOPNOTSUPP,
  EPIPE,
  errnoNumber,
} from '../../network/errno.ts';
import type { IpAddress } from '../../packet/ip-address.ts';
import type { Payload } from '../../packet/payload.ts';
import { type Endpoint, MSG_OOB } from '../api.ts';
import { SHUT_READ, SHUT_WRITE } from '../inet-socket.ts';
import { routeToPeer } from '../peer-route.ts';
import { defined, type SocketProfile } from '../profile.ts';
import type { SocketRules } from '../rules/socket-rules.ts';
import { optionsFor, sourceFor } from './outgoing.ts';
import type { UdpSocket } from './udp-socket.ts';

/** 65,535 less the IP and UDP headers. */
const MAX_DATAGRAM = 65507;

/** connect(): the peer, and a name if there was none. @returns 0 or minus an errno; a failure changes nothing */
export function connectBy(rules: SocketRules, socket: UdpSocket, { address, port }: Endpoint): number {
  const { profile } = rules;
  const { calls } = profile;
  if (address.isUnspecified && profile.name === 'windows') return disconnectBy(profile, socket); // W2
  const refused = refusesTarget(profile, { address, port }, 'connect()');
  if (refused !== 0) return refused;
  if (socket.isConnected) {
    const mode = defined(profile, profile.udpReconnect, 'connect() on a connected UDP socket');
    if (mode === 'disconnects') leavePeer(profile, socket);
  }
  const found = routeToPeer(socket, address, sourceFor(socket, address), optionsFor(socket, address));
  if (typeof found === 'number') return found;
  const { route } = found;
  if (route.kind === 'broadcast' && !socket.broadcast) {
    const errno = defined(profile, calls.udpConnectBroadcast, 'connect() to a broadcast address');
    return -errnoNumber(errno);
  }
  const local = socket.localAddress.isUnspecified ? route.source : socket.localAddress;
  if (isTaken(profile, socket, local, found.address, port)) return -EADDRINUSE;
  return settle(socket, local, { address: found.address, port });
}

/** The peer is set, and the socket is where its packets are looked for. */
function settle(socket: UdpSocket, local: IpAddress, remote: Endpoint): number {
  const { udp } = socket.layer;
  const { localAddress, remoteAddress, remotePort } = socket;
  socket.localAddress = local;
  socket.remoteAddress = remote.address;
  socket.remotePort = remote.port;
  if (socket.localPort === 0) {
    const result = udp.ports.connect(socket);
    if (result < 0) {
      Object.assign(socket, { localAddress, remoteAddress, remotePort });
      return result;
    }
    socket.shownPort = socket.localPort;
  }
  if (remoteAddress !== remote.address || remotePort !== remote.port) socket.peerChanged();
  if (socket.sourceAddress.isUnspecified) socket.sourceAddress = local;
  socket.isHidden = false;
  socket.isConnected = true;
  udp.table.rehash(socket);
  udp.table.connected(socket);
  return 0;
}

/** connect(AF_UNSPEC). With an errno the peer is cleared all the same (F13). */
export function disconnectBy(profile: SocketProfile, socket: UdpSocket): number {
  const what = 'connect(AF_UNSPEC) on a UDP socket';
  const mode = socket.isConnected ? profile.udpDisconnect : profile.calls.udpDisconnectUnconnected;
  const answer = defined(profile, mode, what);
  if (socket.isConnected) leavePeer(profile, socket);
  return answer === 'ok' ? 0 : -errnoNumber(answer);
}

/** F13: on FreeBSD the address goes too, and no lookup finds the socket until it connects again; the port stays. */
function leavePeer(profile: SocketProfile, socket: UdpSocket): void {
  socket.isConnected = false;
  socket.remoteAddress = socket.any;
  socket.remotePort = 0;
  socket.isHidden = profile.name === 'freebsd';
  if (socket.isHidden) socket.clearLocalAddress();
  socket.layer.udp.table.rehash(socket);
}

/**
 * What send() says before the datagram is made; the socket has a port afterwards.
 * @returns where it goes, or minus an errno
 */
export function targetBy(
  rules: SocketRules,
  socket: UdpSocket,
  data: Payload,
  flags: number,
  to: Endpoint | null,
): Endpoint | number {
  const { profile } = rules;
  if ((flags & MSG_OOB) !== 0) return -EOPNOTSUPP;
  if ((socket.shut & SHUT_WRITE) !== 0) return -EPIPE;
  const error = socket.takeError();
  if (error !== 0) return -error;
  if (data.size > MAX_DATAGRAM) return -EMSGSIZE;
  const target = to ?? peerOf(profile, socket);
  if (typeof target === 'number') return target;
  if (to !== null) {
    if (to.address.family !== 4) return -EAFNOSUPPORT;
    const refused = mayNotName(profile, socket) || refusesTarget(profile, target, 'sendto()');
    if (refused !== 0) return refused;
  }
  const { address } = target;
  const route = socket.layer.ip.route(address, sourceFor(socket, address), optionsFor(socket, address));
  if (typeof route === 'number') return route;
  if (route.kind === 'broadcast' && !socket.broadcast) {
    const errno = defined(profile, profile.calls.udpSendBroadcast, 'sending to a broadcast address');
    return -errnoNumber(errno);
  }
  const bound = socket.localPort === 0 ? socket.takeAnyPort() : 0;
  return bound < 0 ? bound : target;
}

/** shutdown() of a socket without a peer changes nothing. @param bits SHUT_READ | SHUT_WRITE */
export function shutdownBy(profile: SocketProfile, socket: UdpSocket, bits: number): number {
  if (!socket.isConnected) return -ENOTCONN;
  if ((bits & SHUT_READ) !== 0)
    defined(profile, profile.calls.udpShutdownRead, 'shutdown(SHUT_RD) of a UDP socket');
  socket.shut |= bits;
  socket.wake();
  return 0;
}

function peerOf({ calls }: SocketProfile, socket: UdpSocket): Endpoint | number {
  if (!socket.isConnected) return -errnoNumber(calls.sendWithoutPeer);
  return { address: socket.remoteAddress, port: socket.remotePort };
}

/** sendto() on a connected socket. @returns 0 or minus an errno */
function mayNotName(profile: SocketProfile, socket: UdpSocket): number {
  if (!socket.isConnected) return 0;
  const answer = defined(profile, profile.calls.sendtoConnected, 'sendto() on a connected UDP socket');
  return answer === 'sent' ? 0 : -errnoNumber(answer);
}

/** Addresses and ports that are none. @returns 0 or minus an errno */
function refusesTarget(profile: SocketProfile, { address, port }: Endpoint, call: string): number {
  const { toAnyAddress, toPortZero } = profile.calls;
  const answers = [
    address.isUnspecified ? defined(profile, toAnyAddress, `${call} to 0.0.0.0`) : 'this-host',
    port === 0 ? defined(profile, toPortZero, `${call} to port 0`) : 'sent',
  ];
  for (const answer of answers) {
    if (answer !== 'this-host' && answer !== 'sent') return -errnoNumber(answer);
  }
  return 0;
}

/** Another socket is connected between the same two names. */
function isTaken(
  profile: SocketProfile,
  socket: UdpSocket,
  local: IpAddress,
  remote: IpAddress,
  remotePort: number,
): boolean {
  const sockets = socket.layer.udp.table.port(socket.localPort)?.sockets.items() ?? [];
  const twin = sockets.some(
    (one) =>
      one !== socket &&
      one.isConnected &&
      one.localAddress === local &&
      one.remoteAddress === remote &&
      one.remotePort === remotePort,
  );
  if (!twin) return false;
  const what = 'two UDP sockets connected between the same names';
  const mode = defined(profile, profile.udpQuadTaken, what);
  return mode !== 'newest' && mode !== 'allowed';
}
