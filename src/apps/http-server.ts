/** A small HTTP/1.1 server (RFC 9110, RFC 9112): GET and HEAD, persistent connections, a few pages. */
import { ANY_V4 } from '../packet/ip-address.ts';
import { EMPTY, Payload } from '../packet/payload.ts';
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
  /** Requests that were not understood (400), for no page (404), or for something that it does not do (405). */
  refused: number;
  /** Bytes of bodies sent. */
  bytes: number;
};

interface Site {
  /** The page at a path, or null. */
  bodyAt(path: string): Payload | null;
  readonly think: Nanos;
}

export const httpServer = app({
  name: 'http-server',
  doc: 'An HTTP/1.1 server with a few pages.',
  parameters: {
    address: {
      type: 'address',
      default: ANY_V4,
      doc: 'Local address; 0.0.0.0 takes all of IPv4, :: those of both families.',
    },
    port: { type: 'port', default: 80, doc: 'Local port.' },
    pages: {
      type: 'map',
      default: { '/': 'It works.\n' },
      doc: 'What is at each path; others are not found.',
    },
    size: { type: 'size', default: null, min: 0, doc: 'Answer every path with this many bytes, all zero.' },
    think: { type: 'duration', default: 0, doc: 'Time between a request and its answer.' },
  },
  statistics: (): HttpServerStatistics => ({ connections: 0, requests: 0, refused: 0, bytes: 0 }),
  *run(context, { address, port, pages, size, think }, statistics) {
    const listener = listenAt(context, address, port);
    if (typeof listener === 'number') return fail(context, 'listen', listener);
    const same = size === null ? null : Payload.zeros(size);
    const bodies = new Map(Object.entries(pages).map(([path, text]) => [path, Payload.text(text)]));
    const site = { bodyAt: (path: string) => same ?? bodies.get(path) ?? null, think };
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
  const [, method = '', target = ''] = /^([A-Z]+) (\S+) HTTP\/1\.[01]$/.exec(request?.startLine ?? '') ?? [];
  const length = request === null ? null : bodyLength(request);
  if (request === null || method === '' || length === null) {
    statistics.refused++;
    yield* stream.write(writeHead('HTTP/1.1 400 Bad Request', { Connection: 'close', 'Content-Length': 0 }));
    return true;
  }
  yield* stream.skip(length);
  if (site.think > 0) yield* sleep(site.think);
  const isOver = isLast(request);
  const response = respond(method, target, site, isOver);
  if (response.isRefusal) statistics.refused++;
  const isSent = yield* stream.writeBytes(Payload.text(response.head).concat(response.body));
  if (isSent) statistics.bytes += response.body.size;
  return isOver || !isSent;
}

interface Response {
  readonly head: string;
  readonly body: Payload;
  readonly isRefusal: boolean;
}

function respond(method: string, target: string, site: Site, isOver: boolean): Response {
  const persistence = isOver ? { Connection: 'close' } : {};
  if (method !== 'GET' && method !== 'HEAD') {
    const fields = { Allow: 'GET, HEAD', 'Content-Length': 0, ...persistence };
    return { head: writeHead('HTTP/1.1 405 Method Not Allowed', fields), body: EMPTY, isRefusal: true };
  }
  const page = site.bodyAt(target);
  const body = page ?? Payload.text('There is nothing here.\n');
  const fields = { 'Content-Type': 'text/plain', 'Content-Length': body.size, ...persistence };
  const head = writeHead(page === null ? 'HTTP/1.1 404 Not Found' : 'HTTP/1.1 200 OK', fields);
  return { head, body: method === 'HEAD' ? EMPTY : body, isRefusal: page === null };
}
