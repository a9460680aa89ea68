/**
 * What a listening socket keeps: half-open children, completed ones in the order of their completion, the backlog.
 * A backlog of b admits b + 1 of each (listen(2); the kernel's sk_acceptq_is_full compares with "greater").
 */
import type { TcpSocket } from './tcp-socket.ts';

export class ListenQueue {
  backlog: number;
  /** Children in SYN-RECEIVED. */
  halfOpen: number;
  /** Completed connections that wait for accept(), from `#first` on. */
  #completed: TcpSocket[] = [];
  #first = 0;

  /** @param halfOpen children that an earlier listen() of the same socket left behind: they still count */
  constructor(backlog: number, halfOpen: number = 0) {
    this.backlog = backlog;
    this.halfOpen = halfOpen;
  }

  /** Connections that wait for accept(). */
  get waiting(): number {
    return this.#completed.length - this.#first;
  }

  /** No further connection is completed, and SYNs are dropped. */
  get isFull(): boolean {
    return this.waiting > this.backlog;
  }

  /** No further half-open connection is kept: SYN cookies from here on. */
  get isSynQueueFull(): boolean {
    return this.halfOpen > this.backlog;
  }

  push(child: TcpSocket): void {
    this.#completed.push(child);
  }

  /** The oldest completed connection. */
  shift(): TcpSocket | null {
    if (this.waiting === 0) return null;
    const child = this.#completed[this.#first++]!;
    if (this.#first > 64 && this.#first * 2 > this.#completed.length) {
      this.#completed = this.#completed.slice(this.#first);
      this.#first = 0;
    }
    return child;
  }

  /** A queued connection was reset; it is still handed out by accept(), as in the kernel. */
  get all(): readonly TcpSocket[] {
    return this.#completed.slice(this.#first);
  }
}
