/**
 * A byte stream read as text: lines ended by CRLF or LF (as RFC 9112 2.2 and RFC 5321 2.3.8 want of receivers, with
 * leniency), blocks of a known length, or everything until the end.
 */
import { EMPTY, Payload } from '../packet/payload.ts';
import type { Socket } from '../sockets/api.ts';
import { recv, sendAll } from '../sockets/blocking.ts';
import type { Running } from '../sockets/program.ts';

const BUFFER_SIZE = 65536;
const LINE_FEED = 10;
const LONGEST_LINE = 65536;

export class TextStream {
  readonly socket: Socket;
  /** The errno that ended reading or writing, or 0. */
  errno = 0;
  #unread: Payload = EMPTY;

  constructor(socket: Socket) {
    this.socket = socket;
  }

  /** The next line without its end; null when the stream ended first, failed ({@link errno}) or the line is too long. */
  *readLine(): Running<string | null> {
    let searched = 0;
    for (;;) {
      const bytes = this.#unread.view();
      const end = bytes.indexOf(LINE_FEED, searched);
      if (end >= 0) {
        this.#unread = this.#unread.slice(end + 1);
        return new TextDecoder().decode(bytes.subarray(0, end)).replace(/\r$/, '');
      }
      searched = bytes.length;
      if (searched > LONGEST_LINE || !(yield* this.#readMore())) return null;
    }
  }

  /** Lines up to an empty one, which is not among them; null when the stream ended first. */
  *readBlock(): Running<string[] | null> {
    const lines: string[] = [];
    for (;;) {
      const line = yield* this.readLine();
      if (line === null) return null;
      if (line === '') return lines;
      lines.push(line);
    }
  }

  /** Reads `size` bytes and forgets them. @returns how many there were before the stream ended */
  *skip(size: number): Running {
    let left = size;
    for (;;) {
      const taken = Math.min(left, this.#unread.size);
      this.#unread = this.#unread.slice(taken);
      left -= taken;
      if (left === 0 || !(yield* this.#readMore())) return size - left;
    }
  }

  /** Sends text; false when the connection is gone ({@link errno}). */
  *write(text: string): Running<boolean> {
    return yield* this.writeBytes(Payload.text(text));
  }

  *writeBytes(data: Payload): Running<boolean> {
    const sent = yield* sendAll(this.socket, data);
    if (sent < 0) this.errno = -sent;
    return sent === data.size;
  }

  *#readMore(): Running<boolean> {
    const received = yield* recv(this.socket, BUFFER_SIZE);
    if (typeof received === 'number') {
      this.errno = -received;
      return false;
    }
    this.#unread = this.#unread.concat(received.data);
    return received.data.size > 0;
  }
}
