/** socket, bind, listen, accept, connect, shutdown, close: how sockets come, get their addresses, and go. */
import { EBADF, EINVAL, EPROTONOSUPPORT } from '../../../network/errno.ts';
import { ANY_V4, IpAddress } from '../../../packet/ip-address.ts';
import { NEVER, SECOND } from '../../../sim/time.ts';
import type { Endpoint, Socket } from '../../../sockets/api.ts';
import { accept as blockingAccept, connect as blockingConnect } from '../../../sockets/blocking.ts';
import type { Running } from '../../../sockets/program.ts';
import type { CallContext } from './call-context.ts';

const AF_UNSPEC = 0;
const AF_INET = 2;
const SOCK_STREAM = 1;
const SOCK_TYPES = 0xf;
const SOCK_NONBLOCK = 0o4000;
const PROTOCOL_TCP = 6;

/** socket(..., SOCK_STREAM, IPPROTO_TCP) */
export function socket(context: CallContext): number {
  context.expectArguments(3);
  const family = context.isEllipsis(0) ? AF_INET : context.integer(0);
  const type = context.integer(1);
  const protocol = context.integer(2);
  if (family !== AF_INET) context.fail(context.arg(0).at, 'only AF_INET is built', '... or AF_INET');
  if ((type & SOCK_TYPES) !== SOCK_STREAM) context.fail(context.arg(1).at, 'only SOCK_STREAM is built');
  if (protocol !== PROTOCOL_TCP && protocol !== 0) return -EPROTONOSUPPORT;
  const made = context.env.host.process.socket('tcp');
  if (typeof made === 'number') return made;
  context.env.files.addSocket(context.call.result, made, (type & SOCK_NONBLOCK) !== 0);
  context.env.flows.onSocket(made);
  return context.call.result;
}

/** bind(fd, ..., ...) takes the local address and the script's port; or an explicit address. */
export function bind(context: CallContext): number {
  context.expectArguments(3);
  const file = context.socketFile();
  if (typeof file === 'number') return file;
  const { host, settings } = context.env;
  const local = explicitAddress(context, 1) ?? { address: host.local, port: settings.bindPort };
  const result = file.socket.bind(local);
  if (result >= 0) context.env.flows.onBind(local.port);
  return result;
}

/**
 * listen(fd, backlog). A descriptor that the script never opened is opened and bound first: scripts adapted from other
 * systems begin in CLOSED with the opening calls cut out, and show by a later listen() that the socket is well.
 */
export function listen(context: CallContext): number {
  context.expectArguments(2);
  openIfUnknown(context);
  const file = context.socketFile();
  if (typeof file === 'number') return file;
  const result = file.socket.listen(context.integer(1));
  if (result >= 0) context.env.flows.onListen(file.socket);
  return result;
}

function openIfUnknown(context: CallContext): void {
  const { files, host, settings } = context.env;
  const fd = context.integer(0);
  if (files.wasOpened(fd)) return;
  const made = host.process.socket('tcp');
  if (typeof made === 'number') return;
  made.setOption('SO_REUSEADDR', 1);
  made.bind({ address: host.local, port: settings.bindPort });
  files.addSocket(fd, made, false);
}

/** accept(fd, ..., ...) */
export function* accept(context: CallContext): Running {
  context.expectArguments(3);
  const file = context.socketFile();
  if (typeof file === 'number') return file;
  const accepted: Socket | number = file.nonblocking
    ? file.socket.accept()
    : yield* blockingAccept(file.socket);
  if (typeof accepted === 'number') return accepted;
  context.env.files.addSocket(context.call.result, accepted, false);
  context.env.flows.onAccept(accepted);
  return context.call.result;
}

/** connect(fd, ..., ...) to the script's remote end; connect(fd, AF_UNSPEC, ...) ends a connection. */
export function* connect(context: CallContext): Running {
  context.expectArguments(3);
  const file = context.socketFile();
  if (typeof file === 'number') return file;
  const target = context.arg(1);
  if (target.kind === 'number') {
    if (target.value !== AF_UNSPEC) context.fail(target.at, 'this is no address', '..., AF_UNSPEC or {…}');
    return file.socket.disconnect();
  }
  const { host, settings, flows } = context.env;
  const remote = explicitAddress(context, 1) ?? { address: host.remote, port: settings.connectPort };
  flows.onConnect(file.socket, remote.port);
  return file.nonblocking ? file.socket.connect(remote) : yield* blockingConnect(file.socket, remote);
}

const ADDRESS_FIELDS = ['sa_family', 'sin_family', 'sin_port', 'sin_addr'];

/** `{sa_family = AF_INET, sin_port = htons(80), sin_addr = inet_addr("10.0.0.1")}`, or null for `...`. */
function explicitAddress(context: CallContext, index: number): Endpoint | null {
  if (context.isEllipsis(index)) return null;
  const fields = context.fieldsOf(context.arg(index), ADDRESS_FIELDS);
  const port = fields.get('sin_port');
  const address = fields.get('sin_addr');
  return {
    port: port === undefined ? 0 : context.integerOf(port.kind === 'apply' ? port.args[0]! : port),
    address: address === undefined ? ANY_V4 : addressOf(context, address),
  };
}

function addressOf(context: CallContext, expression: ReturnType<CallContext['arg']>): IpAddress {
  const text = expression.kind === 'apply' ? expression.args.at(-1) : expression;
  if (text?.kind === 'string' && /^\d+(\.\d+){3}$/.test(text.value)) return IpAddress.parse(text.value);
  return context.fail(expression.at, 'this is no address', 'inet_addr("10.0.0.1")');
}

/** shutdown(fd, SHUT_WR) */
export function shutdown(context: CallContext): number {
  context.expectArguments(2);
  const file = context.socketFile();
  if (typeof file === 'number') return file;
  const how = (['rd', 'wr', 'rdwr'] as const)[context.integer(1)];
  return how === undefined ? -EINVAL : file.socket.shutdown(how);
}

/** close(fd). With SO_LINGER a blocking socket waits until all is acknowledged or the time is over (socket(7)). */
export function* close(context: CallContext): Running {
  context.expectArguments(1);
  const { files, host } = context.env;
  const fd = context.integer(0);
  const file = files.get(fd);
  if (file === undefined) return -EBADF;
  files.remove(fd);
  if (file.kind === 'epoll') return 0;
  const linger = file.nonblocking ? 0 : Number(file.socket.getOption('SO_LINGER'));
  const result = file.socket.close();
  let left = linger * SECOND;
  while (left > 0 && host.isLingering(file.socket)) {
    left = yield { call: `close(fd ${fd})`, on: [file.socket], timeout: left, until: NEVER };
  }
  return result;
}
