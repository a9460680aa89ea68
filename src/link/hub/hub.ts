/**
 * A hub: a repeater that makes one half-duplex segment, a collision domain, of all that is plugged into it
 * (IEEE 802.3 clause 9). It has no memory and looks at nothing; the stations keep each other out by CSMA/CD.
 *
 * A signal reaches another station after the delays of both cables. The hub tells every station when it begins to
 * hear another and when it ceases to; what that means is the station's business.
 */
import { ConfigError } from '../../sim/errors.ts';
import { RandomStreams } from '../../sim/random.ts';
import type { EventHandler, Simulator } from '../../sim/simulator.ts';
import type { Nanos } from '../../sim/time.ts';
import { DEFAULT_QUEUE_LIMIT, type QueueLimit } from '../backlog.ts';
import type { EthernetDevice } from '../ethernet-device.ts';
import { ETHERNET_FRAMING, type Framing } from '../framing.ts';
import { DropTailQueue } from '../queue.ts';
import { type CsmaCdTimes, csmaCdTimes } from './csma-cd.ts';
import { type Signal, Station } from './station.ts';

export interface HubOptions {
  /** Bits per second; default 10 Mb/s. Half duplex ends at 100 Mb/s here. */
  readonly rateBps?: number;
  /** Bytes per frame on the wire; default header and FCS, at least 64. */
  readonly framing?: Framing;
  /** Carry frames as bytes and parse them at every station. */
  readonly wire?: boolean;
  /** Where the backoffs draw from; default the streams of seed 0. Each station has a stream of its own. */
  readonly random?: RandomStreams;
}

export interface HubPortOptions {
  /** Propagation delay of the cable between device and hub, integer ns; default 0. */
  readonly delayNs?: Nanos;
  /** Of the device's transmitter; default 1000 packets. */
  readonly queue?: QueueLimit;
}

const MAX_RATE = 100_000_000;
const SIGNAL_BEGINS = 0;
const SIGNAL_ENDS = 1;

/** What one station hears of another's signal: the argument of the hub's events. */
interface Hearing {
  readonly station: Station;
  readonly signal: Signal;
}

export class Hub implements EventHandler {
  readonly name: string;
  readonly rateBps: number;
  readonly framing: Framing;
  readonly wire: boolean;
  readonly times: CsmaCdTimes;
  readonly stations: Station[] = [];
  isUp = true;
  readonly #simulator: Simulator;
  readonly #place: number;
  readonly #random: RandomStreams;
  #connected = 0;
  /** Signals of an earlier epoch died when the hub was switched off. */
  #epoch = 0;

  /** @throws ConfigError when the rate or the framing is not one for half duplex */
  constructor(simulator: Simulator, name: string, options: HubOptions = {}) {
    const rateBps = options.rateBps ?? 10_000_000;
    const framing = options.framing ?? ETHERNET_FRAMING;
    if (!(rateBps > 0 && rateBps <= MAX_RATE))
      throw new ConfigError(`a hub of ${rateBps} bit/s is not possible`, ['rateBps'], 'up to 100 Mbps');
    if (framing.minimum < ETHERNET_FRAMING.minimum)
      throw new ConfigError(
        `frames of ${framing.minimum} bytes are too short for CSMA/CD`,
        ['framing'],
        'at least 64 bytes, a slot time',
      );
    this.name = name;
    this.rateBps = rateBps;
    this.framing = framing;
    this.wire = options.wire ?? false;
    this.times = csmaCdTimes(rateBps);
    this.#simulator = simulator;
    this.#place = simulator.addPlace(name, this);
    this.#random = options.random ?? new RandomStreams(0);
  }

  /**
   * Plugs a device into the hub.
   * @throws ConfigError when it is plugged in elsewhere, or two stations are so far apart that one could end a
   *   short frame before it hears of its collision
   */
  connect(device: EthernetDevice, options: HubPortOptions = {}): Station {
    const delayNs = options.delayNs ?? 0;
    if (!Number.isSafeInteger(delayNs) || delayNs < 0)
      throw new ConfigError(`a delay of ${delayNs} ns is not possible`, ['delayNs'], 'an integer from 0 on');
    const farthest = Math.max(0, ...this.stations.map((station) => station.delay));
    if (2 * (delayNs + farthest) >= this.times.slot)
      throw new ConfigError(
        `the segment of ${this.name} is too long: a round trip takes ${2 * (delayNs + farthest)} ns`,
        ['delayNs'],
        `less than the slot time of ${this.times.slot} ns between any two stations`,
      );
    const number = this.#connected++;
    const station = new Station(this.#simulator, this, `${this.name} ${number}`, {
      device,
      delay: delayNs,
      queue: new DropTailQueue(options.queue ?? DEFAULT_QUEUE_LIMIT),
      random: this.#random.stream(`${this.name} ${number} backoff`),
    });
    device.attach(station);
    this.stations.push(station);
    return station;
  }

  /** Pulls a station's cable out. */
  disconnect(station: Station): void {
    this.stations.splice(this.stations.indexOf(station), 1);
    station.leave();
    station.device.detach();
  }

  /** Switches the hub off, with all that is queued or on the wire, or on. */
  setUp(up: boolean): void {
    if (up === this.isUp) return;
    this.isUp = up;
    this.#epoch++;
    for (const station of this.stations) {
      if (!up) station.reset();
      station.device.carrierChanged();
    }
  }

  /** A station begins to send: the others will hear it. */
  begin(signal: Signal): void {
    this.#spread(signal, SIGNAL_BEGINS);
  }

  /** A station ceases to send: the others will hear that, too. */
  end(signal: Signal): void {
    this.#spread(signal, SIGNAL_ENDS);
  }

  onEvent(kind: number, arg: unknown): void {
    const { station, signal } = arg as Hearing;
    if (kind >> 1 !== this.#epoch) {
      if ((kind & 1) === SIGNAL_ENDS && !signal.isAborted)
        station.device.drops.drop('link.down', signal.frame);
    } else if ((kind & 1) === SIGNAL_BEGINS) {
      station.onSignal(signal);
    } else {
      station.onSilence(signal);
    }
  }

  #spread(signal: Signal, kind: number): void {
    for (const station of this.stations) {
      if (station === signal.from) continue;
      const delay = signal.from.delay + station.delay;
      this.#simulator.after(delay, this.#place, this.#epoch * 2 + kind, {
        station,
        signal,
      } satisfies Hearing);
    }
  }
}
