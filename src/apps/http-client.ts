/** An HTTP/1.1 client (RFC 9110, RFC 9112): GETs one path again and again, over one connection or one for each. */
import { endpointText } from '../packet/endpoint-text.ts';
import { MILLISECOND } from '../sim/time.ts';
import { type Endpoint, POLLIN } from '../sockets/api.ts';
import { poll, sleep } from '../sockets/blocking.ts';
import type { ProgramContext, Running } from '../sockets/program.ts';
import { app, fail } from './app.ts';
import { bodyLength, isLast, readHead, writeHead } from './http-message.ts';
import { addRoundTrip, noRoundTrips, type RoundTrips } from './round-trips.ts';
import { connectTo, FROM } from './sockets.ts';
import { TextStream } from './text-stream.ts';

type HttpClientStatistics = RoundTrips & {
  connections: number;
  /** Whole answers, of any status. */
  responses: number;
  /** Answers with status 200. */
  ok: number;
  /** Bytes of bodies received. */
  bytes: number;
  /** Status line of the last answer. */
  status: string;
};

interface Asking {
  readonly context: ProgramContext;
  readonly to: Endpoint;
  readonly from: Endpoint | null;
  readonly path: string;
  readonly keepAlive: boolean;
  readonly statistics: HttpClientStatistics;
}

export const httpClient = app({
  name: 'http-client',
  doc: 'Fetches a page by HTTP/1.1, once or several times.',
  parameters: {
    to: { type: 'endpoint', doc: 'The server.' },
    from: FROM,
    path: { type: 'text', default: '/', doc: 'What is asked for.' },
    count: { type: 'integer', default: 1, min: 1, doc: 'How many requests.' },
    interval: {
      type: 'duration',
      default: 10 * MILLISECOND,
      doc: 'Pause between an answer and the next request.',
    },
    'keep-alive': { type: 'flag', default: true, doc: 'Send all requests over one connection.' },
  },
  statistics: (): HttpClientStatistics => ({
    connections: 0,
    responses: 0,
    ok: 0,
    bytes: 0,
    status: '',
    ...noRoundTrips(),
  }),
  *run(context, { to, from, path, count, interval, 'keep-alive': keepAlive }, statistics) {
    const asking = { context, to, from, path, keepAlive, statistics };
    let stream: TextStream | null = null;
    for (let i = 0; i < count; i++) {
      if (i > 0) yield* sleep(interval);
      if (stream !== null && (yield* hasEnded(stream))) stream = null;
      stream ??= yield* open(asking);
      if (stream === null) return 1;
      const isLastOne = !keepAlive || i === count - 1;
      const goesOn = yield* ask(asking, stream, isLastOne);
      if (goesOn === null) return 1;
      if (!goesOn) stream = close(stream);
    }
    context.print(`${statistics.status}, ${statistics.bytes} bytes in ${statistics.responses} answers`);
    return statistics.ok === count ? 0 : 1;
  },
});

function* open({ context, to, from, statistics }: Asking): Running<TextStream | null> {
  const socket = yield* connectTo(context, 'tcp', to, from);
  if (typeof socket === 'number') {
    fail(context, 'connect', socket);
    return null;
  }
  statistics.connections++;
  return new TextStream(socket);
}

/** One request and its answer. @returns whether the connection may be used again; null when no answer came */
function* ask(asking: Asking, stream: TextStream, isLastOne: boolean): Running<boolean | null> {
  const { context, to, path, statistics } = asking;
  const start = context.now();
  const authority = endpointText(to.address, to.port);
  const host = to.port === 80 ? authority.replace(/:80$/, '') : authority;
  const fields = isLastOne ? { Host: host, Connection: 'close' } : { Host: host };
  yield* stream.write(writeHead(`GET ${path} HTTP/1.1`, fields));
  const lines = yield* stream.readBlock();
  const response = lines === null ? null : readHead(lines);
  const length = response === null ? null : bodyLength(response);
  if (response === null || length === null) return noAnswer(context, stream);
  const received = yield* stream.skip(length);
  statistics.bytes += received;
  if (received < length) return noAnswer(context, stream);
  statistics.status = response.startLine;
  if (/^HTTP\/1\.[01] 200 /.test(response.startLine)) statistics.ok++;
  addRoundTrip(statistics, ++statistics.responses, context.now() - start);
  return !isLastOne && !isLast(response);
}

function noAnswer(context: ProgramContext, stream: TextStream): null {
  if (stream.errno > 0) fail(context, 'recv', stream.errno);
  else context.print('the connection ended before the answer did');
  close(stream);
  return null;
}

/** Has the server closed the connection while nothing was asked? */
function* hasEnded(stream: TextStream): Running<boolean> {
  const [ready] = yield* poll([{ socket: stream.socket, events: POLLIN }], 0);
  if (ready === 0) return false;
  close(stream);
  return true;
}

function close(stream: TextStream): null {
  stream.socket.close();
  return null;
}
