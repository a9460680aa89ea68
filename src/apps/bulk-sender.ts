/** Sends as fast as TCP lets it: a number of bytes, or until a time is over. */
import { Payload } from '../packet/payload.ts';
import { type Nanos, NEVER } from '../sim/time.ts';
import { sendAll } from '../sockets/blocking.ts';
import { app, fail } from './app.ts';
import { connectTo, FROM } from './sockets.ts';

type BulkSenderStatistics = {
  /** Bytes that the socket took. */
  bytes: number;
  /** When the connection was there, and when the last byte was taken. */
  connectedAt: Nanos;
  finishedAt: Nanos;
};

export const bulkSender = app({
  name: 'bulk-sender',
  doc: 'Opens a TCP connection and sends zeros as fast as the connection takes them.',
  parameters: {
    to: { type: 'endpoint', doc: 'The receiver.' },
    from: FROM,
    size: {
      type: 'size',
      default: null,
      min: 0,
      doc: 'Bytes to send; without it, until the duration is over.',
    },
    duration: {
      type: 'duration',
      default: null,
      doc: 'How long to send; without it and without size, for ever.',
    },
    'write-size': { type: 'size', default: 65536, min: 1, doc: 'Bytes per send call.' },
    'congestion-control': { type: 'text', default: null, doc: 'TCP_CONGESTION for this connection.' },
  },
  statistics: (): BulkSenderStatistics => ({ bytes: 0, connectedAt: 0, finishedAt: 0 }),
  *run(context, parameters, statistics) {
    const { to, from, size, duration, 'write-size': writeSize, 'congestion-control': algorithm } = parameters;
    const socket = yield* connectTo(context, 'tcp', to, from);
    if (typeof socket === 'number') return fail(context, 'connect', socket);
    if (algorithm !== null) {
      const result = socket.setOption('TCP_CONGESTION', algorithm);
      if (result < 0) return fail(context, 'setsockopt', result);
    }
    statistics.connectedAt = context.now();
    const end = duration === null ? NEVER : context.now() + duration;
    const total = size ?? NEVER;
    const piece = Payload.zeros(writeSize);
    while (statistics.bytes < total && context.now() < end) {
      const sent = yield* sendAll(socket, piece.slice(0, Math.min(writeSize, total - statistics.bytes)));
      if (sent < 0) return fail(context, 'send', sent);
      statistics.bytes += sent;
      statistics.finishedAt = context.now();
    }
    socket.close();
    return 0;
  },
});
