/**
 * send(2) and recv(2) of TCP as far as states go: which error, and whether bytes move. The specification has no bytes: it
 * is told how many wait. Kernel: tcp_sendmsg, tcp_recvmsg.
 */
import type { ErrnoName } from '../../network/errno.ts';
import { defined } from '../profile.ts';
import { emitSegment } from './emit.ts';
import type { SpecProfile } from './profile.ts';
import type { SpecState } from './state.ts';
import { type DraftSocket, type Step, step, take } from './step.ts';

export interface ReceiveCall {
  readonly socket: number;
  readonly size: number;
  /** Bytes received and not read yet. */
  readonly unread: number;
}

/** K47: bytes come before the end of the stream, that before a pending error, that before ENOTCONN. @returns bytes */
export function receiveTcp(state: SpecState, call: ReceiveCall, profile: SpecProfile): Step {
  return step(state, ({ draft }) => {
    const socket = take(draft, call.socket);
    if (profile.name !== 'linux') {
      if (isUnconnected(socket)) return 'ENOTCONN';
      const isOpen = call.unread > 0 && socket.shut.read && socket.state !== 'CLOSED';
      if (isOpen)
        defined(profile, profile.calls.readAfterShutdown, 'recv() of bytes after shutdown(SHUT_RD)');
    }
    if (socket.state === 'LISTEN') return 'ENOTCONN';
    if (call.unread > 0) return Math.min(call.size, call.unread);
    if (socket.finished) return 0;
    const errno = takeError(socket);
    if (errno !== null) return errno;
    if (socket.shut.read) return 0;
    return socket.state === 'CLOSED' ? 'ENOTCONN' : 'EAGAIN';
  });
}

export interface StreamCall {
  readonly socket: number;
  readonly size: number;
}

/** K48: a pending error comes first; before the connection stands EAGAIN, after its end EPIPE. @returns bytes */
export function sendTcp(state: SpecState, call: StreamCall, profile: SpecProfile): Step {
  return step(state, (work) => {
    const socket = take(work.draft, call.socket);
    if (profile.name !== 'linux' && isUnconnected(socket)) return profile.calls.sendUnconnected;
    const isOpening = socket.state === 'SYN-SENT' || socket.state === 'SYN-RECEIVED';
    if (isOpening && socket.shut.write) return 'EAGAIN';
    const errno = takeError(socket);
    if (errno !== null) return errno;
    if (isOpening) return 'EAGAIN';
    if ((socket.state !== 'ESTABLISHED' && socket.state !== 'CLOSE-WAIT') || socket.shut.write)
      return 'EPIPE';
    if (call.size > 0) emitSegment(work, socket, 'data', call.size);
    return call.size;
  });
}

/** R18: no connection yet; one that has ended is another matter. */
function isUnconnected({ state, phase }: DraftSocket): boolean {
  if (state === 'LISTEN' || state === 'SYN-SENT' || state === 'SYN-RECEIVED') return true;
  return state === 'CLOSED' && phase === 'unconnected';
}

function takeError(socket: DraftSocket): ErrnoName | null {
  const { error } = socket;
  socket.error = null;
  return error;
}
