/** The client's side of a dialogue with three-digit replies, as FTP (RFC 959 4.2) and SMTP (RFC 5321 4.2) have it. */
import type { Socket } from '../sockets/api.ts';
import type { ProgramContext, Running } from '../sockets/program.ts';
import { TextStream } from './text-stream.ts';

export interface Reply {
  readonly code: number;
  /** The text behind the code, of the last line. */
  readonly text: string;
}

export class ReplyStream {
  readonly stream: TextStream;
  readonly #context: ProgramContext;

  constructor(context: ProgramContext, socket: Socket) {
    this.stream = new TextStream(socket);
    this.#context = context;
  }

  /** The next reply, all lines of it; null when the connection ended. */
  *reply(): Running<Reply | null> {
    for (;;) {
      const line = yield* this.stream.readLine();
      if (line === null) return null;
      const match = /^(\d{3})(-| |$)(.*)$/.exec(line);
      if (match === null || match[2] === '-') continue; // the lines before the last one of a long reply
      this.#context.print(`< ${line}`);
      return { code: Number(match[1]), text: match[3]! };
    }
  }

  /** Sends a command and waits for its reply. */
  *ask(command: string): Running<Reply | null> {
    const lines = command.split('\r\n');
    this.#context.print(lines.length === 1 ? `> ${command}` : `> (${lines.length} lines)`);
    yield* this.stream.write(`${command}\r\n`);
    return yield* this.reply();
  }

  /** Like {@link ask}: was the reply one of the hundred that `first` names, as 2 for success? */
  *succeeds(command: string, first: number): Running<boolean> {
    const reply = yield* this.ask(command);
    return reply !== null && Math.floor(reply.code / 100) === first;
  }
}
