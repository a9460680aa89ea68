/**
 * The recorder: one tap per watched node, all events in one list in the order in which they happened. It keeps
 * references to PDUs, which are immutable once sent; bytes are made when a capture is written.
 */
import { EthernetFrame } from '../link/frame.ts';
import { Payload } from '../packet/payload.ts';
import type { Pdu } from '../packet/pdu.ts';
import type { Tap } from '../packet/tap.ts';
import type { Nanos } from '../sim/time.ts';
import { dissect } from './dissect.ts';

/** The clock, as far as a recorder needs one. */
export interface Clock {
  readonly now: Nanos;
}

/** A frame that entered or left a node, and what the node made of it. */
export class RecordedFrame {
  readonly time: Nanos;
  readonly node: string;
  readonly device: string;
  readonly direction: 'in' | 'out';
  readonly frame: Pdu;
  /** Why this frame, or what it carried, went no further; null when it did. */
  dropped: string | null = null;
  /** When it was dropped; meaningless unless it was. */
  droppedAt: Nanos = 0;
  /** The socket that the demultiplexer chose, or null when no socket was looked for. */
  socket: string | null = null;
  /** The rule by which it was chosen. */
  rule: string | null = null;

  constructor(time: Nanos, node: string, device: string, direction: 'in' | 'out', frame: Pdu) {
    this.time = time;
    this.node = node;
    this.device = device;
    this.direction = direction;
    this.frame = frame;
  }

  /** `client.eth0` */
  get interfaceName(): string {
    return `${this.node}.${this.device}`;
  }
}

/** A drop that no recorded frame explains: of a packet that a program sent, of a queue that was given up. */
export interface RecordedDrop {
  readonly time: Nanos;
  readonly node: string;
  readonly reason: string;
  readonly pdu: Pdu | null;
}

/** A TCP connection or listener of a node changed its state. */
export interface RecordedTransition {
  readonly time: Nanos;
  readonly node: string;
  readonly from: string;
  readonly to: string;
}

/**
 * Reasons for which a device refuses a frame that it was given to send, perhaps on behalf of the one received now.
 * All other reasons of the link floor are about frames that had left, or were refused before a tap saw them.
 */
const REFUSED_TO_SEND = new Set([
  'link.queue-full',
  'link.no-carrier',
  'link.device-down',
  'link.too-big',
  'link.no-handler',
]);

/** A dropped frame is looked for among so many recorded last: drops are rare, and soon after. */
const FARTHEST_LOOK = 10_000;

export class Recorder {
  readonly frames: RecordedFrame[] = [];
  /** Drops that belong to none of {@link frames}. */
  readonly strayDrops: RecordedDrop[] = [];
  /** Changes of TCP states, in order. */
  readonly transitions: RecordedTransition[] = [];
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The tap to install at the node called `node`. */
  tap(node: string): Tap {
    const last: { received: RecordedFrame | null } = { received: null };
    return {
      frame: (direction, device, frame) => {
        const event = this.#record(node, device, direction, frame);
        if (direction === 'in') last.received = event;
      },
      dropped: (reason, pdu) => {
        this.#drop(reason, pdu, node, this.#find(pdu, node) ?? this.#cause(reason, last.received, pdu));
      },
      demultiplexed: (socket, rule) => {
        const event = last.received;
        if (event === null || event.time !== this.#clock.now) return;
        event.socket = event.socket === null ? socket : `${event.socket}; ${socket}`; // multicast: one by one
        event.rule = rule;
      },
      transition: (from, to) => {
        this.transitions.push({ time: this.#clock.now, node, from, to });
      },
    };
  }

  #record(node: string, device: string, direction: 'in' | 'out', frame: Pdu): RecordedFrame {
    const event = new RecordedFrame(this.#clock.now, node, device, direction, frame);
    this.frames.push(event);
    return event;
  }

  #drop(reason: string, pdu: Pdu | null, node: string, event: RecordedFrame | null): void {
    const time = this.#clock.now;
    if (event === null || event.dropped !== null) {
      this.strayDrops.push({ time, node, reason, pdu });
      return;
    }
    event.dropped = reason;
    event.droppedAt = time;
  }

  /** The latest event of this very object at the node: a switch lets it in and out, a link loses what went out. */
  #find(pdu: Pdu | null, node: string): RecordedFrame | null {
    if (pdu === null) return null;
    const { frames } = this;
    const end = Math.max(0, frames.length - FARTHEST_LOOK);
    for (let i = frames.length - 1; i >= end; i--) {
      const event = frames[i]!;
      if (event.frame === pdu && event.node === node) return event;
    }
    return null;
  }

  /** The frame that is being received at this instant, when `pdu` is part of it or was made from it. */
  #cause(reason: string, received: RecordedFrame | null, pdu: Pdu | null): RecordedFrame | null {
    if (reason.startsWith('link.') && !REFUSED_TO_SEND.has(reason)) return null;
    if (received === null || received.time !== this.#clock.now) return null;
    return pdu === null || comesFrom(pdu, received.frame) ? received : null;
  }
}

/** Is `pdu` a part of `frame`, or the packet in it as it would have been forwarded? */
function comesFrom(pdu: Pdu, frame: Pdu): boolean {
  const whole = dissect(frame);
  if (pdu === whole.arp || pdu === whole.ip || pdu === whole.transport) return true;
  if (frame instanceof EthernetFrame && pdu === frame.payload) return true;
  const { ip } = dissect(pdu);
  if (ip === null || whole.ip === null) return sharesBytes(pdu, frame);
  const { src, dst, id, protocol } = whole.ip;
  return ip.src === src && ip.dst === dst && ip.id === id && ip.protocol === protocol;
}

/** Bytes of which no packet could be made still lie in the array that arrived. */
function sharesBytes(pdu: Pdu, frame: Pdu): boolean {
  const carried = frame instanceof EthernetFrame ? frame.payload : frame;
  return pdu instanceof Payload && carried instanceof Payload && pdu.bytes === carried.bytes;
}
