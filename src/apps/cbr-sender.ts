/** Sends UDP datagrams of one size at a constant bit rate; each carries its number and its time of departure. */
import { Payload } from '../packet/payload.ts';
import { NEVER, SECOND } from '../sim/time.ts';
import { sendAll, until } from '../sockets/blocking.ts';
import { app, fail } from './app.ts';
import { SAMPLE_SIZE, writeSample } from './flow-sample.ts';
import { connectTo, FROM } from './sockets.ts';

type CbrSenderStatistics = {
  sent: number;
  /** Bytes of payload. */
  bytes: number;
  /** Datagrams that the socket refused, as when an ICMP error had come back. */
  errors: number;
};

export const cbrSender = app({
  name: 'cbr-sender',
  doc: 'Sends UDP datagrams at a constant bit rate.',
  parameters: {
    to: { type: 'endpoint', doc: 'The receiver.' },
    from: FROM,
    rate: { type: 'rate', default: 1_000_000, min: 1, doc: 'Bits of payload per second.' },
    size: { type: 'size', default: 1000, min: SAMPLE_SIZE, max: 65507, doc: 'Payload of each datagram.' },
    count: {
      type: 'integer',
      default: null,
      min: 0,
      doc: 'How many datagrams; without it, for the duration.',
    },
    duration: { type: 'duration', default: null, doc: 'How long; without it and without count, for ever.' },
  },
  statistics: (): CbrSenderStatistics => ({ sent: 0, bytes: 0, errors: 0 }),
  *run(context, { to, from, rate, size, count, duration }, statistics) {
    const socket = yield* connectTo(context, 'udp', to, from);
    if (typeof socket === 'number') return fail(context, 'connect', socket);
    const start = context.now();
    const end = duration === null ? NEVER : start + duration;
    const interval = (size * 8 * SECOND) / rate;
    for (let i = 0; i < (count ?? NEVER); i++) {
      const due = start + Math.round(i * interval); // from the start, so that rounding does not add up
      if (due >= end) break;
      if (due > context.now()) yield* until(due);
      const bytes = new Uint8Array(size);
      writeSample(bytes, { number: i, sentAt: context.now() });
      const sent = yield* sendAll(socket, new Payload(bytes));
      if (sent < 0) statistics.errors++;
      else {
        statistics.sent++;
        statistics.bytes += sent;
      }
    }
    socket.close();
    return 0;
  },
});
