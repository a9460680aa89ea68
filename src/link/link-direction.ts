/**
 * One direction of a full-duplex point-to-point link: a transmitter with a drop-tail queue, and the way to the peer.
 *
 * The rate is constant and the order is first in, first out, so the departure of a frame is known when it is queued:
 * one event per frame, its arrival. The event's kind is the epoch of the link: when the link goes down the epoch
 * moves on, and what was queued or in flight arrives void.
 */
import { invariant } from '../sim/errors.ts';
import type { RandomStream } from '../sim/random.ts';
import type { EventHandler, Simulator } from '../sim/simulator.ts';
import type { Nanos } from '../sim/time.ts';
import { Backlog, type QueueLimit } from './backlog.ts';
import type { EthernetDevice } from './ethernet-device.ts';
import type { EthernetFrame } from './frame.ts';
import { byteTime, type Framing, wireSize } from './framing.ts';
import type { ImpairmentRule, Transit } from './impairments/impairment.ts';
import { ImpairmentChain } from './impairments/impairment-chain.ts';
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
  /** Makes the random stream of a direction, when a rule needs it. */
  stream(name: string): RandomStream;
}

export class LinkDirection implements Medium, EventHandler {
  // What every frame touches comes first: in a large network a cache line that is not looked at is time saved.
  readonly #simulator: Simulator;
  readonly #place: number;
  #from: EthernetDevice;
  #to: EthernetDevice;
  #epoch = 0;
  /** When the transmission of the last frame that was taken ends. */
  #busyUntil: Nanos = 0;
  readonly #framing: Framing;
  readonly #byteTime: Nanos;
  readonly #delay: Nanos;
  readonly #wire: boolean;
  /** Null when there are none: the plain path pays nothing for them. */
  #impairments: ImpairmentChain | null = null;
  readonly #backlog: Backlog;

  hasCarrier = true;
  readonly rateBps: number;
  readonly isPointToPoint = true;
  /** Frames that impairments have added. */
  duplicated = 0;
  readonly name: string;
  readonly #stream: (name: string) => RandomStream;
  /** When the last frame arrives that must not be overtaken. */
  #lastArrival: Nanos = 0;

  constructor(
    simulator: Simulator,
    name: string,
    from: EthernetDevice,
    to: EthernetDevice,
    options: TransmissionOptions,
  ) {
    this.name = name;
    this.#simulator = simulator;
    this.#place = simulator.addPlace(name, this);
    this.#from = from;
    this.#to = to;
    this.#framing = options.framing;
    this.rateBps = options.rateBps;
    this.#byteTime = byteTime(options.rateBps);
    this.#delay = options.delayNs;
    this.#backlog = new Backlog(options.queue);
    this.#wire = options.wire;
    this.#stream = options.stream;
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
    if (this.#impairments !== null) {
      this.#impairments.pass({ frame, extraDelay: 0, mayBeOvertaken: false });
      // The last rule has gone, and no frame that it delayed is still ahead: back to the plain path.
      if (this.#impairments.isEmpty && this.#lastArrival <= end + this.#delay) this.#impairments = null;
      return;
    }
    this.#simulator.at(end + this.#delay, this.#place, this.#epoch, frame);
  }

  /**
   * Adds a rule to this direction, behind those that are there.
   * @returns a function that takes it away again
   * @throws ConfigError when the rule makes no sense
   */
  impair(rule: ImpairmentRule): () => void {
    this.#impairments ??= this.#newChain();
    return this.#impairments.add(rule);
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
      this.#lastArrival = 0;
      this.#backlog.clear();
    }
  }

  /** Joins other devices from now on. Only without carrier: then nothing is under way. */
  replug(from: EthernetDevice, to: EthernetDevice): void {
    invariant(!this.hasCarrier, 'a cable is pulled out before it is plugged in elsewhere');
    this.#from = from;
    this.#to = to;
  }

  #newChain(): ImpairmentChain {
    const context = {
      random: this.#stream(`${this.name} impairments`),
      framing: this.#framing,
      drop: (reason: string, frame: EthernetFrame) => this.#from.drops.drop(reason, frame),
      duplicated: () => {
        this.duplicated++;
      },
    };
    return new ImpairmentChain(context, (transit) => this.#depart(transit));
  }

  /** What the rules let through of the frame that was taken last. */
  #depart(transit: Transit): void {
    let arrival = this.#busyUntil + this.#delay + transit.extraDelay;
    if (!transit.mayBeOvertaken) {
      arrival = Math.max(arrival, this.#lastArrival);
      this.#lastArrival = arrival;
    }
    this.#simulator.at(arrival, this.#place, this.#epoch, transit.frame);
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
