/** Takes TCP connections and reads them to their end: the sink of bulk transfers. */
import { ANY_V4 } from '../packet/ip-address.ts';
import type { Nanos } from '../sim/time.ts';
import type { Socket } from '../sockets/api.ts';
import { recv, sleep } from '../sockets/blocking.ts';
import type { ProgramContext, Running } from '../sockets/program.ts';
import { app, fail } from './app.ts';
import { acceptLoop, listenAt } from './sockets.ts';

type BulkReceiverStatistics = {
  connections: number;
  /** Connections that ended orderly. */
  complete: number;
  bytes: number;
  /** When the first and the last byte were read. */
  firstAt: Nanos;
  lastAt: Nanos;
  /** Between these two, bits per second; 0 with fewer than two reads. */
  goodput: number;
};

export const bulkReceiver = app({
  name: 'bulk-receiver',
  doc: 'Accepts TCP connections and reads all that comes.',
  parameters: {
    address: {
      type: 'address',
      default: ANY_V4,
      doc: 'Local address; 0.0.0.0 takes all of IPv4, :: those of both families.',
    },
    port: { type: 'port', default: 5001, doc: 'Local port.' },
    'read-size': { type: 'size', default: 65536, min: 1, doc: 'Bytes per recv call, at most.' },
    pause: {
      type: 'duration',
      default: 0,
      doc: 'Rest after every read: a slow reader, which closes the window.',
    },
  },
  statistics: (): BulkReceiverStatistics => ({
    connections: 0,
    complete: 0,
    bytes: 0,
    firstAt: 0,
    lastAt: 0,
    goodput: 0,
  }),
  *run(context, { address, port, 'read-size': readSize, pause }, statistics) {
    const listener = listenAt(context, address, port);
    if (typeof listener === 'number') return fail(context, 'listen', listener);
    return yield* acceptLoop(context, listener, (connection) => {
      statistics.connections++;
      return drain(context, connection, readSize, pause, statistics);
    });
  },
});

function* drain(
  context: ProgramContext,
  connection: Socket,
  readSize: number,
  pause: Nanos,
  statistics: BulkReceiverStatistics,
): Running<void> {
  for (;;) {
    const received = yield* recv(connection, readSize);
    if (typeof received === 'number') return;
    if (received.data.size === 0) break;
    count(statistics, received.data.size, context.now());
    if (pause > 0) yield* sleep(pause);
  }
  statistics.complete++;
}

function count(statistics: BulkReceiverStatistics, size: number, now: Nanos): void {
  if (statistics.bytes === 0) statistics.firstAt = now;
  statistics.bytes += size;
  statistics.lastAt = now;
  const span = now - statistics.firstAt;
  statistics.goodput = span === 0 ? 0 : Math.round((statistics.bytes * 8e9) / span);
}
