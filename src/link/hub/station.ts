/**
 * One station on a half-duplex segment: its transmitter and receiver by the rules of CSMA/CD (IEEE 802.3 4.2.3,
 * 4.2.4): defer while others are heard and for a gap behind them, send, on a collision jam and wait a random number
 * of slots, give up after sixteen attempts.
 */
import type { RandomStream } from '../../sim/random.ts';
import type { EventHandler, Simulator } from '../../sim/simulator.ts';
import { type Nanos, NEVER, SECOND } from '../../sim/time.ts';
import type { EthernetDevice } from '../ethernet-device.ts';
import type { EthernetFrame } from '../frame.ts';
import { byteTime, wireSize } from '../framing.ts';
import type { Medium } from '../medium.ts';
import type { Queue } from '../queue.ts';
import { overWire } from '../wire-mode.ts';
import { ATTEMPT_LIMIT, backoffSlots } from './csma-cd.ts';
import type { Hub } from './hub.ts';

/** One transmission attempt, as the segment carries it. */
export interface Signal {
  readonly from: Station;
  readonly frame: EthernetFrame;
  /** The sender noticed a collision and jammed: what others got is a fragment. */
  isAborted: boolean;
}

export interface StationOptions {
  readonly device: EthernetDevice;
  /** Propagation delay to the hub. */
  readonly delay: Nanos;
  readonly queue: Queue;
  readonly random: RandomStream;
}

/** What the transmitter is about. */
type Activity = 'idle' | 'sending' | 'jamming' | 'backing-off';

/** When the last gap began and ended for a station that has heard nothing yet. */
const BEFORE_ALL: Nanos = -SECOND;

const SENT = 0;
const JAMMED = 1;
const BACKED_OFF = 2;
const GAP_OVER = 3;

export class Station implements Medium, EventHandler {
  readonly device: EthernetDevice;
  readonly delay: Nanos;
  readonly isPointToPoint = false;
  /** Collisions in which this station took part. */
  collisions = 0;

  readonly #simulator: Simulator;
  readonly #place: number;
  readonly #hub: Hub;
  readonly #queue: Queue;
  readonly #random: RandomStream;

  #activity: Activity = 'idle';
  /** The frame that is being sent or tried again. */
  #frame: EthernetFrame | null = null;
  #attempts = 0;
  #sending: Signal | null = null;
  /** Signals of others that are heard now. */
  readonly #heard = new Set<Signal>();
  /** The one of them that was alone so far. */
  #receiving: Signal | null = null;
  #gapBegan: Nanos = BEFORE_ALL;
  #gapEnds: Nanos = BEFORE_ALL;
  /** Only the events that are expected now count: an event carries the number it was scheduled with. */
  #transmitterTurn = 0;
  #gapTurn = 0;

  constructor(simulator: Simulator, hub: Hub, name: string, options: StationOptions) {
    this.#simulator = simulator;
    this.#place = simulator.addPlace(name, this);
    this.#hub = hub;
    this.device = options.device;
    this.delay = options.delay;
    this.#queue = options.queue;
    this.#random = options.random;
  }

  get rateBps(): number {
    return this.#hub.rateBps;
  }

  get hasCarrier(): boolean {
    return this.#hub.isUp;
  }

  /** Frames that wait behind the one being sent. */
  get queuedPackets(): number {
    return this.#queue.packets;
  }

  transmit(frame: EthernetFrame): void {
    if (!this.#queue.enqueue(frame)) {
      this.device.drops.drop('link.queue-full', frame);
      return;
    }
    this.device.sent(frame);
    this.#tryToSend();
  }

  /** Another station is heard from now on. */
  onSignal(signal: Signal): void {
    const now = this.#simulator.now;
    const isListening = this.#activity === 'idle' || this.#activity === 'backing-off';
    this.#receiving = isListening && this.#heard.size === 0 ? signal : null;
    this.#heard.add(signal);
    if (this.#activity === 'sending') {
      this.#collide();
    } else if (now < this.#gapBegan + this.#hub.times.gapPart1) {
      this.#gapTurn++; // the gap begins anew behind this signal
      this.#gapEnds = NEVER;
    }
  }

  /** Another station is not heard any more. */
  onSilence(signal: Signal): void {
    if (!this.#heard.delete(signal)) return; // it began before this station was there
    const isWhole = this.#receiving === signal && !signal.isAborted;
    if (this.#receiving === signal) this.#receiving = null;
    if (this.#heard.size === 0) this.#beginGap();
    if (!isWhole) return;
    if (this.#hub.wire) overWire(signal.frame, this.#hub.framing, this.device);
    else this.device.receive(signal.frame);
  }

  onEvent(kind: number, turn: unknown): void {
    if (kind === GAP_OVER) {
      if (turn === this.#gapTurn) this.#tryToSend();
      return;
    }
    if (turn !== this.#transmitterTurn) return;
    if (kind === SENT) this.#onSent();
    else if (kind === JAMMED) this.#onJammed();
    else {
      this.#activity = 'idle';
      this.#tryToSend();
    }
  }

  /** The hub lost power: what is queued or on the wire is lost. */
  reset(): void {
    if (this.#frame !== null) this.device.drops.drop('link.down', this.#frame);
    for (let frame = this.#queue.dequeue(); frame !== null; frame = this.#queue.dequeue())
      this.device.drops.drop('link.down', frame);
    if (this.#sending !== null) this.#sending.isAborted = true;
    this.#activity = 'idle';
    this.#frame = null;
    this.#attempts = 0;
    this.#sending = null;
    this.#heard.clear();
    this.#receiving = null;
    this.#transmitterTurn++;
    this.#gapTurn++;
    this.#gapBegan = BEFORE_ALL;
    this.#gapEnds = BEFORE_ALL;
  }

  /** The cable is pulled out: the others hear the end of what was being sent. */
  leave(): void {
    const signal = this.#sending;
    this.reset();
    if (signal !== null) this.#hub.end(signal);
  }

  /** Sends the next frame unless the transmitter or the medium is busy; the end of either tries again. */
  #tryToSend(): void {
    if (this.#activity !== 'idle' || this.#mustDefer()) return;
    this.#frame ??= this.#queue.dequeue();
    if (this.#frame === null) return;
    this.#activity = 'sending';
    this.#receiving = null;
    const signal: Signal = { from: this, frame: this.#frame, isAborted: false };
    this.#sending = signal;
    const { framing, rateBps } = this.#hub;
    this.#await(SENT, Math.round(wireSize(this.#frame, framing) * byteTime(rateBps)));
    this.#hub.begin(signal);
    if (this.#heard.size > 0) this.#collide();
  }

  #mustDefer(): boolean {
    const now = this.#simulator.now;
    // At the end of the gap a station sends whatever it hears: a signal in the last third was not looked at.
    return now < this.#gapEnds || (this.#heard.size > 0 && now > this.#gapEnds);
  }

  #onSent(): void {
    this.#hub.end(this.#sending!);
    this.#sending = null;
    this.#activity = 'idle';
    this.#frame = null;
    this.#attempts = 0;
    this.#beginGap();
  }

  #collide(): void {
    this.collisions++;
    this.#sending!.isAborted = true;
    this.#activity = 'jamming';
    this.#await(JAMMED, this.#hub.times.jam);
  }

  #onJammed(): void {
    this.#hub.end(this.#sending!);
    this.#sending = null;
    this.#attempts++;
    if (this.#attempts === ATTEMPT_LIMIT) {
      this.device.drops.drop('link.excessive-collisions', this.#frame);
      this.#activity = 'idle';
      this.#frame = null;
      this.#attempts = 0;
    } else {
      this.#activity = 'backing-off';
      this.#await(BACKED_OFF, backoffSlots(this.#attempts, this.#random) * this.#hub.times.slot);
    }
    if (this.#heard.size === 0) this.#beginGap();
  }

  /** The medium has become silent: nobody sends before the gap is over. */
  #beginGap(): void {
    this.#gapBegan = this.#simulator.now;
    this.#gapEnds = this.#gapBegan + this.#hub.times.gap;
    this.#simulator.at(this.#gapEnds, this.#place, GAP_OVER, ++this.#gapTurn);
  }

  #await(kind: number, delay: Nanos): void {
    this.#simulator.after(delay, this.#place, kind, ++this.#transmitterTurn);
  }
}
