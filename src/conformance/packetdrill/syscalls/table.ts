/** Every system call of the language and who runs it. */
import type { SystemCallName } from '../symbols.ts';
import type { CallHandler } from './call-context.ts';
import { fcntl, ioctl } from './control.ts';
import { read, readv, recv, recvfrom, recvmsg, send, sendmsg, sendto, write, writev } from './data.ts';
import { accept, bind, close, connect, listen, shutdown, socket } from './lifecycle.ts';
import { epollCreate, epollCtl, epollWait, poll } from './polling.ts';
import { getsockopt, setsockopt } from './socket-options.ts';

export const CALL_HANDLERS: Readonly<Record<SystemCallName, CallHandler>> = {
  socket,
  bind,
  listen,
  accept,
  connect,
  read,
  readv,
  recv,
  recvfrom,
  recvmsg,
  write,
  writev,
  send,
  sendto,
  sendmsg,
  fcntl,
  ioctl,
  close,
  shutdown,
  getsockopt,
  setsockopt,
  poll,
  epoll_create: epollCreate,
  epoll_ctl: epollCtl,
  epoll_wait: epollWait,
};
