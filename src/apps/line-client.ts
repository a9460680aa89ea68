/** A person at a terminal: sends lines one after the other and shows what comes back, over TCP or UDP. */
import { EAGAIN } from '../network/errno.ts';
import { Payload } from '../packet/payload.ts';
import { MILLISECOND, type Nanos, SECOND } from '../sim/time.ts';
import type { Socket } from '../sockets/api.ts';
import { recvWithin, sendAll, sleep } from '../sockets/blocking.ts';
import type { ProgramContext, Running } from '../sockets/program.ts';
import { app, fail } from './app.ts';
import { connectTo, FROM } from './sockets.ts';

type LineClientStatistics = { sent: number; received: number; bytes: number };

const BUFFER_SIZE = 4096;
const STREAM_ENDED = 1;

export const lineClient = app({
  name: 'line-client',
  doc: 'Sends lines of text and prints what comes back.',
  parameters: {
    protocol: { type: 'choice', choices: ['tcp', 'udp'], default: 'tcp', doc: 'Transport protocol.' },
    to: { type: 'endpoint', doc: 'The server.' },
    from: FROM,
    lines: { type: 'lines', default: ['hello'], doc: 'What is typed.' },
    interval: { type: 'duration', default: 100 * MILLISECOND, doc: 'Time between two lines.' },
    wait: { type: 'duration', default: SECOND, doc: 'How long to listen after the last line.' },
  },
  statistics: (): LineClientStatistics => ({ sent: 0, received: 0, bytes: 0 }),
  *run(context, { protocol, to, from, lines, interval, wait }, statistics) {
    const socket = yield* connectTo(context, protocol, to, from);
    if (typeof socket === 'number') return fail(context, 'connect', socket);
    for (const line of lines) {
      const sent = yield* sendAll(socket, Payload.text(`${line}\n`));
      if (sent < 0) return fail(context, 'send', sent);
      statistics.sent++;
      const heard = yield* listen(context, socket, interval, statistics);
      if (heard < 0) return fail(context, 'recv', heard);
      if (heard === STREAM_ENDED) yield* sleep(interval);
    }
    const heard = yield* listen(context, socket, wait, statistics);
    if (heard < 0) return fail(context, 'recv', heard);
    socket.close();
    return 0;
  },
});

/** Prints what comes within a span. @returns 0 when it is over, STREAM_ENDED, or minus an errno */
function* listen(
  context: ProgramContext,
  socket: Socket,
  span: Nanos,
  statistics: LineClientStatistics,
): Running {
  const end = context.now() + span;
  while (context.now() < end) {
    const received = yield* recvWithin(socket, BUFFER_SIZE, end - context.now());
    if (received === -EAGAIN) break;
    if (typeof received === 'number') return received;
    if (received.data.size === 0) return STREAM_ENDED;
    statistics.received++;
    statistics.bytes += received.data.size;
    const text = new TextDecoder().decode(received.data.view()).replace(/\r?\n$/, '');
    for (const line of text.split(/\r?\n/)) context.print(line);
  }
  return 0;
}
