/** The first calls of most programs: a listener, a connection, a bound datagram socket. */
import type { IpAddress } from '../packet/ip-address.ts';
import type { Endpoint, Socket, SocketKind } from '../sockets/api.ts';
import { accept, connect } from '../sockets/blocking.ts';
import type { ProgramContext, Running } from '../sockets/program.ts';
import { fail } from './app.ts';

const BACKLOG = 128;

/** The socket for an address: with :: it is one of both families, as AF_INET6 sockets are unless told otherwise. */
export function kindFor(protocol: 'tcp' | 'udp', address: IpAddress): SocketKind {
  return address.family === 6 ? `${protocol}6` : protocol;
}

/** socket(), SO_REUSEADDR as servers do, bind(), listen(). @returns the listener or minus an errno */
export function listenAt(context: ProgramContext, address: IpAddress, port: number): Socket | number {
  const listener = context.process.socket(kindFor('tcp', address));
  if (typeof listener === 'number') return listener;
  listener.setOption('SO_REUSEADDR', 1);
  const result = listener.bind({ address, port });
  return result < 0 ? result : orError(listener.listen(BACKLOG), listener);
}

/** socket(), bind(). @returns the socket or minus an errno */
export function boundDatagramSocket(
  context: ProgramContext,
  address: IpAddress,
  port: number,
): Socket | number {
  const socket = context.process.socket(kindFor('udp', address));
  return typeof socket === 'number' ? socket : orError(socket.bind({ address, port }), socket);
}

/** The parameter of clients that bind() before they connect(). */
export const FROM = {
  type: 'endpoint',
  default: null,
  doc: 'Local endpoint to bind to first; without it the kernel chooses.',
} as const;

/** socket(), bind() if `from` is given, connect(). @returns the connected socket, or minus an errno with it closed */
export function* connectTo(
  context: ProgramContext,
  kind: 'tcp' | 'udp',
  to: Endpoint,
  from: Endpoint | null = null,
): Running<Socket | number> {
  const socket = context.process.socket(kindFor(kind, to.address));
  if (typeof socket === 'number') return socket;
  const bound = from === null ? 0 : socket.bind(from);
  return orError(bound < 0 ? bound : yield* connect(socket, to), socket);
}

/**
 * Accepts for ever, each connection in a thread of its own, which closes it when `serve` is done.
 * @returns the exit status when accept() fails
 */
export function* acceptLoop(
  context: ProgramContext,
  listener: Socket,
  serve: (connection: Socket) => Running<void>,
): Running {
  for (;;) {
    const connection = yield* accept(listener);
    if (typeof connection === 'number') return fail(context, 'accept', connection);
    context.spawn(function* () {
      yield* serve(connection);
      connection.close();
    });
  }
}

function orError(result: number, socket: Socket): Socket | number {
  if (result >= 0) return socket;
  socket.close();
  return result;
}
