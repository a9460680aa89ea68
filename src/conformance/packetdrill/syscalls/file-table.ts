/**
 * Descriptors of a script: names for live sockets. A script binds a name by the result that it writes behind
 * socket() or accept(), whatever number the host gave.
 */
import type { Socket } from '../../../sockets/api.ts';
import type { EpollSet } from './epoll-set.ts';

export interface SocketFile {
  readonly kind: 'socket';
  readonly socket: Socket;
  /** O_NONBLOCK */
  nonblocking: boolean;
  /** Options that change nothing in a simulator, with the values that were set. */
  readonly inert: Map<string, number>;
}

export interface EpollFile {
  readonly kind: 'epoll';
  readonly set: EpollSet;
}

export class FileTable {
  readonly #files = new Map<number, SocketFile | EpollFile>();
  readonly #everOpened = new Set<number>();

  get(fd: number): SocketFile | EpollFile | undefined {
    return this.#files.get(fd);
  }

  /** Was there ever a file of this name? */
  wasOpened(fd: number): boolean {
    return this.#everOpened.has(fd);
  }

  addSocket(fd: number, socket: Socket, nonblocking: boolean): void {
    this.#everOpened.add(fd);
    this.#files.set(fd, { kind: 'socket', socket, nonblocking, inert: new Map() });
  }

  addEpoll(fd: number, set: EpollSet): void {
    this.#everOpened.add(fd);
    this.#files.set(fd, { kind: 'epoll', set });
  }

  remove(fd: number): void {
    this.#files.delete(fd);
  }
}
