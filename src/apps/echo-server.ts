/** The echo service (RFC 862): what comes in goes back, over TCP or UDP. */
import { ANY_V4 } from '../packet/ip-address.ts';
import type { Socket } from '../sockets/api.ts';
import { recv, sendAll } from '../sockets/blocking.ts';
import type { ProgramContext, Running } from '../sockets/program.ts';
import { app, fail } from './app.ts';
import { acceptLoop, boundDatagramSocket, listenAt } from './sockets.ts';

const BUFFER_SIZE = 65536;

type EchoStatistics = {
  connections: number;
  /** Pieces of a stream as they were received, or datagrams. */
  messages: number;
  bytes: number;
};

export const echoServer = app({
  name: 'echo-server',
  doc: 'Sends back whatever it receives (RFC 862).',
  parameters: {
    protocol: { type: 'choice', choices: ['tcp', 'udp'], default: 'tcp', doc: 'Transport protocol.' },
    address: {
      type: 'address',
      default: ANY_V4,
      doc: 'Local address; 0.0.0.0 takes all of IPv4, :: those of both families.',
    },
    port: { type: 'port', default: 7, doc: 'Local port.' },
  },
  statistics: (): EchoStatistics => ({ connections: 0, messages: 0, bytes: 0 }),
  *run(context, { protocol, address, port }, statistics) {
    if (protocol === 'udp') {
      const socket = boundDatagramSocket(context, address, port);
      return typeof socket === 'number'
        ? fail(context, 'bind', socket)
        : yield* echoDatagrams(context, socket, statistics);
    }
    const listener = listenAt(context, address, port);
    if (typeof listener === 'number') return fail(context, 'listen', listener);
    return yield* acceptLoop(context, listener, (connection) => {
      statistics.connections++;
      return echoStream(connection, statistics);
    });
  },
});

function* echoStream(connection: Socket, statistics: EchoStatistics): Running<void> {
  for (;;) {
    const received = yield* recv(connection, BUFFER_SIZE);
    if (typeof received === 'number' || received.data.size === 0) return;
    statistics.messages++;
    statistics.bytes += received.data.size;
    if ((yield* sendAll(connection, received.data)) < 0) return;
  }
}

function* echoDatagrams(context: ProgramContext, socket: Socket, statistics: EchoStatistics): Running {
  for (;;) {
    const received = yield* recv(socket, BUFFER_SIZE);
    if (typeof received === 'number') return fail(context, 'recvfrom', received);
    statistics.messages++;
    statistics.bytes += received.data.size;
    yield* sendAll(socket, received.data, 0, received.from);
  }
}
