/**
 * What applications read and wrote, and at which sockets: a process whose sockets note every successful recv() and
 * send(). Programs get it instead of the bare one and cannot tell the difference.
 */
import type { Payload } from '../../packet/payload.ts';
import type { Nanos } from '../../sim/time.ts';
import {
  type Endpoint,
  MSG_OOB,
  MSG_PEEK,
  MSG_TRUNC,
  type OptionValue,
  type Process,
  type Received,
  type ShutdownHow,
  type Socket,
  type SocketKind,
} from '../../sockets/api.ts';

/** One successful recv() with bytes in it. */
export interface Reading {
  readonly time: Nanos;
  readonly host: string;
  readonly program: string;
  readonly kind: SocketKind;
  /** Tells the sockets of a run apart, also those that have one name after the other. */
  readonly socket: number;
  readonly local: Endpoint;
  /** Of a connected socket; null otherwise. */
  readonly peer: Endpoint | null;
  /** Who sent it: the peer of a stream, the sender of a datagram. */
  readonly from: Endpoint | null;
  readonly data: Payload;
  /** False when it does not continue what was read before: urgent data, bytes thrown away by MSG_TRUNC. */
  readonly isInBand: boolean;
}

/** One successful send(): the bytes that the socket took. */
export type Writing = Omit<Reading, 'from'>;

/** Takes down what was read and written; knows what a socket does not. */
export interface TrafficLog {
  nextSocket(): number;
  read(socket: Socket, id: number, received: Received, flags: number): void;
  wrote(socket: Socket, id: number, data: Payload, flags: number): void;
}

/** Flags of calls whose bytes do not simply continue the stream. */
export const OUT_OF_BAND: number = MSG_OOB | MSG_TRUNC;

export class RecordingProcess implements Process {
  readonly #inner: Process;
  readonly #log: TrafficLog;

  constructor(inner: Process, log: TrafficLog) {
    this.#inner = inner;
    this.#log = log;
  }

  get pid(): number {
    return this.#inner.pid;
  }

  get name(): string {
    return this.#inner.name;
  }

  get uid(): number {
    return this.#inner.uid;
  }

  set uid(uid: number) {
    this.#inner.uid = uid;
  }

  get sockets(): readonly Socket[] {
    return this.#inner.sockets;
  }

  socket(kind: SocketKind): Socket | number {
    return wrapped(this.#inner.socket(kind), this.#log);
  }

  exit(): void {
    this.#inner.exit();
  }
}

class RecordingSocket implements Socket {
  readonly kind: SocketKind;
  readonly #inner: Socket;
  readonly #log: TrafficLog;
  readonly #id: number;

  constructor(inner: Socket, log: TrafficLog) {
    this.kind = inner.kind;
    this.#inner = inner;
    this.#log = log;
    this.#id = log.nextSocket();
  }

  get fd(): number {
    return this.#inner.fd;
  }

  recv(size: number, flags: number = 0): Received | number {
    const received = this.#inner.recv(size, flags);
    if (typeof received !== 'number' && received.data.size > 0 && (flags & MSG_PEEK) === 0)
      this.#log.read(this.#inner, this.#id, received, flags);
    return received;
  }

  accept(): Socket | number {
    return wrapped(this.#inner.accept(), this.#log);
  }

  bind(local: Endpoint): number {
    return this.#inner.bind(local);
  }

  listen(backlog: number): number {
    return this.#inner.listen(backlog);
  }

  connect(remote: Endpoint): number {
    return this.#inner.connect(remote);
  }

  resumeConnect(remote: Endpoint): number {
    return this.#inner.resumeConnect(remote);
  }

  disconnect(): number {
    return this.#inner.disconnect();
  }

  send(data: Payload, flags: number = 0, to?: Endpoint | null): number {
    const taken = this.#inner.send(data, flags, to);
    if (taken > 0) this.#log.wrote(this.#inner, this.#id, data.slice(0, taken), flags);
    return taken;
  }

  shutdown(how: ShutdownHow): number {
    return this.#inner.shutdown(how);
  }

  close(): number {
    return this.#inner.close();
  }

  localName(): Endpoint {
    return this.#inner.localName();
  }

  peerName(): Endpoint | number {
    return this.#inner.peerName();
  }

  setOption(name: string, value: OptionValue): number {
    return this.#inner.setOption(name, value);
  }

  getOption(name: string): OptionValue {
    return this.#inner.getOption(name);
  }

  tcpInfo(): ReturnType<Socket['tcpInfo']> {
    return this.#inner.tcpInfo();
  }

  ioctl(request: Parameters<Socket['ioctl']>[0]): number {
    return this.#inner.ioctl(request);
  }

  poll(): number {
    return this.#inner.poll();
  }

  wait(wake: () => void): void {
    this.#inner.wait(wake);
  }
}

function wrapped(socket: Socket | number, log: TrafficLog): Socket | number {
  return typeof socket === 'number' ? socket : new RecordingSocket(socket, log);
}
