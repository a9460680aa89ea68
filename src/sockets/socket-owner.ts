/** A process as the socket floor knows it: credentials and a table of descriptors. */
import { EMFILE } from '../network/errno.ts';
import type { Process, Socket, SocketKind } from './api.ts';
import type { InetSocket } from './inet-socket.ts';
import { PingSocket } from './ping/ping-socket.ts';
import { UndefinedByProfile } from './profile.ts';
import type { SocketLayer } from './socket-layer.ts';
import { TcpSocket } from './tcp/tcp-socket.ts';
import { UdpSocket } from './udp/udp-socket.ts';

/** 0, 1 and 2 are taken, as in any process. */
const FIRST_FD = 3;

export class SocketProcess implements Process {
  readonly pid: number;
  readonly name: string;
  uid: number;
  /** RLIMIT_NOFILE: descriptors are below this number. */
  maxDescriptors = 1048576;
  readonly #layer: SocketLayer;
  /** By descriptor; holes are filled lowest first, as POSIX asks. */
  readonly #table: (InetSocket | null)[] = [];
  #firstHole = FIRST_FD;

  constructor(layer: SocketLayer, pid: number, name: string, uid: number) {
    this.#layer = layer;
    this.pid = pid;
    this.name = name;
    this.uid = uid;
  }

  /** @returns a socket, or -EMFILE */
  socket(kind: SocketKind): Socket | number {
    if (this.#firstHole >= this.maxDescriptors) return -EMFILE;
    const made = this.#newSocket(kind);
    if (!(made instanceof PingSocket)) this.#layer.opened(made); // netstat and ss list ping sockets elsewhere
    this.adopt(made);
    return made;
  }

  #newSocket(kind: SocketKind): InetSocket {
    const domain = kind.endsWith('6') ? 6 : 4;
    const { rules, profile } = this.#layer;
    if (domain === 6 && rules !== null) throw new UndefinedByProfile(profile, 'IPv6 sockets');
    if (kind === 'icmp' || kind === 'icmp6') return new PingSocket(this.#layer, this.uid, domain);
    const isStream = kind === 'tcp' || kind === 'tcp6';
    return isStream
      ? new TcpSocket(this.#layer, this.uid, domain)
      : new UdpSocket(this.#layer, this.uid, domain);
  }

  /** May another descriptor be opened? */
  get isFull(): boolean {
    return this.#firstHole >= this.maxDescriptors;
  }

  /** Gives the socket the lowest free descriptor. */
  adopt(socket: InetSocket): void {
    const fd = this.#firstHole;
    this.#table[fd] = socket;
    socket.fd = fd;
    socket.owner = this;
    let next = fd + 1;
    while (this.#table[next] != null) next++;
    this.#firstHole = next;
  }

  /** The socket's descriptor is closed. */
  forget(socket: InetSocket): void {
    this.#table[socket.fd] = null;
    if (socket.fd < this.#firstHole) this.#firstHole = socket.fd;
  }

  get sockets(): readonly Socket[] {
    const open: Socket[] = [];
    for (let fd = FIRST_FD; fd < this.#table.length; fd++) {
      const socket = this.#table[fd];
      if (socket != null) open.push(socket);
    }
    return open;
  }

  exit(): void {
    for (const socket of this.sockets) socket.close();
    this.#layer.exited(this);
  }
}
