/**
 * epoll(7) over the readiness of sockets. Level-triggered items are reported as long as they are ready; an
 * edge-triggered one when it is added or changed, and then after each event that may have changed its readiness.
 */
import { POLLERR, POLLHUP, type Socket } from '../../../sockets/api.ts';
import { EPOLL } from '../symbols.ts';

interface Item {
  readonly socket: Socket;
  /** Without EPOLLET and EPOLLONESHOT. */
  events: number;
  isEdgeTriggered: boolean;
  isOneShot: boolean;
  /** What the program stored with the item: the script's descriptor. */
  data: number;
  /** Something has happened since it was last reported. */
  isArmed: boolean;
  /** The socket knows that we wait for its next event. */
  isWaiting: boolean;
}

export interface EpollEvent {
  readonly events: number;
  readonly data: number;
}

export class EpollSet {
  readonly #items = new Map<number, Item>();

  /** Adds a descriptor. @returns false when it is already there */
  add(fd: number, socket: Socket, events: number, data: number): boolean {
    if (this.#items.has(fd)) return false;
    const item = { socket, data, isArmed: true, isWaiting: false, ...split(events) };
    this.#items.set(fd, item);
    return true;
  }

  /** @returns false when the descriptor is not there */
  modify(fd: number, events: number, data: number): boolean {
    const item = this.#items.get(fd);
    if (item === undefined) return false;
    Object.assign(item, split(events), { data, isArmed: true });
    return true;
  }

  remove(fd: number): boolean {
    return this.#items.delete(fd);
  }

  /** Up to `max` ready items; what is edge-triggered is not reported again until something happens. */
  collect(max: number): EpollEvent[] {
    const ready: EpollEvent[] = [];
    for (const item of this.#items.values()) {
      const events = item.socket.poll() & (item.events | POLLERR | POLLHUP);
      const isReady = events !== 0 && item.events !== 0 && (item.isArmed || !item.isEdgeTriggered);
      if (!isReady || ready.length === max) continue;
      item.isArmed = false;
      if (item.isOneShot) item.events = 0;
      ready.push({ events, data: item.data });
    }
    for (const item of this.#items.values()) if (item.isEdgeTriggered) watch(item);
    return ready;
  }

  get sockets(): Socket[] {
    return [...this.#items.values()].map(({ socket }) => socket);
  }
}

function watch(item: Item): void {
  if (item.isWaiting) return;
  item.isWaiting = true;
  item.socket.wait(() => {
    item.isArmed = true;
    item.isWaiting = false;
  });
}

function split(flags: number): Pick<Item, 'events' | 'isEdgeTriggered' | 'isOneShot'> {
  return {
    events: flags & 0xffffff,
    isEdgeTriggered: (flags & EPOLL.EPOLLET) !== 0,
    isOneShot: (flags & EPOLL.EPOLLONESHOT) !== 0,
  };
}
