/** A socket without a stack: what the test puts in can be received, and what is sent is kept. */
import { EAGAIN, ENOPROTOOPT } from '../../src/network/errno.ts';
import { ANY_V4 } from '../../src/packet/ip-address.ts';
import { EMPTY, Payload } from '../../src/packet/payload.ts';
import {
  type Endpoint,
  type OptionValue,
  POLLIN,
  POLLOUT,
  type Process,
  type Received,
  type Socket,
} from '../../src/sockets/api.ts';

const NOWHERE: Endpoint = { address: ANY_V4, port: 0 };

export class FakeSocket implements Socket {
  readonly kind = 'tcp';
  fd = 3;
  /** Room in the send buffer, bytes. */
  room = 1_000_000;
  /** What connect() says. */
  connectResult = 0;
  hasEnded = false;
  sent: Payload = EMPTY;
  waiting: Socket[] = [];
  #arrived: Payload = EMPTY;
  #waiters: (() => void)[] = [];

  arrive(text: string): void {
    this.#arrived = this.#arrived.concat(Payload.text(text));
    this.changed();
  }

  /** Something about readiness changed. */
  changed(): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const wake of waiters) wake();
  }

  recv(size: number): Received | number {
    if (this.#arrived.size === 0) return this.hasEnded ? { data: EMPTY, from: null, fullSize: 0 } : -EAGAIN;
    const data = this.#arrived.slice(0, Math.min(size, this.#arrived.size));
    this.#arrived = this.#arrived.slice(data.size);
    return { data, from: null, fullSize: data.size };
  }

  send(data: Payload): number {
    const taken = Math.min(this.room, data.size);
    if (taken === 0 && data.size > 0) return -EAGAIN;
    this.room -= taken;
    this.sent = this.sent.concat(data.slice(0, taken));
    return taken;
  }

  tcpInfo(): number {
    return -ENOPROTOOPT;
  }

  ioctl(): number {
    return 0;
  }

  accept(): Socket | number {
    return this.waiting.shift() ?? -EAGAIN;
  }

  poll(): number {
    const isReadable = this.#arrived.size > 0 || this.hasEnded || this.waiting.length > 0;
    return (isReadable ? POLLIN : 0) | (this.room > 0 ? POLLOUT : 0);
  }

  wait(wake: () => void): void {
    this.#waiters.push(wake);
  }

  connect(): number {
    return this.connectResult;
  }

  getOption(): OptionValue {
    return 0;
  }

  close(): number {
    this.fd = -1;
    return 0;
  }

  bind(): number {
    return 0;
  }
  listen(): number {
    return 0;
  }
  resumeConnect(): number {
    return this.connect();
  }

  disconnect(): number {
    return 0;
  }
  shutdown(): number {
    return 0;
  }
  setOption(): number {
    return 0;
  }
  localName(): Endpoint {
    return NOWHERE;
  }
  peerName(): Endpoint {
    return NOWHERE;
  }
}

export class FakeProcess implements Process {
  readonly pid = 1;
  readonly name: string;
  uid = 0;
  readonly sockets: readonly Socket[] = [];
  hasExited = false;

  constructor(name: string = 'test') {
    this.name = name;
  }

  socket(): number {
    return -EAGAIN;
  }

  exit(): void {
    this.hasExited = true;
  }
}
