/**
 * Queue disciplines: what holds the frames that wait for a transmitter which asks for the next one when it is free.
 * A point-to-point link needs none of it as long as it is first in, first out (see `backlog.ts`).
 */
import { checkQueueLimit, type QueueLimit } from './backlog.ts';
import type { EthernetFrame } from './frame.ts';

export interface Queue {
  /** Frames that wait. */
  readonly packets: number;
  /** Their bytes, header and payload. */
  readonly bytes: number;
  /** @returns false when the frame is to be dropped */
  enqueue(frame: EthernetFrame): boolean;
  /** @returns the frame to transmit next, or null */
  dequeue(): EthernetFrame | null;
}

/** First in, first out; what does not fit any more is dropped. */
export class DropTailQueue implements Queue {
  packets = 0;
  bytes = 0;
  readonly #maxPackets: number;
  readonly #maxBytes: number;
  #ring: (EthernetFrame | null)[] = new Array<null>(8).fill(null);
  #head = 0;

  constructor(limit: QueueLimit) {
    checkQueueLimit(limit);
    this.#maxPackets = limit.packets ?? Number.POSITIVE_INFINITY;
    this.#maxBytes = limit.bytes ?? Number.POSITIVE_INFINITY;
  }

  enqueue(frame: EthernetFrame): boolean {
    if (this.packets >= this.#maxPackets || this.bytes + frame.size > this.#maxBytes) return false;
    if (this.packets === this.#ring.length) this.#grow();
    this.#ring[(this.#head + this.packets) & (this.#ring.length - 1)] = frame;
    this.packets++;
    this.bytes += frame.size;
    return true;
  }

  dequeue(): EthernetFrame | null {
    if (this.packets === 0) return null;
    const frame = this.#ring[this.#head]!;
    this.#ring[this.#head] = null;
    this.#head = (this.#head + 1) & (this.#ring.length - 1);
    this.packets--;
    this.bytes -= frame.size;
    return frame;
  }

  #grow(): void {
    const ordered = [...this.#ring.slice(this.#head), ...this.#ring.slice(0, this.#head)];
    this.#ring = [...ordered, ...new Array<null>(ordered.length).fill(null)];
    this.#head = 0;
  }
}
