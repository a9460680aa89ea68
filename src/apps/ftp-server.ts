/**
 * A small FTP server (RFC 959): the dialogue on the control connection, and a data connection for each transfer,
 * opened by the server (PORT, active) or by the client (PASV, passive).
 */
import { ANY_V4, type IpAddress } from '../packet/ip-address.ts';
import { Payload } from '../packet/payload.ts';
import type { Endpoint, Socket } from '../sockets/api.ts';
import { accept, connect, recv, sendAll } from '../sockets/blocking.ts';
import type { ProgramContext, Running } from '../sockets/program.ts';
import { app, fail } from './app.ts';
import { formatHostPort, parseExtended, parseHostPort } from './ftp-address.ts';
import { acceptLoop, kindFor, listenAt } from './sockets.ts';
import { TextStream } from './text-stream.ts';

type FtpServerStatistics = {
  sessions: number;
  /** Files sent to clients and stored from them. */
  retrieved: number;
  stored: number;
  /** Bytes on data connections. */
  bytes: number;
};

const BUFFER_SIZE = 65536;

export const ftpServer = app({
  name: 'ftp-server',
  doc: 'An FTP server with one file under any name; it takes uploads and forgets them.',
  parameters: {
    address: {
      type: 'address',
      default: ANY_V4,
      doc: 'Local address; 0.0.0.0 takes all of IPv4, :: those of both families.',
    },
    port: { type: 'port', default: 21, doc: 'Port of the control connection.' },
    'data-port': { type: 'port', default: 20, doc: 'Local port of active data connections; 0 = any.' },
    size: { type: 'size', default: 10_000, min: 0, doc: 'Bytes of the file.' },
  },
  statistics: (): FtpServerStatistics => ({ sessions: 0, retrieved: 0, stored: 0, bytes: 0 }),
  *run(context, { address, port, 'data-port': dataPort, size }, statistics) {
    const listener = listenAt(context, address, port);
    if (typeof listener === 'number') return fail(context, 'listen', listener);
    return yield* acceptLoop(context, listener, function* (connection) {
      statistics.sessions++;
      const session = new Session(context, connection, dataPort, Payload.zeros(size), statistics);
      yield* session.serve();
      session.forgetData();
    });
  },
});

/** One control connection. */
class Session {
  readonly #context: ProgramContext;
  readonly #stream: TextStream;
  readonly #local: IpAddress;
  readonly #dataPort: number;
  readonly #file: Payload;
  readonly #statistics: FtpServerStatistics;
  /** Where the client listens (PORT), or our listener (PASV); null = neither was said. */
  #active: Endpoint | null = null;
  #passive: Socket | null = null;

  constructor(
    context: ProgramContext,
    connection: Socket,
    dataPort: number,
    file: Payload,
    statistics: FtpServerStatistics,
  ) {
    this.#context = context;
    this.#stream = new TextStream(connection);
    this.#local = connection.localName().address;
    this.#dataPort = dataPort;
    this.#file = file;
    this.#statistics = statistics;
  }

  *serve(): Running<void> {
    let isOpen = yield* this.#reply('220 fivetuple FTP server ready');
    while (isOpen) {
      const line = yield* this.#stream.readLine();
      if (line === null) return;
      const space = line.indexOf(' ');
      const verb = (space < 0 ? line : line.slice(0, space)).toUpperCase();
      isOpen = yield* this.#obey(verb, space < 0 ? '' : line.slice(space + 1));
    }
  }

  /** Closes what waits for a data connection that never came. */
  forgetData(): void {
    this.#passive?.close();
    this.#passive = null;
    this.#active = null;
  }

  /** @returns false when the session is over */
  *#obey(verb: string, argument: string): Running<boolean> {
    switch (verb) {
      case 'USER':
        return yield* this.#reply('331 Any password will do');
      case 'PASS':
        return yield* this.#reply('230 Logged in');
      case 'TYPE':
        return yield* this.#reply('200 Type set');
      case 'SIZE': // RFC 3659 4
        return yield* this.#reply(`213 ${this.#file.size}`);
      case 'PORT':
        return yield* this.#port(parseHostPort(argument), '501 Six numbers, please');
      case 'EPRT':
        return yield* this.#port(parseExtended(argument), '501 As in |2|fd00::1|50000|, please');
      case 'PASV':
        return yield* this.#passively((at) => `227 Entering Passive Mode (${formatHostPort(at)})`);
      case 'EPSV':
        return yield* this.#passively(({ port }) => `229 Entering Extended Passive Mode (|||${port}|)`);
      case 'RETR':
        return yield* this.#transfer((data) => this.#send(data));
      case 'STOR':
        return yield* this.#transfer((data) => this.#store(data));
      case 'NOOP':
        return yield* this.#reply('200 Nothing done');
      case 'QUIT':
        yield* this.#reply('221 Goodbye');
        return false;
      default:
        return yield* this.#reply('502 Command not implemented');
    }
  }

  *#port(at: Endpoint | null, refusal: string): Running<boolean> {
    this.forgetData();
    this.#active = at;
    return yield* this.#reply(at === null ? refusal : '200 PORT command successful');
  }

  *#passively(announce: (at: Endpoint) => string): Running<boolean> {
    this.forgetData();
    const listener = listenAt(this.#context, this.#local, 0);
    if (typeof listener === 'number') return yield* this.#reply('425 No port for data');
    this.#passive = listener;
    return yield* this.#reply(announce(listener.localName()));
  }

  *#transfer(work: (data: Socket) => Running<boolean>): Running<boolean> {
    if (this.#active === null && this.#passive === null) return yield* this.#reply('503 PORT or PASV first');
    yield* this.#reply('150 Opening data connection');
    const data = yield* this.#openData();
    this.forgetData();
    if (data === null) return yield* this.#reply("425 Can't open data connection");
    const isWhole = yield* work(data);
    data.close();
    return yield* this.#reply(isWhole ? '226 Transfer complete' : '426 Connection closed; transfer aborted');
  }

  *#openData(): Running<Socket | null> {
    if (this.#active !== null) return yield* this.#connectBack(this.#active);
    const data = yield* accept(this.#passive!);
    return typeof data === 'number' ? null : data;
  }

  *#connectBack(to: Endpoint): Running<Socket | null> {
    const data = this.#context.process.socket(kindFor('tcp', to.address));
    if (typeof data === 'number') return null;
    data.setOption('SO_REUSEADDR', 1);
    const own = to.address.family === 4 ? this.#local.unmapped() : this.#local;
    const bound = data.bind({ address: own, port: this.#dataPort });
    if (bound >= 0 && (yield* connect(data, to)) >= 0) return data;
    data.close();
    return null;
  }

  *#send(data: Socket): Running<boolean> {
    const sent = yield* sendAll(data, this.#file);
    this.#statistics.bytes += Math.max(0, sent);
    if (sent === this.#file.size) this.#statistics.retrieved++;
    return sent === this.#file.size;
  }

  *#store(data: Socket): Running<boolean> {
    for (;;) {
      const received = yield* recv(data, BUFFER_SIZE);
      if (typeof received === 'number') return false;
      if (received.data.size === 0) break;
      this.#statistics.bytes += received.data.size;
    }
    this.#statistics.stored++;
    return true;
  }

  *#reply(text: string): Running<boolean> {
    return yield* this.#stream.write(`${text}\r\n`);
  }
}
