/** A small HTTP/1.1 server (RFC 9110, RFC 9112): GET and HEAD, persistent connections, one body for every path. */
import { ANY_V4 } from '../packet/ip-address.ts';
import { Payload } from '../packet/payload.ts';
import type { Nanos } from '../sim/time.ts';
import type { Socket } from '../sockets/api.ts';
import { sleep } from '../sockets/blocking.ts';
import type { Running } from '../sockets/program.ts';
import { app, fail } from './app.ts';
import { bodyLength, type HttpMessage, isLast, readHead, writeHead } from './http-message.ts';
import { acceptLoop, listenAt } from './sockets.ts';
import { TextStream } from './text-stream.ts';

type HttpServerStatistics = {
  connections: number;
  requests: number;
  /** Requests that were not understood (400) or asked for something that it does not do (405). */
  refused: number;
  /** Bytes of bodies sent. */
  bytes: number;
};

interface Site {
  readonly body: Payload;
  readonly think: Nanos;
}

export const httpServer = app({
  name: 'http-server',
  doc: 'An HTTP/1.1 server that answers every GET with the same page.',
  parameters: {
    address: { type: 'address', default: ANY_V4, doc: 'Local address; 0.0.0.0 takes all.' },
    port: { type: 'port', default: 80, doc: 'Local port.' },
    body: { type: 'text', default: 'It works.\n', doc: 'The page.' },
    size: {
      type: 'size',
      default: null,
      min: 0,
      doc: 'Answer with this many bytes, all zero, instead of the page.',
    },
    think: { type: 'duration', default: 0, doc: 'Time between a request and its answer.' },
  },
  statistics: (): HttpServerStatistics => ({ connections: 0, requests: 0, refused: 0, bytes: 0 }),
  *run(context, { address, port, body, size, think }, statistics) {
    const listener = listenAt(context, address, port);
    if (typeof listener === 'number') return fail(context, 'listen', listener);
    const site = { body: size === null ? Payload.text(body) : Payload.zeros(size), think };
    return yield* acceptLoop(context, listener, (connection) => serve(connection, site, statistics));
  },
});

function* serve(connection: Socket, site: Site, statistics: HttpServerStatistics): Running<void> {
  const stream = new TextStream(connection);
  statistics.connections++;
  for (;;) {
    const lines = yield* stream.readBlock();
    if (lines === null) return;
    if (lines.length === 0) continue; // an empty line before a request (RFC 9112 2.2)
    const request = readHead(lines);
    statistics.requests++;
    const isOver = yield* answer(stream, request, site, statistics);
    if (isOver) return;
  }
}

/** @returns true when the connection is to be closed */
function* answer(
  stream: TextStream,
  request: HttpMessage | null,
  site: Site,
  statistics: HttpServerStatistics,
): Running<boolean> {
  const [, method] = /^([A-Z]+) \S+ HTTP\/1\.[01]$/.exec(request?.startLine ?? '') ?? [];
  const length = request === null ? null : bodyLength(request);
  if (request === null || method === undefined || length === null) {
    statistics.refused++;
    yield* stream.write(writeHead('HTTP/1.1 400 Bad Request', { Connection: 'close', 'Content-Length': 0 }));
    return true;
  }
  yield* stream.skip(length);
  if (site.think > 0) yield* sleep(site.think);
  const isOver = isLast(request);
  const persistence = isOver ? { Connection: 'close' } : {};
  if (method !== 'GET' && method !== 'HEAD') {
    statistics.refused++;
    const fields = { Allow: 'GET, HEAD', 'Content-Length': 0, ...persistence };
    return !(yield* stream.write(writeHead('HTTP/1.1 405 Method Not Allowed', fields))) || isOver;
  }
  const fields = { 'Content-Type': 'text/plain', 'Content-Length': site.body.size, ...persistence };
  const head = Payload.text(writeHead('HTTP/1.1 200 OK', fields));
  const whole = method === 'HEAD' ? head : head.concat(site.body);
  const isSent = yield* stream.writeBytes(whole);
  if (isSent && method === 'GET') statistics.bytes += site.body.size;
  return isOver || !isSent;
}
