/**
 * Blocking socket calls for programs: `yield* recv(socket, 1000)`. Each tries the non-blocking call and yields a
 * {@link Wait} while that says EAGAIN, as the kernel puts a process to sleep. Results are those of the man pages:
 * 0 or more, or minus an errno; nothing here throws.
 */
import { EAGAIN, EALREADY, EINPROGRESS } from '../network/errno.ts';
import { EMPTY, type Payload } from '../packet/payload.ts';
import { type Nanos, NEVER, parseDuration } from '../sim/time.ts';
import {
  type Endpoint,
  MSG_DONTWAIT,
  MSG_FASTOPEN,
  POLLERR,
  POLLHUP,
  POLLOUT,
  type Received,
  type Socket,
} from './api.ts';
import type { Running, Waitable } from './program.ts';

/** A span: integer nanoseconds, or text such as `10ms`. */
export type Span = Nanos | string;

/** The next completed connection of a listener. @returns a socket or minus an errno (EINVAL, EMFILE, ...) */
export function* accept(listener: Socket): Running<Socket | number> {
  for (;;) {
    const accepted = listener.accept();
    if (accepted !== -EAGAIN) return accepted;
    yield waitFor('accept', listener);
  }
}

/**
 * Connects, for TCP until the handshake is over.
 * @returns 0 or minus an errno (ECONNREFUSED, ETIMEDOUT, ...)
 */
export function* connect(socket: Socket, remote: Endpoint): Running {
  let result = socket.connect(remote);
  while (result === -EINPROGRESS || result === -EALREADY) {
    yield waitFor('connect', socket);
    result = socket.resumeConnect(remote);
  }
  return result;
}

/**
 * At least one byte of a stream, or one datagram.
 * @param size of the caller's buffer, bytes
 * @returns what came (`data.size` 0 at the end of a stream), or minus an errno
 */
export function* recv(socket: Socket, size: number, flags: number = 0): Running<Received | number> {
  for (;;) {
    const received = socket.recv(size, flags);
    if (received !== -EAGAIN || (flags & MSG_DONTWAIT) !== 0) return received;
    yield waitFor('recv', socket);
  }
}

/** Like {@link recv}, but gives up after `timeout` with -EAGAIN, as SO_RCVTIMEO makes it. */
export function* recvWithin(socket: Socket, size: number, timeout: Span): Running<Received | number> {
  let left = nanosOf(timeout);
  for (;;) {
    const received = socket.recv(size);
    if (received !== -EAGAIN || left <= 0) return received;
    left = yield { call: `recv(fd ${socket.fd})`, on: [socket], timeout: left, until: NEVER };
  }
}

/**
 * Exactly `size` bytes of a stream (MSG_WAITALL).
 * @returns the bytes, fewer only when the stream ended before; or minus an errno
 */
export function* recvExactly(socket: Socket, size: number): Running<Payload | number> {
  let data: Payload = EMPTY;
  while (data.size < size) {
    const received = yield* recv(socket, size - data.size);
    if (typeof received === 'number') return received;
    if (received.data.size === 0) break;
    data = data.concat(received.data);
  }
  return data;
}

/**
 * Sends all of `data`: a stream waits for room as often as it takes, a datagram goes in one call.
 * @param to where a datagram goes; null for the connected peer
 * @returns the bytes taken (fewer than `data.size` when an error came after some), or minus an errno
 */
export function* sendAll(
  socket: Socket,
  data: Payload,
  flags: number = 0,
  to: Endpoint | null = null,
): Running {
  let taken = 0;
  let asked = flags;
  do {
    const result = socket.send(data.slice(taken), asked, to);
    if (result >= 0) taken += result;
    else if (result !== -EAGAIN && result !== -EINPROGRESS) return taken > 0 ? taken : result;
    if ((flags & MSG_DONTWAIT) !== 0) return taken > 0 ? taken : result;
    if (result !== -EAGAIN && isConnecting(socket)) {
      const error = yield* connected(socket);
      if (error < 0) return error; // this very write connects, and fails if that fails, whatever the SYN took
    } else if (taken < data.size) yield waitFor('send', socket);
    asked = flags & ~MSG_FASTOPEN;
  } while (taken < data.size);
  return taken;
}

/** A write in Fast Open's manner has begun to connect (RFC 7413 4.2.1). */
function isConnecting(socket: Socket): boolean {
  const isStream = socket.kind === 'tcp' || socket.kind === 'tcp6';
  return isStream && (socket.poll() & POLLOUT) === 0 && typeof socket.peerName() === 'number';
}

/** Waits for the end of a handshake. @returns 0 or minus an errno */
function* connected(socket: Socket): Running {
  while ((socket.poll() & (POLLOUT | POLLERR | POLLHUP)) === 0) yield waitFor('connect', socket);
  return -Number(socket.getOption('SO_ERROR'));
}

/** What {@link poll} is to look for at one socket. */
export interface PollRequest {
  readonly socket: Waitable;
  /** POLLIN | POLLOUT | ...; POLLERR and POLLHUP are always reported. */
  readonly events: number;
}

/**
 * poll(2): waits until one of `requests` is ready or the time is over.
 * @param timeout default: no limit; 0 only looks
 * @returns the ready events of each request, in its order; all 0 when the time was over
 */
export function* poll(requests: readonly PollRequest[], timeout: Span = NEVER): Running<number[]> {
  let left = nanosOf(timeout);
  const on = requests.map((request) => request.socket);
  for (;;) {
    const ready = requests.map(({ socket, events }) => socket.poll() & (events | POLLERR | POLLHUP));
    if (left <= 0 || ready.some((events) => events !== 0)) return ready;
    left = yield { call: 'poll', on, timeout: left, until: NEVER };
  }
}

/** Does nothing for a while. */
export function* sleep(span: Span): Running<void> {
  let left = nanosOf(span);
  if (!(left > 0)) left = 0; // others have their turn all the same, and a loop around it counts as events
  do left = yield { call: 'sleep', on: [], timeout: left, until: NEVER };
  while (left > 0);
}

/** Does nothing until an instant of the run; returns at once when it is past. */
export function* until(time: Span): Running<void> {
  const instant = nanosOf(time);
  let left: Nanos;
  do left = yield { call: 'sleep', on: [], timeout: NEVER, until: instant };
  while (left > 0);
}

/** Nanoseconds of a span that may be text. @throws ConfigError for text that is no duration */
export function nanosOf(span: Span): Nanos {
  return typeof span === 'number' ? Math.round(span) : parseDuration(span);
}

function waitFor(call: string, socket: Socket) {
  return { call: `${call}(fd ${socket.fd})`, on: [socket], timeout: NEVER, until: NEVER };
}
