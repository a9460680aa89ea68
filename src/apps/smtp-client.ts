/** An SMTP client (RFC 5321): delivers one message and says what was spoken. */
import type { Running } from '../sockets/program.ts';
import { app, fail } from './app.ts';
import { ReplyStream } from './reply-stream.ts';
import { connectTo, FROM } from './sockets.ts';

type SmtpClientStatistics = {
  /** The server took the message. */
  accepted: boolean;
  /** Code of the last reply. */
  code: number;
};

export const smtpClient = app({
  name: 'smtp-client',
  doc: 'Sends one mail.',
  parameters: {
    to: { type: 'endpoint', doc: 'The server; its port is 25 by custom.' },
    from: FROM,
    sender: { type: 'text', default: 'alice@example.org', doc: 'Mail address of the sender.' },
    recipient: { type: 'text', default: 'bob@example.com', doc: 'Mail address of the recipient.' },
    body: { type: 'lines', default: ['Hello, Bob.'], doc: 'Lines of the message.' },
  },
  statistics: (): SmtpClientStatistics => ({ accepted: false, code: 0 }),
  *run(context, { to, from, sender, recipient, body }, statistics) {
    const socket = yield* connectTo(context, 'tcp', to, from);
    if (typeof socket === 'number') return fail(context, 'connect', socket);
    const dialogue = new ReplyStream(context, socket);
    yield* dialogue.reply(); // 220
    const headers = [`From: <${sender}>`, `To: <${recipient}>`, 'Subject: a message', ''];
    const steps: [command: string, code: number][] = [
      [`EHLO ${context.host}`, 250],
      [`MAIL FROM:<${sender}>`, 250],
      [`RCPT TO:<${recipient}>`, 250],
      ['DATA', 354],
      [[...headers, ...body].map(stuffed).concat('.').join('\r\n'), 250],
    ];
    statistics.accepted = yield* allSucceed(dialogue, steps, statistics);
    yield* dialogue.ask('QUIT');
    socket.close();
    return statistics.accepted ? 0 : 1;
  },
});

function* allSucceed(
  dialogue: ReplyStream,
  steps: readonly (readonly [command: string, code: number])[],
  statistics: SmtpClientStatistics,
): Running<boolean> {
  for (const [command, code] of steps) {
    const reply = yield* dialogue.ask(command);
    statistics.code = reply?.code ?? 0;
    if (reply?.code !== code) return false;
  }
  return true;
}

/** A dot at the start of a line is doubled (RFC 5321 4.5.2). */
function stuffed(line: string): string {
  return line.startsWith('.') ? `.${line}` : line;
}
