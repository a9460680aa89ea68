/**
 * listen(2) and accept(2) on a TCP socket (rules L17-L19). Kernel: inet_listen, inet_csk_listen_start, inet_csk_accept.
 */
import { EAGAIN, EINVAL, EMFILE } from '../../network/errno.ts';
import type { Socket } from '../api.ts';
import { ListenQueue } from './listen-queue.ts';
import { acceptResetBy, backlogBy, refusesListen } from './other-systems.ts';
import type { TcpSocket } from './tcp-socket.ts';

/** listen(2): the port must pass its check again (L17). @returns 0 or minus an errno */
export function startListening(socket: TcpSocket, backlog: number): number {
  const { rules } = socket.layer;
  const refused = rules === null ? 0 : refusesListen(rules.profile, socket);
  if (refused !== 0) return refused;
  if (socket.phase !== 'unconnected') return -EINVAL;
  const limit = socket.layer.limits.somaxconn;
  const most = backlog < 0 ? limit : Math.min(backlog, limit);
  const admitted = rules === null ? most : backlogBy(rules.profile, backlog, limit);
  if (socket.queue !== null) {
    socket.queue.backlog = admitted;
    return 0;
  }
  if (socket.state !== 'CLOSED') return -EINVAL;
  if (socket.localPort === 0 && !socket.layer.mayListenUnbound) return -EINVAL;
  socket.state = 'LISTEN';
  const { ports, listeners } = socket.layer.tcp;
  const result = socket.localPort === 0 ? ports.bind(socket, 0) : ports.listenAgain(socket);
  if (result < 0) {
    socket.state = 'CLOSED';
    return result;
  }
  socket.shownPort = socket.localPort;
  socket.queue = new ListenQueue(admitted, socket.forsakenChildren);
  listeners.add(socket);
  socket.layer.drops.tap?.transition?.('CLOSED', 'LISTEN');
  return 0;
}

/** accept(2): the oldest completed child. @returns it, or minus an errno */
export function acceptChild(listener: TcpSocket): Socket | number {
  if (listener.queue === null) return -EINVAL;
  if (listener.queue.waiting === 0) return -EAGAIN;
  if (listener.owner!.isFull) return -EMFILE;
  const child = listener.queue.shift()!;
  const { rules } = listener.layer;
  const reset = rules === null || child.state !== 'CLOSED' ? 0 : acceptResetBy(rules.profile, child);
  if (reset !== 0) return reset;
  child.uid = listener.owner!.uid;
  child.isOrphan = false;
  child.phase = 'connected';
  child.connection?.accepted();
  listener.owner!.adopt(child);
  return child;
}
