/**
 * TCP calls on hosts that are not Linux: as POSIX has them, with the profile's answers where systems differ. What a
 * profile leaves open is refused with `UndefinedByProfile`. Linux's own answers are in `tcp-socket.ts` and beside it.
 */
import { EALREADY, ECONNABORTED, EISCONN, ENOTCONN, EPIPE, errnoNumber } from '../../network/errno.ts';
import type { IpAddress } from '../../packet/ip-address.ts';
import type { Endpoint } from '../api.ts';
import { SHUT_READ, SHUT_WRITE } from '../inet-socket.ts';
import { defined, type SocketProfile } from '../profile.ts';
import { closeForGood, reset } from './endings.ts';
import type { TcpSocket } from './tcp-socket.ts';

/** What connect() says before it looks at the address. @returns null when a connection is to be started */
export function connectEarlyBy(profile: SocketProfile, socket: TcpSocket): number | null {
  const { state, phase } = socket;
  if (state === 'LISTEN') {
    return -errnoNumber(defined(profile, profile.connectOnListener, 'connect() on a listener'));
  }
  if (state === 'SYN-SENT' || state === 'SYN-RECEIVED') return -EALREADY;
  if (state !== 'CLOSED') return -EISCONN;
  if (phase === 'unconnected') return null;
  const answer =
    phase === 'connecting'
      ? defined(profile, profile.calls.connectAfterFailure, 'connect() on a socket that failed to connect')
      : defined(profile, profile.calls.connectAfterEnd, 'connect() on a socket whose connection has ended');
  if (answer !== 'anew') return -errnoNumber(answer);
  reset(socket);
  socket.past.error = 0;
  socket.phase = 'unconnected';
  return null;
}

/** A blocking connect() wakes up. @returns 0, -EALREADY to wait on, or why it failed */
export function connectOutcome(socket: TcpSocket): number {
  if (socket.state === 'SYN-SENT' || socket.state === 'SYN-RECEIVED') return -EALREADY;
  if (socket.state !== 'CLOSED') return 0;
  const error = socket.takeHardError();
  return error === 0 ? -ECONNABORTED : -error;
}

/** Whom TCP can be connected to at all (R4, F8, F12, F14, W2). @returns 0 or minus an errno */
export function refusesTcpPeer(
  profile: SocketProfile,
  socket: TcpSocket,
  { address, port }: Endpoint,
): number {
  const { calls } = profile;
  const answer = addressAnswer(profile, address, socket.layer.ip.isBroadcast(address));
  if (answer !== 0) return answer;
  if (port !== 0) return 0;
  const zero = defined(profile, calls.toPortZero, 'connect() to port 0');
  return zero === 'sent' ? 0 : -errnoNumber(zero);
}

function addressAnswer(profile: SocketProfile, address: IpAddress, isBroadcast: boolean): number {
  const { calls } = profile;
  if (address.isUnspecified) {
    const answer = defined(profile, calls.toAnyAddress, 'connect() to 0.0.0.0');
    return answer === 'this-host' ? 0 : -errnoNumber(answer);
  }
  if (address.isMulticast)
    return -errnoNumber(defined(profile, calls.tcpToGroup, 'TCP connect() to a group'));
  if (!isBroadcast) return 0;
  const isLimited = address.w3 === 0xffffffff;
  return -errnoNumber(
    isLimited
      ? defined(profile, calls.tcpToLimitedBroadcast, 'TCP connect() to 255.255.255.255')
      : defined(profile, calls.tcpToBroadcast, 'TCP connect() to a broadcast address'),
  );
}

/** What listen() says of a socket that is or was connected, and of one without a name. @returns 0 or minus an errno */
export function refusesListen(profile: SocketProfile, socket: TcpSocket): number {
  const { calls } = profile;
  if (socket.state === 'LISTEN') return 0;
  if (socket.state !== 'CLOSED') return -errnoNumber(calls.listenConnected);
  if (socket.connection === null) return 0;
  const answer = defined(profile, calls.listenAfterEnd, 'listen() on a socket whose connection has ended');
  return answer === 'anew' ? 0 : -errnoNumber(answer);
}

/** @returns the backlog as it counts */
export function backlogBy(profile: SocketProfile, backlog: number, limit: number): number {
  if (backlog >= 0) return Math.min(backlog, limit);
  return defined(profile, profile.calls.negativeBacklog, 'listen() with a negative backlog') === 'zero'
    ? 0
    : limit;
}

/** accept() has come to a child that was reset while it waited. @returns minus an errno, 0 to hand it out */
export function acceptResetBy(profile: SocketProfile, child: TcpSocket): number {
  const answer = defined(profile, profile.calls.acceptReset, 'accept() of a connection that was reset');
  if (answer === 'handed-out') return 0;
  closeForGood(child);
  return -errnoNumber(answer);
}

/** Another connection would wait for accept(). @throws UndefinedByProfile when that is more than the backlog */
export function checkBacklog(profile: SocketProfile, waiting: number, backlog: number): void {
  if (waiting < backlog) return;
  defined(
    profile,
    profile.calls.beyondBacklog,
    `what becomes of a connection beyond a backlog of ${backlog}`,
  );
}

/** send() and recv() need a connection, or what is left of one. @returns 0 or minus an errno */
export function refusesTransfer(profile: SocketProfile, socket: TcpSocket): number {
  const { connection, state } = socket;
  const isUnconnected = connection === null || socket.queue !== null;
  const isUnderWay = (state === 'SYN-SENT' || state === 'SYN-RECEIVED') && !connection!.isDeferred;
  if (!isUnconnected && !isUnderWay) return 0;
  return -errnoNumber(profile.calls.sendUnconnected);
}

/** recv() after shutdown(SHUT_RD): systems differ in what becomes of the bytes. */
export function checkReadAfterShutdown(profile: SocketProfile, socket: TcpSocket): void {
  const { connection, state } = socket;
  if ((socket.shut & SHUT_READ) === 0 || state === 'CLOSED' || connection === null) return;
  if (connection.readable === 0) return;
  defined(profile, profile.calls.readAfterShutdown, 'recv() of bytes after shutdown(SHUT_RD)');
}

/** @param bits SHUT_READ | SHUT_WRITE @returns 0 or minus an errno */
export function shutdownBy(profile: SocketProfile, socket: TcpSocket, bits: number): number {
  const { state, layer } = socket;
  if (state === 'LISTEN') {
    const answer = defined(profile, profile.calls.shutdownListener, 'shutdown() of a listener');
    return answer === 'stops' ? 0 : -errnoNumber(answer);
  }
  if (state === 'CLOSED') return -ENOTCONN;
  if (state === 'SYN-SENT' || state === 'SYN-RECEIVED') {
    defined(profile, profile.calls.shutdownConnecting, 'shutdown() while the handshake is under way');
  }
  socket.shut |= bits;
  if ((bits & SHUT_READ) !== 0) socket.connection!.shutdownRead();
  if ((bits & SHUT_WRITE) !== 0) socket.connection!.shutdownWrite();
  layer.tcp.transmit(socket);
  socket.wake();
  return 0;
}

/** The error of a reset as the profile tells it: Linux's EPIPE in CLOSE-WAIT is its own. */
export function errorBy(profile: SocketProfile, error: number): number {
  return error === EPIPE ? errnoNumber(profile.calls.resetInCloseWait) : error;
}
