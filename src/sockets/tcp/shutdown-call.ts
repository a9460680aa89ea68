/**
 * shutdown(2) on a TCP socket: it ends one direction of a connection, an attempt to connect, or the listening.
 * Kernel: inet_shutdown, tcp_shutdown.
 */
import { ENOTCONN } from '../../network/errno.ts';
import { SHUT_READ, SHUT_WRITE } from '../inet-socket.ts';
import { reset } from './endings.ts';
import { shutdownBy } from './other-systems.ts';
import type { TcpSocket } from './tcp-socket.ts';

/** @param bits SHUT_READ | SHUT_WRITE @returns 0 or minus an errno */
export function shutDown(socket: TcpSocket, bits: number): number {
  if (socket.layer.rules !== null) return shutdownBy(socket.layer.rules.profile, socket, bits);
  if (socket.phase === 'connecting') {
    const isUnderWay =
      socket.state === 'SYN-SENT' || socket.state === 'SYN-RECEIVED' || socket.state === 'CLOSED';
    socket.phase = isUnderWay ? 'disconnecting' : 'connected';
  }
  if (socket.state === 'SYN-SENT' || (socket.state === 'LISTEN' && (bits & SHUT_READ) !== 0)) {
    reset(socket);
    socket.phase = 'unconnected';
  } else if (socket.state !== 'LISTEN') {
    socket.shut |= bits;
    if (socket.state === 'CLOSED') {
      socket.wake();
      return -ENOTCONN;
    }
    if ((bits & SHUT_READ) !== 0) socket.connection!.shutdownRead();
    // In SYN-RECEIVED the FIN waits until the connection stands (tcp_shutdown, tcp_rcv_state_process).
    if ((bits & SHUT_WRITE) !== 0 && socket.state !== 'SYN-RECEIVED') socket.connection!.shutdownWrite();
    socket.layer.tcp.transmit(socket);
  }
  socket.wake();
  return 0;
}
