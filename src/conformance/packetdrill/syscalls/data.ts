/**
 * read, write, recv, send and their relatives. Data is zeros in both directions; a buffer is `...` and its size, or a
 * list of such pieces (`msg_iov`, readv, writev) whose sizes add up.
 */
import { EAGAIN, EFAULT } from '../../../network/errno.ts';
import { EMPTY, Payload } from '../../../packet/payload.ts';
import { NEVER } from '../../../sim/time.ts';
import { type Endpoint, MSG_DONTWAIT, POLLIN, type Socket } from '../../../sockets/api.ts';
import { recv as blockingRecv, recvExactly, sendAll } from '../../../sockets/blocking.ts';
import type { Running } from '../../../sockets/program.ts';
import type { Expression } from '../ast.ts';
import { addressForSocket } from '../family.ts';
import { MESSAGE_FLAGS } from '../symbols.ts';
import type { CallContext } from './call-context.ts';

/** POLLIN, POLLERR and POLLHUP. */
const READABLE = 0x019;

const { MSG_WAITALL, MSG_FASTOPEN, MSG_ZEROCOPY, MSG_ERRQUEUE, MSG_PEEK } = MESSAGE_FLAGS;

/** read(fd, ..., size) */
export function* read(context: CallContext): Running {
  context.expectArguments(3);
  return yield* receive(context, bufferSize(context, 1, 2), 0);
}

/** recv(fd, ..., size, flags) */
export function* recv(context: CallContext): Running {
  context.expectArguments(4);
  return yield* receive(context, bufferSize(context, 1, 2), context.integer(3));
}

/** recvfrom(fd, ..., size, flags, ..., ...) */
export function* recvfrom(context: CallContext): Running {
  context.expectArguments(6);
  return yield* receive(context, bufferSize(context, 1, 2), context.integer(3));
}

/** readv(fd, [{..., size}, …], count) */
export function* readv(context: CallContext): Running {
  context.expectArguments(3);
  return yield* receive(context, piecesSize(context, context.arg(1), context.integer(2)), 0);
}

/** recvmsg(fd, {msg_iov(1)=[…], …}, flags) */
export function* recvmsg(context: CallContext): Running {
  context.expectArguments(3);
  return yield* receive(context, messageSize(context, 1), context.integer(2));
}

/** write(fd, ..., size) */
export function* write(context: CallContext): Running {
  context.expectArguments(3);
  return yield* transmit(context, bufferSize(context, 1, 2), 0, null);
}

/** send(fd, ..., size, flags) */
export function* send(context: CallContext): Running {
  context.expectArguments(4);
  return yield* transmit(context, bufferSize(context, 1, 2), context.integer(3), null);
}

/** sendto(fd, ..., size, flags, ..., ...): `...` is the script's remote end, NULL is none. */
export function* sendto(context: CallContext): Running {
  context.expectArguments(6);
  const { host, settings } = context.env;
  const remote = addressForSocket(settings.family, host.remote);
  const to = context.isEllipsis(4) ? { address: remote, port: settings.connectPort } : null;
  return yield* transmit(context, bufferSize(context, 1, 2), context.integer(3), to);
}

/** writev(fd, [{..., size}, …], count) */
export function* writev(context: CallContext): Running {
  context.expectArguments(3);
  return yield* transmit(context, piecesSize(context, context.arg(1), context.integer(2)), 0, null);
}

/** sendmsg(fd, {msg_iov(1)=[…], …}, flags) */
export function* sendmsg(context: CallContext): Running {
  context.expectArguments(3);
  return yield* transmit(context, messageSize(context, 1), context.integer(2), null);
}

function* receive(context: CallContext, size: number | null, flags: number): Running {
  const file = context.socketFile();
  if (typeof file === 'number') return file;
  if (size === null) return (file.socket.poll() & POLLIN) === 0 ? -EAGAIN : -EFAULT; // copied to only with data
  if ((flags & MSG_ERRQUEUE) !== 0) context.fail(context.call.at, 'MSG_ERRQUEUE is not built');
  const isBlocking = !file.nonblocking && (flags & MSG_DONTWAIT) === 0;
  if (!isBlocking) return sizeOf(file.socket.recv(size, flags & ~MSG_WAITALL));
  if ((flags & MSG_WAITALL) !== 0 && (flags & MSG_PEEK) === 0) {
    return sizeOf(yield* recvExactly(file.socket, size));
  }
  yield* awaitLowWater(file.socket, size);
  return sizeOf(yield* blockingRecv(file.socket, size, flags & ~MSG_WAITALL));
}

/** SO_RCVLOWAT: a blocking read of more waits for so much, or for the end (socket(7)). */
function* awaitLowWater(socket: Socket, size: number): Running<void> {
  const lowWater = Number(socket.getOption('SO_RCVLOWAT'));
  if (lowWater <= 1 || size < lowWater) return;
  while ((socket.poll() & READABLE) === 0) {
    yield { call: 'recv', on: [socket], timeout: NEVER, until: NEVER };
  }
}

function sizeOf(received: { readonly data: Payload } | Payload | number): number {
  if (typeof received === 'number') return received;
  return 'data' in received ? received.data.size : received.size;
}

function* transmit(context: CallContext, size: number | null, flags: number, to: Endpoint | null): Running {
  const file = context.socketFile();
  if (typeof file === 'number') return file;
  if (size === null) return -EFAULT;
  const sent = flags & ~MSG_ZEROCOPY; // nothing is copied here in any case
  const data = size === 0 ? EMPTY : Payload.zeros(size);
  if ((flags & MSG_FASTOPEN) !== 0 && to !== null) context.env.flows.onConnect(file.socket, to.port);
  const isBlocking = !file.nonblocking && (flags & MSG_DONTWAIT) === 0;
  if (!isBlocking) return file.socket.send(data, sent | MSG_DONTWAIT, to);
  return yield* sendAll(file.socket, data, sent, to);
}

/** The size behind a buffer argument: null when the buffer is NULL and the size is not 0. */
function bufferSize(context: CallContext, buffer: number, size: number): number | null {
  const bytes = context.integer(size);
  const argument = context.arg(buffer);
  if (argument.kind === 'ellipsis' || argument.kind === 'string') return bytes;
  if (argument.kind === 'number' && argument.value === 0) return bytes === 0 ? 0 : null;
  return context.fail(argument.at, 'this is no buffer', '..., NULL or "text"');
}

const MESSAGE_FIELDS = ['msg_name', 'msg_iov', 'msg_flags', 'msg_control'];

function messageSize(context: CallContext, index: number): number {
  const message = context.structOf(context.arg(index));
  let size = 0;
  for (const { at, name, argument, value } of message.fields) {
    if (!MESSAGE_FIELDS.includes(name))
      context.fail(at, `unknown field '${name}'`, MESSAGE_FIELDS.join(', '));
    if (name === 'msg_control') context.fail(at, 'msg_control is not built');
    if (name === 'msg_iov') {
      const count = argument === null ? null : context.integerOf(argument);
      size = piecesSize(context, value, count);
    }
  }
  return size;
}

/** `[{..., 40}, {..., 20}]`: the sum of the sizes. */
function piecesSize(context: CallContext, list: Expression, count: number | null): number {
  if (list.kind !== 'list') context.fail(list.at, 'this is no list of buffers', '[{..., size}, …]');
  if (count !== null && count !== list.items.length) {
    context.fail(list.at, `there are ${list.items.length} buffers, not ${count}`);
  }
  let total = 0;
  for (const item of list.items) {
    const { fields } = context.structOf(item);
    const size = fields[1]?.value;
    if (fields.length !== 2 || size === undefined) context.fail(item.at, 'this is no buffer', '{..., size}');
    total += context.integerOf(size);
  }
  return total;
}
