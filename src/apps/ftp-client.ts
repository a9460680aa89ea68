/** An FTP client (RFC 959): logs in, transfers one file in passive or active mode, and says what was spoken. */
import { Payload } from '../packet/payload.ts';
import type { Endpoint, Socket } from '../sockets/api.ts';
import { accept, connect, recv, sendAll } from '../sockets/blocking.ts';
import type { ProgramContext, Running } from '../sockets/program.ts';
import { app, fail } from './app.ts';
import {
  formatExtended,
  formatHostPort,
  isExtended,
  parseExtendedPort,
  parseHostPort,
} from './ftp-address.ts';
import { ReplyStream } from './reply-stream.ts';
import { connectTo, FROM, kindFor, listenAt } from './sockets.ts';

type FtpClientStatistics = {
  /** The file went over whole, says the server. */
  complete: boolean;
  /** Bytes on the data connection. */
  bytes: number;
};

const BUFFER_SIZE = 65536;

export const ftpClient = app({
  name: 'ftp-client',
  doc: 'Fetches or stores one file by FTP.',
  parameters: {
    to: { type: 'endpoint', doc: 'The server; its port is 21 by custom.' },
    from: FROM,
    mode: {
      type: 'choice',
      choices: ['passive', 'active'],
      default: 'passive',
      doc: 'Who opens the data connection: the client (passive) or the server (active).',
    },
    action: { type: 'choice', choices: ['get', 'put'], default: 'get', doc: 'Fetch a file or store one.' },
    file: { type: 'text', default: 'file.txt', doc: 'Name of the file at the server.' },
    size: { type: 'size', default: 10_000, min: 0, doc: 'Bytes to store, for put.' },
  },
  statistics: (): FtpClientStatistics => ({ complete: false, bytes: 0 }),
  *run(context, { to, from, mode, action, file, size }, statistics) {
    const control = yield* connectTo(context, 'tcp', to, from);
    if (typeof control === 'number') return fail(context, 'connect', control);
    const dialogue = new ReplyStream(context, control);
    yield* dialogue.reply(); // 220
    const isIn =
      (yield* dialogue.succeeds('USER anonymous', 3)) && (yield* dialogue.succeeds('PASS guest', 2));
    if (!isIn || !(yield* dialogue.succeeds('TYPE I', 2))) return 1;
    const command = action === 'get' ? `RETR ${file}` : `STOR ${file}`;
    const open = mode === 'passive' ? openPassive : openActive;
    const data = yield* open(context, dialogue, control, command);
    if (data === null) return 1;
    if (action === 'get') yield* fetch(data, statistics);
    else statistics.bytes = Math.max(0, yield* sendAll(data, Payload.zeros(size)));
    data.close();
    statistics.complete = (yield* dialogue.reply())?.code === 226;
    yield* dialogue.ask('QUIT');
    control.close();
    return statistics.complete ? 0 : 1;
  },
});

/** PASV or EPSV, then the data connection goes where the reply says; the command starts the transfer. */
function* openPassive(
  context: ProgramContext,
  dialogue: ReplyStream,
  control: Socket,
  command: string,
): Running<Socket | null> {
  const at = yield* askForData(dialogue, control);
  const data = at === null ? -1 : context.process.socket(kindFor('tcp', at.address));
  if (at === null || typeof data === 'number') return null;
  const connected = yield* connect(data, at);
  if (connected < 0) {
    fail(context, 'connect', connected);
    return null;
  }
  return (yield* dialogue.succeeds(command, 1)) ? data : null;
}

/** Where the server listens for data. @returns null when it does not */
function* askForData(dialogue: ReplyStream, control: Socket): Running<Endpoint | null> {
  const peer = control.peerName();
  if (typeof peer === 'number') return null;
  if (!isExtended(peer.address)) {
    const reply = yield* dialogue.ask('PASV');
    return reply?.code === 227 ? parseHostPort(reply.text) : null;
  }
  const reply = yield* dialogue.ask('EPSV');
  const port = reply?.code === 229 ? parseExtendedPort(reply.text) : null;
  return port === null ? null : { address: peer.address, port };
}

/** Listens, tells the server where, and lets it connect. */
function* openActive(
  context: ProgramContext,
  dialogue: ReplyStream,
  control: Socket,
  command: string,
): Running<Socket | null> {
  const listener = listenAt(context, control.localName().address, 0);
  if (typeof listener === 'number') return null;
  const at = listener.localName();
  const where = isExtended(at.address) ? `EPRT ${formatExtended(at)}` : `PORT ${formatHostPort(at)}`;
  const isKnown = yield* dialogue.succeeds(where, 2);
  const data = isKnown && (yield* dialogue.succeeds(command, 1)) ? yield* accept(listener) : -1;
  listener.close();
  return typeof data === 'number' ? null : data;
}

function* fetch(data: Socket, statistics: FtpClientStatistics): Running<void> {
  for (;;) {
    const received = yield* recv(data, BUFFER_SIZE);
    if (typeof received === 'number' || received.data.size === 0) return;
    statistics.bytes += received.data.size;
  }
}
