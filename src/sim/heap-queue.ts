/**
 * A 4-ary heap over typed arrays, ordered by (time, sequence number). The plain reference among the queues:
 * tests hold the timing wheel against it.
 */
import type { EventQueue } from './event-queue.ts';
import { type Nanos, NEVER } from './time.ts';

export class HeapQueue implements EventQueue {
  size = 0;
  #times = new Float64Array(64);
  #order = new Float64Array(64);
  #slots = new Int32Array(64);
  readonly #timeOfSlot: Nanos[] = [];
  #pushed = 0;

  push(time: Nanos, slot: number): void {
    if (this.size === this.#times.length) this.#grow();
    this.#timeOfSlot[slot] = time;
    const order = this.#pushed++;
    let at = this.size++;
    while (at > 0) {
      const parent = (at - 1) >> 2;
      if (this.#times[parent]! <= time) break; // an equal parent was pushed earlier and stays in front
      this.#move(parent, at);
      at = parent;
    }
    this.#put(at, time, order, slot);
  }

  timeOf(slot: number): Nanos {
    return this.#timeOfSlot[slot]!;
  }

  popUntil(limit: Nanos): number {
    if (this.size === 0 || this.#times[0]! > limit) return -1;
    const slot = this.#slots[0]!;
    const last = --this.size;
    if (last > 0) this.#siftDown(this.#times[last]!, this.#order[last]!, this.#slots[last]!);
    return slot;
  }

  peekTime(): Nanos {
    return this.size === 0 ? NEVER : this.#times[0]!;
  }

  #siftDown(time: Nanos, order: number, slot: number): void {
    let at = 0;
    for (;;) {
      const first = at * 4 + 1;
      if (first >= this.size) break;
      const end = Math.min(first + 4, this.size);
      let least = first;
      for (let child = first + 1; child < end; child++) if (this.#precedes(child, least)) least = child;
      const leastTime = this.#times[least]!;
      if (leastTime > time || (leastTime === time && this.#order[least]! > order)) break;
      this.#move(least, at);
      at = least;
    }
    this.#put(at, time, order, slot);
  }

  #precedes(a: number, b: number): boolean {
    const ta = this.#times[a]!;
    const tb = this.#times[b]!;
    return ta < tb || (ta === tb && this.#order[a]! < this.#order[b]!);
  }

  #move(from: number, to: number): void {
    this.#put(to, this.#times[from]!, this.#order[from]!, this.#slots[from]!);
  }

  #put(at: number, time: Nanos, order: number, slot: number): void {
    this.#times[at] = time;
    this.#order[at] = order;
    this.#slots[at] = slot;
  }

  #grow(): void {
    const capacity = this.#times.length * 2;
    const times = new Float64Array(capacity);
    times.set(this.#times);
    this.#times = times;
    const order = new Float64Array(capacity);
    order.set(this.#order);
    this.#order = order;
    const slots = new Int32Array(capacity);
    slots.set(this.#slots);
    this.#slots = slots;
  }
}
