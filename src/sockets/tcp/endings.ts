/**
 * How TCP sockets end: the connection is over, the socket is disconnected for another use, the listener stops, the
 * last descriptor is closed (rules L9, L24, L42). Kernel: tcp_done, tcp_disconnect, tcp_close, inet_csk_listen_stop.
 */
import { SHUT_BOTH } from '../inet-socket.ts';
import type { TcpSocket } from './tcp-socket.ts';

/** The connection has ended: no four-tuple, and no port unless bind() named it. */
export function over(socket: TcpSocket): void {
  socket.layer.tcp.forgetFlow(socket);
  if (socket.halfOpenOf !== null) forgetHalfOpen(socket.halfOpenOf);
  socket.halfOpenOf = null;
  socket.shut = SHUT_BOTH;
  const { rules } = socket.layer;
  // Other systems free the name with the connection, unless a failed attempt may be made anew.
  const mayTryAgain = socket.phase === 'connecting' && rules?.profile.calls.connectAfterFailure === 'anew';
  if (rules !== null && !mayTryAgain) socket.isPortBound = false;
  releasePort(socket);
  if (socket.isOrphan) vanish(socket);
}

/** The listener has one half-open child less, whether it listens at the moment or not. */
function forgetHalfOpen(listener: TcpSocket): void {
  if (listener.queue === null) listener.forsakenChildren--;
  else listener.queue.halfOpen--;
}

/** connect(AF_UNSPEC) and its like: whatever the socket was, it is closed now and may be used anew. */
export function reset(socket: TcpSocket): void {
  const { connection, past } = socket;
  past.nextIss = connection?.successorIss ?? ((past.nextIss + 2) >>> 0 || 1);
  past.hadTimestamps = connection?.hasTimestamps ?? past.hadTimestamps;
  socket.cookieGivenAt = Number.NEGATIVE_INFINITY; // it stands in rx_opt, which tcp_disconnect clears
  if (socket.queue !== null) stopListening(socket);
  else if (connection !== null) {
    connection.disconnect();
    socket.layer.tcp.transmit(socket);
    past.error = connection.error === 0 ? 0 : connection.takeError();
    past.softError = connection.takeError() || past.softError;
    socket.connection = null;
  }
  socket.remotePort = 0;
  clearAddress(socket);
  socket.shut = 0;
  socket.wake();
}

/** close(2) of the last descriptor: FIN, or RST with SO_LINGER 0 or unread data; the connection goes on as an orphan. */
export function closeForGood(socket: TcpSocket): void {
  socket.isOrphan = true;
  const { connection } = socket;
  if (socket.queue !== null) stopListening(socket);
  else if (connection !== null && socket.state !== 'CLOSED') {
    if (socket.linger === 0) connection.abort();
    else connection.close();
    socket.layer.tcp.transmit(socket);
  }
  if (socket.state === 'CLOSED') vanish(socket);
}

/** The listener closes before anybody accepted this connection: it is reset. */
export function abandon(socket: TcpSocket): void {
  socket.isOrphan = true;
  if (socket.state === 'CLOSED') vanish(socket);
  else {
    socket.connection!.disconnect();
    socket.layer.tcp.transmit(socket);
  }
}

/** The connection is gone without a word: a half-open child that nobody cares for, or the host has crashed. */
export function drop(socket: TcpSocket): void {
  socket.state = 'CLOSED';
  socket.connection = null;
  over(socket);
}

/** The port goes back, unless bind() named it. */
export function releasePort(socket: TcpSocket): void {
  if (socket.seat === null || socket.isPortBound) return;
  socket.layer.tcp.ports.buckets.remove(socket);
  socket.localPort = 0;
  socket.boundByConnect = false;
}

/** The local address goes back to the wildcard, unless bind() named it. */
export function clearAddress(socket: TcpSocket): void {
  if (socket.isAddressBound) return;
  socket.clearLocalAddress();
  socket.layer.tcp.ports.buckets.moved(socket);
}

function stopListening(socket: TcpSocket): void {
  const { tcp } = socket.layer;
  const queue = socket.queue!;
  socket.layer.drops.tap?.transition?.('LISTEN', 'CLOSED');
  socket.state = 'CLOSED';
  socket.queue = null;
  socket.forsakenChildren = queue.halfOpen;
  tcp.listeners.remove(socket);
  releasePort(socket);
  for (let child = queue.shift(); child !== null; child = queue.shift()) abandon(child);
}

/** Nobody has the socket any more, and nothing goes on. */
function vanish(socket: TcpSocket): void {
  socket.isPortBound = false;
  releasePort(socket);
  socket.layer.closed(socket);
}
