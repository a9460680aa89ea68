/** What poll(2) reports of a TCP socket (tcp_poll). */
import { POLLERR, POLLHUP, POLLIN, POLLOUT, POLLPRI, POLLRDHUP } from '../api.ts';
import { SHUT_READ, SHUT_WRITE } from '../inet-socket.ts';
import type { TcpSocket } from './tcp-socket.ts';

/** @returns POLLIN | POLLOUT | ... as things are now */
export function tcpEvents(socket: TcpSocket): number {
  const { connection, state, queue } = socket;
  if (queue !== null) return queue.waiting > 0 ? POLLIN : 0;
  const readClosed = (socket.shut & SHUT_READ) !== 0 || (connection?.isReadClosed ?? false);
  const writeClosed = (socket.shut & SHUT_WRITE) !== 0 || (connection?.isWriteClosed ?? false);
  let events = 0;
  if (state === 'CLOSED' || (readClosed && writeClosed)) events |= POLLHUP;
  if (readClosed) events |= POLLIN | POLLRDHUP;
  if (connection?.isDeferred ?? false) events |= POLLOUT;
  if (state !== 'SYN-SENT' && (state !== 'SYN-RECEIVED' || connection!.isFastOpenChild)) {
    if (connection?.isReadable ?? false) events |= POLLIN;
    if (writeClosed || (connection?.isWritable ?? true)) events |= POLLOUT;
    if (connection?.hasUrgent ?? false) events |= POLLPRI;
  }
  if (socket.past.error !== 0 || (connection?.error ?? 0) !== 0) events |= POLLERR;
  return events;
}
