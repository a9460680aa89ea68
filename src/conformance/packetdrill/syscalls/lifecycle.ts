/** socket, bind, listen, accept, connect, shutdown, close: how sockets come, get their addresses, and go. */
import { EBADF, EINVAL, EPROTONOSUPPORT } from '../../../network/errno.ts';
import { ANY_V4, ANY_V6, IpAddress } from '../../../packet/ip-address.ts';
import { ConfigError } from '../../../sim/errors.ts';
import { NEVER, SECOND } from '../../../sim/time.ts';
import type { Endpoint, Socket } from '../../../sockets/api.ts';
import { accept as blockingAccept, connect as blockingConnect } from '../../../sockets/blocking.ts';
import type { Running } from '../../../sockets/program.ts';
import { addressForSocket, streamKind } from '../family.ts';
import type { CallContext } from './call-context.ts';

const AF_UNSPEC = 0;
const AF_INET = 2;
const AF_INET6 = 10;
const SOCK_STREAM = 1;
const SOCK_TYPES = 0xf;
const SOCK_NONBLOCK = 0o4000;
const PROTOCOL_TCP = 6;

/** socket(..., SOCK_STREAM, IPPROTO_TCP) */
export function socket(context: CallContext): number {
  context.expectArguments(3);
  const asked = context.env.settings.family === 'ipv4' ? AF_INET : AF_INET6;
  const family = context.isEllipsis(0) ? asked : context.integer(0);
  const type = context.integer(1);
  const protocol = context.integer(2);
  if (family !== asked) context.fail(context.arg(0).at, 'this family is not that of the script', '...');
  if ((type & SOCK_TYPES) !== SOCK_STREAM) context.fail(context.arg(1).at, 'only SOCK_STREAM is built');
  if (protocol !== PROTOCOL_TCP && protocol !== 0) return -EPROTONOSUPPORT;
  const made = context.env.host.process.socket(streamKind(context.env.settings.family));
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
  const own = addressForSocket(settings.family, host.local);
  const local = explicitAddress(context, 1) ?? { address: own, port: settings.bindPort };
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
  const made = host.process.socket(streamKind(settings.family));
  if (typeof made === 'number') return;
  made.setOption('SO_REUSEADDR', 1);
  made.bind({ address: addressForSocket(settings.family, host.local), port: settings.bindPort });
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
  const other = addressForSocket(settings.family, host.remote);
  const remote = explicitAddress(context, 1) ?? { address: other, port: settings.connectPort };
  flows.onConnect(file.socket, remote.port);
  return file.nonblocking ? file.socket.connect(remote) : yield* blockingConnect(file.socket, remote);
}

const ADDRESS_FIELDS = ['sa_family', 'sin_family', 'sin_port', 'sin_addr'];
const ADDRESS_FIELDS6 = ['sa_family', 'sin6_family', 'sin6_port', 'sin6_addr'];

/**
 * `{sa_family = AF_INET, sin_port = htons(80), sin_addr = inet_addr("10.0.0.1")}`, or with AF_INET6, sin6_port and
 * `sin6_addr = inet_pton(AF_INET6, "fd00::1")`; null for `...`.
 */
function explicitAddress(context: CallContext, index: number): Endpoint | null {
  if (context.isEllipsis(index)) return null;
  const isIpv4 = context.env.settings.family === 'ipv4';
  const fields = context.fieldsOf(context.arg(index), isIpv4 ? ADDRESS_FIELDS : ADDRESS_FIELDS6);
  const port = fields.get(isIpv4 ? 'sin_port' : 'sin6_port');
  const address = fields.get(isIpv4 ? 'sin_addr' : 'sin6_addr');
  return {
    port: port === undefined ? 0 : context.integerOf(port.kind === 'apply' ? port.args[0]! : port),
    address: address === undefined ? (isIpv4 ? ANY_V4 : ANY_V6) : addressOf(context, address),
  };
}

function addressOf(context: CallContext, expression: ReturnType<CallContext['arg']>): IpAddress {
  const text = expression.kind === 'apply' ? expression.args.at(-1) : expression;
  const family = context.env.settings.family === 'ipv4' ? 4 : 6;
  try {
    const address = text?.kind === 'string' ? IpAddress.parse(text.value) : null;
    if (address?.family === family) return address;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
  }
  const example = family === 4 ? 'inet_addr("10.0.0.1")' : 'inet_pton(AF_INET6, "fd00::1")';
  return context.fail(expression.at, 'this is no address', example);
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
