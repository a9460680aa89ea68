/**
 * One direction of a full-duplex point-to-point link: a transmitter with a drop-tail queue, and the way to the peer.
 *
 * The rate is constant and the order is first in, first out, so the departure of a frame is known when it is queued:
 * one event per frame, its arrival. The event's kind is the epoch of the link: when the link goes down the epoch
 * moves on, and what was queued or in flight arrives void.
 */
import type { EventHandler, Simulator } from '../sim/simulator.ts';
import type { Nanos } from '../sim/time.ts';
import { Backlog, type QueueLimit } from './backlog.ts';
import type { EthernetDevice } from './ethernet-device.ts';
import type { EthernetFrame } from './frame.ts';
import { byteTime, type Framing, wireSize } from './framing.ts';
import type { Medium } from './medium.ts';
import { overWire } from './wire-mode.ts';

export interface TransmissionOptions {
  /** Bits per second; `Infinity` for a link on which transmission takes no time. */
  readonly rateBps: number;
  /** Propagation delay. */
  readonly delayNs: Nanos;
  readonly queue: QueueLimit;
  readonly framing: Framing;
  /** Every frame crosses as bytes and is parsed on arrival. Changes nothing but proves it. */
  readonly wire: boolean;
}

export class LinkDirection implements Medium, EventHandler {
  hasCarrier = true;

  readonly #simulator: Simulator;
  readonly #place: number;
  readonly #from: EthernetDevice;
  readonly #to: EthernetDevice;
  readonly #framing: Framing;
  readonly #byteTime: Nanos;
  readonly #delay: Nanos;
  readonly #backlog: Backlog;
  readonly #wire: boolean;
  #epoch = 0;
  /** When the transmission of the last frame that was taken ends. */
  #busyUntil: Nanos = 0;

  constructor(
    simulator: Simulator,
    name: string,
    from: EthernetDevice,
    to: EthernetDevice,
    options: TransmissionOptions,
  ) {
    this.#simulator = simulator;
    this.#place = simulator.addPlace(name, this);
    this.#from = from;
    this.#to = to;
    this.#framing = options.framing;
    this.#byteTime = byteTime(options.rateBps);
    this.#delay = options.delayNs;
    this.#backlog = new Backlog(options.queue);
    this.#wire = options.wire;
  }

  transmit(frame: EthernetFrame): void {
    const now = this.#simulator.now;
    let start = this.#busyUntil;
    if (start <= now) {
      start = now;
    } else if (!this.#backlog.admit(now, start, frame.size)) {
      this.#from.drops.drop('link.queue-full', frame);
      return;
    }
    const end = start + Math.round(wireSize(frame, this.#framing) * this.#byteTime);
    this.#busyUntil = end;
    this.#from.sent(frame);
    this.#simulator.at(end + this.#delay, this.#place, this.#epoch, frame);
  }

  onEvent(epoch: number, arg: unknown): void {
    const frame = arg as EthernetFrame;
    if (epoch !== this.#epoch) this.#from.drops.drop('link.down', frame);
    else if (this.#wire) overWire(frame, this.#framing, this.#to);
    else this.#to.receive(frame);
  }

  /** The link goes down (what is queued or in flight is lost) or comes up. */
  setCarrier(carrier: boolean): void {
    if (carrier === this.hasCarrier) return;
    this.hasCarrier = carrier;
    if (!carrier) {
      this.#epoch++;
      this.#busyUntil = 0;
      this.#backlog.clear();
    }
  }

  /** Frames that wait for the transmitter now. */
  get queuedPackets(): number {
    return this.#backlog.packetsAt(this.#simulator.now);
  }

  /** Their bytes. */
  get queuedBytes(): number {
    return this.#backlog.bytesAt(this.#simulator.now);
  }
}
