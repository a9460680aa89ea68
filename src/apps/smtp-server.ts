/** A small SMTP server (RFC 5321): takes any mail for anybody and counts it. */
import { ANY_V4 } from '../packet/ip-address.ts';
import type { Socket } from '../sockets/api.ts';
import type { Running } from '../sockets/program.ts';
import { app, fail } from './app.ts';
import { acceptLoop, listenAt } from './sockets.ts';
import { TextStream } from './text-stream.ts';

type SmtpServerStatistics = {
  sessions: number;
  messages: number;
  /** Recipients of all messages. */
  recipients: number;
  /** Lines of all messages, headers included. */
  lines: number;
};

export const smtpServer = app({
  name: 'smtp-server',
  doc: 'An SMTP server that takes every message and counts it.',
  parameters: {
    address: {
      type: 'address',
      default: ANY_V4,
      doc: 'Local address; 0.0.0.0 takes all of IPv4, :: those of both families.',
    },
    port: { type: 'port', default: 25, doc: 'Local port.' },
  },
  statistics: (): SmtpServerStatistics => ({ sessions: 0, messages: 0, recipients: 0, lines: 0 }),
  *run(context, { address, port }, statistics) {
    const listener = listenAt(context, address, port);
    if (typeof listener === 'number') return fail(context, 'listen', listener);
    return yield* acceptLoop(context, listener, (connection) => {
      statistics.sessions++;
      return new Session(context.host, connection, statistics).serve();
    });
  },
});

class Session {
  readonly #host: string;
  readonly #stream: TextStream;
  readonly #statistics: SmtpServerStatistics;
  #hasSender = false;
  #recipients = 0;

  constructor(host: string, connection: Socket, statistics: SmtpServerStatistics) {
    this.#host = host;
    this.#stream = new TextStream(connection);
    this.#statistics = statistics;
  }

  *serve(): Running<void> {
    let isOpen = yield* this.#reply(`220 ${this.#host} ESMTP fivetuple`);
    while (isOpen) {
      const line = yield* this.#stream.readLine();
      if (line === null) return;
      const verb = line.slice(0, 4).toUpperCase();
      isOpen = yield* this.#reply(verb === 'DATA' ? yield* this.#data() : this.#answer(verb));
      if (verb === 'QUIT') return;
    }
  }

  #answer(verb: string): string {
    switch (verb) {
      case 'HELO':
      case 'EHLO':
        return `250 ${this.#host}`;
      case 'MAIL':
        this.#hasSender = true;
        return '250 Sender ok';
      case 'RCPT':
        if (!this.#hasSender) return '503 MAIL first';
        this.#recipients++;
        return '250 Recipient ok';
      case 'RSET':
        this.#forget();
        return '250 Forgotten';
      case 'NOOP':
        return '250 Nothing done';
      case 'QUIT':
        return '221 Goodbye';
      default:
        return '502 Command not implemented';
    }
  }

  /** The lines up to a single dot; a dot at the start of another line is doubled (RFC 5321 4.5.2). */
  *#data(): Running<string> {
    if (this.#recipients === 0) return '503 RCPT first';
    yield* this.#reply('354 End with a dot on a line by itself');
    for (let lines = 0; ; lines++) {
      const line = yield* this.#stream.readLine();
      if (line === null) return '451 Message lost';
      if (line !== '.') continue;
      this.#statistics.messages++;
      this.#statistics.recipients += this.#recipients;
      this.#statistics.lines += lines;
      this.#forget();
      return '250 Message taken';
    }
  }

  #forget(): void {
    this.#hasSender = false;
    this.#recipients = 0;
  }

  *#reply(text: string): Running<boolean> {
    return yield* this.#stream.write(`${text}\r\n`);
  }
}
