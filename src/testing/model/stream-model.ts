/**
 * A reliable byte stream, as TCP promises one (RFC 9293): what is read is what was written, in order, without gap or
 * repetition; the end comes after the last byte and only when the other side has ended; an error has a cause. When no
 * side broke off and every link was healed, everything arrives.
 */
import { EAGAIN, ECONNRESET, EPIPE, ETIMEDOUT, errnoName } from '../../network/errno.ts';
import { Payload } from '../../packet/payload.ts';
import type { Socket } from '../../sockets/api.ts';
import { NetworkModel } from './network-model.ts';

/** One side of a connection. */
export interface StreamEnd {
  readonly host: string;
  /** Null until the connection has been accepted. */
  socket: Socket | null;
  /** Bytes that its socket took, and bytes that were read there. */
  written: number;
  read: number;
  isClosed: boolean;
  hasSeenEnd: boolean;
}

export class StreamConnection {
  readonly number: number;
  readonly ends: readonly [StreamEnd, StreamEnd];
  /** Somebody broke it off, lost power or gave up: bytes may be lost, and errors have a cause. */
  isBroken = false;

  constructor(number: number, client: string, server: string, socket: Socket) {
    const end = { socket: null, written: 0, read: 0, isClosed: false, hasSeenEnd: false };
    this.number = number;
    this.ends = [
      { ...end, host: client, socket },
      { ...end, host: server },
    ];
  }

  other(end: StreamEnd): StreamEnd {
    return end === this.ends[0] ? this.ends[1] : this.ends[0];
  }

  /** The bytes that one end writes: each knows its connection, direction and position. */
  bytes(end: StreamEnd, from: number, size: number): Payload {
    const salt = this.number * 57 + (end === this.ends[0] ? 11 : 173);
    return new Payload(Uint8Array.from({ length: size }, (_, i) => salt + (from + i) * 31));
  }
}

/** The port at which every listening host listens. */
export const STREAM_PORT = 9000;

export class StreamModel extends NetworkModel {
  readonly listeners: Map<string, Socket> = new Map();
  readonly connections: StreamConnection[] = [];

  /** The connection that a drawn number means; null when there is none. */
  connection(number: number): StreamConnection | null {
    return this.connections[number % this.connections.length] ?? null;
  }

  onCrash(host: string): void {
    this.listeners.delete(host);
    for (const connection of this.connections)
      if (connection.ends.some((end) => end.host === host)) connection.isBroken = true;
  }

  /** Accepts whatever waits, and finds the connection to which it belongs. */
  acceptAll(host: string): void {
    const listener = this.listeners.get(host);
    if (listener === undefined) return;
    for (;;) {
      const socket = listener.accept();
      if (typeof socket === 'number') return;
      const peer = socket.peerName();
      const found = this.connections.find(({ ends: [client, server] }) => {
        const port = client.socket?.localName().port;
        return (
          server.host === host && server.socket === null && typeof peer !== 'number' && port === peer.port
        );
      });
      if (found === undefined)
        socket.close(); // the client has given it up already
      else found.ends[1].socket = socket;
    }
  }

  /** Reads, and holds what came against what was written. @throws Error saying what came that must not */
  read(connection: StreamConnection, end: StreamEnd, size: number): void {
    const received = end.socket!.recv(size);
    if (typeof received === 'number') {
      if (received === -EAGAIN) return;
      this.#judgeError(connection, end, received);
      connection.isBroken = true;
      return;
    }
    const { data } = received;
    const peer = connection.other(end);
    if (data.size === 0) {
      end.hasSeenEnd = true;
      if (!peer.isClosed && !connection.isBroken)
        throw new Error(`${end.host} read the end, and ${peer.host} has not closed`);
      if (end.read < peer.written && !connection.isBroken)
        throw new Error(`${end.host} read the end after ${end.read} of ${peer.written} bytes`);
      return;
    }
    const expected = connection.bytes(peer, end.read, data.size);
    if (end.read + data.size > peer.written)
      throw new Error(
        `${end.host} read ${end.read + data.size} bytes, and ${peer.host} wrote ${peer.written}`,
      );
    const wrong = expected.view().findIndex((byte, i) => byte !== data.view()[i]);
    if (wrong >= 0)
      throw new Error(`byte ${end.read + wrong} that ${end.host} read is not the one that was written`);
    end.read += data.size;
  }

  atEnd(): void {
    for (const connection of this.connections) {
      this.acceptAll(connection.ends[1].host);
      for (const end of connection.ends)
        if (end.socket !== null && !end.isClosed) this.#drain(connection, end);
      if (connection.isBroken || this.cut.size > 0 || this.dead.size > 0) continue;
      for (const end of connection.ends) {
        const peer = connection.other(end);
        if (end.isClosed || end.socket === null || end.read === peer.written) continue;
        throw new Error(
          `${end.host} read ${end.read} of the ${peer.written} bytes that ${peer.host} wrote, and nothing is under way`,
        );
      }
    }
  }

  #drain(connection: StreamConnection, end: StreamEnd): void {
    for (let before = -1; before < end.read && !end.hasSeenEnd; ) {
      before = end.read;
      this.read(connection, end, 100_000);
    }
  }

  /** A reset needs somebody who broke off; a time-out needs losses. */
  #judgeError(connection: StreamConnection, end: StreamEnd, errno: number): void {
    const peer = connection.other(end);
    const isRefused = errno === -ECONNRESET || errno === -EPIPE;
    if (connection.isBroken || (errno === -ETIMEDOUT && this.hasLost)) return;
    if (isRefused && peer.isClosed) return; // closed with bytes unread, or written to after it had closed
    if (peer.socket === null) return; // the handshake failed: nobody listened
    throw new Error(`${end.host}: recv() failed with ${errnoName(errno)} without a cause`);
  }
}
