/**
 * What applications read, and from which sockets: a process whose sockets note every successful recv(). Programs get
 * it instead of the bare one and cannot tell the difference.
 */
import type { Payload } from '../../packet/payload.ts';
import type { Nanos } from '../../sim/time.ts';
import {
  type Endpoint,
  MSG_PEEK,
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
  readonly local: Endpoint;
  /** Of a connected socket; null otherwise. */
  readonly peer: Endpoint | null;
  /** Who sent it: the peer of a stream, the sender of a datagram. */
  readonly from: Endpoint | null;
  readonly data: Payload;
}

/** Takes down readings; knows what a socket does not. */
export interface ReadingLog {
  add(socket: Socket, received: Received): void;
}

export class RecordingProcess implements Process {
  readonly #inner: Process;
  readonly #log: ReadingLog;

  constructor(inner: Process, log: ReadingLog) {
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
  readonly #log: ReadingLog;

  constructor(inner: Socket, log: ReadingLog) {
    this.kind = inner.kind;
    this.#inner = inner;
    this.#log = log;
  }

  get fd(): number {
    return this.#inner.fd;
  }

  recv(size: number, flags: number = 0): Received | number {
    const received = this.#inner.recv(size, flags);
    if (typeof received !== 'number' && received.data.size > 0 && (flags & MSG_PEEK) === 0)
      this.#log.add(this.#inner, received);
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

  disconnect(): number {
    return this.#inner.disconnect();
  }

  send(data: Payload, flags?: number, to?: Endpoint | null): number {
    return this.#inner.send(data, flags, to);
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

function wrapped(socket: Socket | number, log: ReadingLog): Socket | number {
  return typeof socket === 'number' ? socket : new RecordingSocket(socket, log);
}
