/** The other side of the echo service (RFC 862): sends a message, waits for it to come back, and compares. */
import { EAGAIN } from '../network/errno.ts';
import { Payload } from '../packet/payload.ts';
import { MILLISECOND, NEVER, SECOND } from '../sim/time.ts';
import type { Socket } from '../sockets/api.ts';
import { recvWithin, sendAll, sleep } from '../sockets/blocking.ts';
import type { ProgramContext, Running } from '../sockets/program.ts';
import { app, fail } from './app.ts';
import { addRoundTrip, noRoundTrips, type RoundTrips } from './round-trips.ts';
import { connectTo, FROM } from './sockets.ts';

type EchoClientStatistics = RoundTrips & {
  sent: number;
  /** Messages that came back whole and unchanged. */
  echoed: number;
  /** Messages that came back different. */
  mismatches: number;
  /** Messages that did not come back in time. */
  lost: number;
};

export const echoClient = app({
  name: 'echo-client',
  doc: 'Sends messages one after the other and checks that each comes back.',
  parameters: {
    protocol: { type: 'choice', choices: ['tcp', 'udp'], default: 'tcp', doc: 'Transport protocol.' },
    to: { type: 'endpoint', doc: 'The server.' },
    from: FROM,
    message: { type: 'text', default: 'hello', doc: 'What is sent.' },
    size: {
      type: 'size',
      default: null,
      min: 1,
      doc: 'Send this many bytes, all zero, instead of the message.',
    },
    count: { type: 'integer', default: 1, min: 1, doc: 'How many messages.' },
    interval: {
      type: 'duration',
      default: 100 * MILLISECOND,
      doc: 'Pause between an answer and the next message.',
    },
    timeout: {
      type: 'duration',
      default: SECOND,
      doc: 'How long a datagram may stay away before it counts as lost.',
    },
  },
  statistics: (): EchoClientStatistics => ({ sent: 0, echoed: 0, mismatches: 0, lost: 0, ...noRoundTrips() }),
  *run(context, { protocol, to, from, message, size, count, interval, timeout }, statistics) {
    const socket = yield* connectTo(context, protocol, to, from);
    if (typeof socket === 'number') return fail(context, 'connect', socket);
    const data = size === null ? Payload.text(message) : Payload.zeros(size);
    const patience = protocol === 'udp' ? timeout : NEVER;
    for (let i = 0; i < count; i++) {
      if (i > 0) yield* sleep(interval);
      const result = yield* echoOnce(context, socket, data, patience, statistics);
      if (result < 0) return fail(context, 'echo', result);
    }
    socket.close();
    context.print(`${statistics.echoed} of ${count} messages of ${data.size} bytes came back`);
    return statistics.echoed === count ? 0 : 1;
  },
});

/** @returns 0, or minus an errno when the connection is gone */
function* echoOnce(
  context: ProgramContext,
  socket: Socket,
  data: Payload,
  timeout: number,
  statistics: EchoClientStatistics,
): Running {
  const start = context.now();
  const sent = yield* sendAll(socket, data);
  if (sent < 0) return sent;
  statistics.sent++;
  const echo = new Uint8Array(data.size);
  let size = 0;
  while (size < data.size) {
    const received = yield* recvWithin(socket, data.size - size, start + timeout - context.now());
    if (received === -EAGAIN) break; // the time is over
    if (typeof received === 'number') return received;
    if (received.data.size === 0) break; // the stream ended
    received.data.emit(echo, size);
    size += received.data.size;
  }
  if (size === 0) statistics.lost++;
  else if (size < data.size || !echo.every((byte, i) => byte === data.view()[i])) statistics.mismatches++;
  else addRoundTrip(statistics, ++statistics.echoed, context.now() - start);
  return 0;
}
