/**
 * A list in the order in which sockets came, the newest first: the order in which lookups and conflict scans walk.
 * Linked through the nodes, so that a socket leaves from the middle at no cost.
 */
import { invariant } from '../../sim/errors.ts';

/** A socket's place in one list; it can be in at most one at a time. */
export class ListNode<T> {
  readonly item: T;
  next: ListNode<T> | null = null;
  previous: ListNode<T> | null = null;
  list: NewestFirst<T> | null = null;

  constructor(item: T) {
    this.item = item;
  }
}

export class NewestFirst<T> {
  head: ListNode<T> | null = null;
  size = 0;
  #tail: ListNode<T> | null = null;

  /** Puts the node in front of all others. */
  addFirst(node: ListNode<T>): void {
    invariant(node.list === null, 'a socket is in two lists at once');
    node.list = this;
    node.next = this.head;
    if (this.head !== null) this.head.previous = node;
    else this.#tail = node;
    this.head = node;
    this.size++;
  }

  /** Puts the node behind all others. */
  addLast(node: ListNode<T>): void {
    if (this.#tail === null) {
      this.addFirst(node);
      return;
    }
    invariant(node.list === null, 'a socket is in two lists at once');
    node.list = this;
    node.previous = this.#tail;
    this.#tail.next = node;
    this.#tail = node;
    this.size++;
  }

  remove(node: ListNode<T>): void {
    invariant(node.list === this, 'a socket leaves a list that it is not in');
    if (node.previous !== null) node.previous.next = node.next;
    else this.head = node.next;
    if (node.next !== null) node.next.previous = node.previous;
    else this.#tail = node.previous;
    node.next = null;
    node.previous = null;
    node.list = null;
    this.size--;
  }

  /** The items, newest first; for views and tests, not for lookups. */
  items(): T[] {
    const items: T[] = [];
    for (let node = this.head; node !== null; node = node.next) items.push(node.item);
    return items;
  }
}
