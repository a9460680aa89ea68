/** Answers requests of a fixed size with responses of a fixed size: the server of request-response studies. */
import { ANY_V4 } from '../packet/ip-address.ts';
import { Payload } from '../packet/payload.ts';
import type { Nanos } from '../sim/time.ts';
import type { Socket } from '../sockets/api.ts';
import { recv, recvExactly, sendAll, sleep } from '../sockets/blocking.ts';
import type { ProgramContext, Running } from '../sockets/program.ts';
import { app, fail } from './app.ts';
import { acceptLoop, boundDatagramSocket, listenAt } from './sockets.ts';

type RequestServerStatistics = { connections: number; requests: number; bytesIn: number; bytesOut: number };

interface Service {
  readonly requestSize: number;
  readonly response: Payload;
  readonly work: Nanos;
  readonly statistics: RequestServerStatistics;
}

const BUFFER_SIZE = 65536;

export const requestServer = app({
  name: 'request-server',
  doc: 'Answers every request with a response of a fixed size.',
  parameters: {
    protocol: { type: 'choice', choices: ['tcp', 'udp'], default: 'tcp', doc: 'Transport protocol.' },
    address: {
      type: 'address',
      default: ANY_V4,
      doc: 'Local address; 0.0.0.0 takes all of IPv4, :: those of both families.',
    },
    port: { type: 'port', default: 7000, doc: 'Local port.' },
    'request-size': {
      type: 'size',
      default: 100,
      min: 1,
      doc: 'Bytes of a request; the client has the same.',
    },
    'response-size': {
      type: 'size',
      default: 1000,
      min: 1,
      doc: 'Bytes of a response; the client has the same.',
    },
    work: { type: 'duration', default: 0, doc: 'Time between a request and its response.' },
  },
  statistics: (): RequestServerStatistics => ({ connections: 0, requests: 0, bytesIn: 0, bytesOut: 0 }),
  *run(context, parameters, statistics) {
    const { protocol, address, port, work } = parameters;
    const response = Payload.zeros(parameters['response-size']);
    const service = { requestSize: parameters['request-size'], response, work, statistics };
    if (protocol === 'udp') {
      const socket = boundDatagramSocket(context, address, port);
      return typeof socket === 'number'
        ? fail(context, 'bind', socket)
        : yield* serveDatagrams(context, socket, service);
    }
    const listener = listenAt(context, address, port);
    if (typeof listener === 'number') return fail(context, 'listen', listener);
    return yield* acceptLoop(context, listener, (connection) => {
      statistics.connections++;
      return serveStream(connection, service);
    });
  },
});

function* serveStream(connection: Socket, service: Service): Running<void> {
  for (;;) {
    const request = yield* recvExactly(connection, service.requestSize);
    if (typeof request === 'number' || request.size < service.requestSize) return;
    service.statistics.requests++;
    service.statistics.bytesIn += request.size;
    if (service.work > 0) yield* sleep(service.work);
    const sent = yield* sendAll(connection, service.response);
    if (sent < 0) return;
    service.statistics.bytesOut += sent;
  }
}

function* serveDatagrams(context: ProgramContext, socket: Socket, service: Service): Running {
  for (;;) {
    const request = yield* recv(socket, BUFFER_SIZE);
    if (typeof request === 'number') return fail(context, 'recvfrom', request);
    service.statistics.requests++;
    service.statistics.bytesIn += request.data.size;
    if (service.work > 0) yield* sleep(service.work);
    const sent = yield* sendAll(socket, service.response, 0, request.from);
    service.statistics.bytesOut += Math.max(0, sent);
  }
}
