/** Asks, waits for the whole response, thinks, and asks again: the closed loop of request-response studies. */
import { EAGAIN } from '../network/errno.ts';
import { Payload } from '../packet/payload.ts';
import { MILLISECOND, type Nanos, SECOND } from '../sim/time.ts';
import type { Socket } from '../sockets/api.ts';
import { recvExactly, recvWithin, sendAll, sleep } from '../sockets/blocking.ts';
import type { ProgramContext, Running } from '../sockets/program.ts';
import { app, fail } from './app.ts';
import { addRoundTrip, noRoundTrips, type RoundTrips } from './round-trips.ts';
import { connectTo, FROM } from './sockets.ts';

type RequestClientStatistics = RoundTrips & {
  requests: number;
  responses: number;
  /** Datagrams that no response came to in time. */
  lost: number;
};

export const requestClient = app({
  name: 'request-client',
  doc: 'Sends requests one after the other, with time to think in between.',
  parameters: {
    protocol: { type: 'choice', choices: ['tcp', 'udp'], default: 'tcp', doc: 'Transport protocol.' },
    to: { type: 'endpoint', doc: 'The server.' },
    from: FROM,
    'request-size': {
      type: 'size',
      default: 100,
      min: 1,
      doc: 'Bytes of a request; the server has the same.',
    },
    'response-size': {
      type: 'size',
      default: 1000,
      min: 1,
      doc: 'Bytes of a response; the server has the same.',
    },
    count: { type: 'integer', default: 10, min: 1, doc: 'How many requests.' },
    think: {
      type: 'duration',
      default: 10 * MILLISECOND,
      doc: 'Time between a response and the next request.',
    },
    'think-model': {
      type: 'choice',
      choices: ['constant', 'exponential'],
      default: 'constant',
      doc: 'Always the same time to think, or exponentially distributed with that mean.',
    },
    timeout: { type: 'duration', default: SECOND, doc: 'How long a UDP response may stay away.' },
  },
  statistics: (): RequestClientStatistics => ({ requests: 0, responses: 0, lost: 0, ...noRoundTrips() }),
  *run(context, parameters, statistics) {
    const { protocol, to, from, count, think, timeout } = parameters;
    const socket = yield* connectTo(context, protocol, to, from);
    if (typeof socket === 'number') return fail(context, 'connect', socket);
    const request = Payload.zeros(parameters['request-size']);
    const size = parameters['response-size'];
    for (let i = 0; i < count; i++) {
      if (i > 0) yield* sleep(thinkTime(context, think, parameters['think-model']));
      const start = context.now();
      const sent = yield* sendAll(socket, request);
      if (sent < 0) return fail(context, 'send', sent);
      statistics.requests++;
      const came =
        protocol === 'tcp' ? yield* streamResponse(socket, size) : yield* datagram(socket, size, timeout);
      if (came === -EAGAIN) statistics.lost++;
      else if (came < 0) return fail(context, 'recv', came);
      else if (came < size) break;
      else addRoundTrip(statistics, ++statistics.responses, context.now() - start);
    }
    socket.close();
    return statistics.responses === count ? 0 : 1;
  },
});

/** @returns the bytes that came, or minus an errno */
function* streamResponse(socket: Socket, size: number): Running {
  const response = yield* recvExactly(socket, size);
  return typeof response === 'number' ? response : response.size;
}

function* datagram(socket: Socket, size: number, timeout: Nanos): Running {
  const response = yield* recvWithin(socket, size, timeout);
  return typeof response === 'number' ? response : response.data.size;
}

function thinkTime(context: ProgramContext, mean: Nanos, model: 'constant' | 'exponential'): Nanos {
  if (model === 'constant') return mean;
  return Math.round(-mean * Math.log(1 - context.random.float()));
}
