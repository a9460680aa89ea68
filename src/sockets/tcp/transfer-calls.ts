/**
 * send(2) and recv(2) on a TCP socket: which of them reach the connection, and what the others are told.
 * Kernel: tcp_sendmsg, tcp_recvmsg; sk_stream_error.
 */
import { EAGAIN, ENOTCONN, EOPNOTSUPP, EPIPE } from '../../network/errno.ts';
import { EMPTY, type Payload } from '../../packet/payload.ts';
import { MSG_DONTWAIT, MSG_FASTOPEN } from '../../transport/message-flags.ts';
import type { Endpoint, Received } from '../api.ts';
import { SHUT_READ, SHUT_WRITE } from '../inet-socket.ts';
import { sendWithConnect } from './connect-call.ts';
import { checkReadAfterShutdown, errorBy, refusesTransfer } from './other-systems.ts';
import type { TcpSocket } from './tcp-socket.ts';

/**
 * send(2), sendto(2).
 * @param to is ignored, as Linux does on a stream, but for MSG_FASTOPEN
 * @returns bytes taken, or minus an errno
 */
export function sendOn(socket: TcpSocket, data: Payload, flags: number, to: Endpoint | null): number {
  const { connection } = socket;
  const { rules } = socket.layer;
  if (rules !== null) {
    if ((flags & MSG_FASTOPEN) !== 0) return -EOPNOTSUPP;
    const refused = refusesTransfer(rules.profile, socket) || -socket.takeHardError();
    if (refused !== 0) return refused;
  }
  if ((flags & MSG_FASTOPEN) !== 0 && to !== null && !(connection?.isDeferred ?? false)) {
    const taken = sendWithConnect(socket, data, to);
    noteWriter(socket, taken, data, flags);
    return taken;
  }
  if (connection === null || socket.queue !== null) {
    const error = socket.takeHardError();
    return error === 0 ? -EPIPE : -error;
  }
  if (isWriteShut(socket)) return writeRefused(socket);
  const result = connection.write(data, flags);
  socket.layer.tcp.transmit(socket);
  noteWriter(socket, result, data, flags);
  return result;
}

/** recv(2). @returns the bytes, none at the end of the stream, or minus an errno */
export function receiveOn(socket: TcpSocket, size: number, flags: number): Received | number {
  if (socket.queue !== null) return -ENOTCONN;
  const { connection } = socket;
  const { rules } = socket.layer;
  if (rules !== null) {
    if (refusesTransfer(rules.profile, socket) !== 0) return -ENOTCONN;
    checkReadAfterShutdown(rules.profile, socket);
  }
  if (connection === null) return endOrNotConnected(socket);
  const result = connection.read(size, flags);
  socket.layer.tcp.transmit(socket);
  if (result === -EPIPE && rules !== null) return -errorBy(rules.profile, EPIPE);
  if (result === -ENOTCONN || (result === -EAGAIN && (socket.shut & SHUT_READ) !== 0)) {
    return endOrNotConnected(socket);
  }
  return typeof result === 'number' ? result : { data: result, from: null, fullSize: result.size };
}

/** A SYN took some of the data and a program waits to write the rest: that will carry the ACK of the SYN,ACK. */
function noteWriter(socket: TcpSocket, taken: number, data: Payload, flags: number): void {
  if (socket.state !== 'SYN-SENT' || taken <= 0 || taken === data.size) return;
  if ((flags & MSG_DONTWAIT) === 0) socket.connection!.expectWriter();
}

/** shutdown(SHUT_WR) was called before there was a connection: it holds for the connection, too. */
function isWriteShut(socket: TcpSocket): boolean {
  return (socket.shut & SHUT_WRITE) !== 0 && socket.state !== 'CLOSED' && !socket.connection!.isWriteClosed;
}

function writeRefused(socket: TcpSocket): number {
  if (socket.state === 'SYN-SENT' || socket.state === 'SYN-RECEIVED') return -EAGAIN;
  const error = socket.takeHardError();
  return error === 0 ? -EPIPE : -error;
}

function endOrNotConnected(socket: TcpSocket): Received | number {
  const error = socket.takeHardError();
  if (error !== 0) return -error;
  return (socket.shut & SHUT_READ) !== 0 ? { data: EMPTY, from: null, fullSize: 0 } : -ENOTCONN;
}
