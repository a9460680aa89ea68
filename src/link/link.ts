/** A full-duplex point-to-point link: a cable between two Ethernet devices, with a rate, a delay and two queues. */
import { ConfigError } from '../sim/errors.ts';
import { RandomStreams } from '../sim/random.ts';
import type { Simulator } from '../sim/simulator.ts';
import type { Nanos } from '../sim/time.ts';
import { DEFAULT_QUEUE_LIMIT, type QueueLimit } from './backlog.ts';
import type { EthernetDevice } from './ethernet-device.ts';
import { ETHERNET_FRAMING, type Framing } from './framing.ts';
import { LinkDirection } from './link-direction.ts';

export interface LinkOptions {
  /** How people find the link among the simulator's places; default `a--b` of the device names. */
  readonly name?: string;
  /** Bits per second in each direction; `Infinity` for none to wait for. */
  readonly rateBps: number;
  /** Propagation delay, integer ns. */
  readonly delayNs: Nanos;
  /** Of each transmitter; default 1000 packets. */
  readonly queue?: QueueLimit;
  /** Bytes per frame on the wire; default header and FCS, at least 64. */
  readonly framing?: Framing;
  /** Carry frames as bytes and parse them at every hop. */
  readonly wire?: boolean;
  /** Where impairments draw from; default the streams of seed 0. Each direction has a stream of its own. */
  readonly random?: RandomStreams;
}

export class Link {
  readonly name: string;
  /** What it is plugged into now. */
  a: EthernetDevice;
  b: EthernetDevice;
  /** All that it was ever plugged into. */
  readonly devices: EthernetDevice[];
  readonly aToB: LinkDirection;
  readonly bToA: LinkDirection;

  /** Prefer {@link connect}. */
  constructor(simulator: Simulator, a: EthernetDevice, b: EthernetDevice, options: LinkOptions) {
    checkLinkOptions(options);
    if (a === b) throw new ConfigError(`${a.name} is linked to itself`, [], 'two devices');
    const random = options.random ?? new RandomStreams(0);
    const transmission = {
      rateBps: options.rateBps,
      delayNs: options.delayNs,
      queue: options.queue ?? DEFAULT_QUEUE_LIMIT,
      framing: options.framing ?? ETHERNET_FRAMING,
      wire: options.wire ?? false,
      stream: (name: string) => random.stream(name),
    };
    this.name = options.name ?? `${a.name}--${b.name}`;
    this.a = a;
    this.b = b;
    this.devices = [a, b];
    this.aToB = new LinkDirection(simulator, `${this.name} >`, a, b, transmission);
    this.bToA = new LinkDirection(simulator, `${this.name} <`, b, a, transmission);
  }

  get isUp(): boolean {
    return this.aToB.hasCarrier;
  }

  /** Takes the link down, with all that is queued or in flight, or up. Both devices see their carrier change. */
  setUp(up: boolean): void {
    this.aToB.setCarrier(up);
    this.bToA.setCarrier(up);
    this.a.carrierChanged();
    this.b.carrierChanged();
  }

  /** The direction in which `device` transmits. */
  directionFrom(device: EthernetDevice): LinkDirection {
    return device === this.a ? this.aToB : this.bToA;
  }

  /**
   * Pulls the cable out of one device and plugs it into another; what is under way is lost, and both other devices see
   * their carrier change. A link that is down stays down.
   * @throws ConfigError when `to` is plugged in already
   */
  replug(from: EthernetDevice, to: EthernetDevice): void {
    if (to.isAttached) throw new ConfigError(`${to.name} is plugged in already`, [], 'a free port');
    const wasUp = this.isUp;
    this.setUp(false);
    from.detach();
    if (from === this.a) this.a = to;
    else this.b = to;
    if (!this.devices.includes(to)) this.devices.push(to);
    this.aToB.replug(this.a, this.b);
    this.bToA.replug(this.b, this.a);
    to.attach(to === this.a ? this.aToB : this.bToA);
    if (wasUp) this.setUp(true);
  }

  /** Pulls the cable out of both devices; they can be connected to something else afterwards. */
  unplug(): void {
    this.setUp(false);
    this.a.detach();
    this.b.detach();
  }
}

/**
 * Joins two devices by a cable.
 * @throws ConfigError when a device is plugged in already or a number makes no sense
 */
export function connect(
  simulator: Simulator,
  a: EthernetDevice,
  b: EthernetDevice,
  options: LinkOptions,
): Link {
  const link = new Link(simulator, a, b, options);
  a.attach(link.aToB);
  b.attach(link.bToA);
  return link;
}

function checkLinkOptions(options: LinkOptions): void {
  if (!(options.rateBps > 0))
    throw new ConfigError(`a rate of ${options.rateBps} bit/s is not possible`, ['rateBps'], 'more than 0');
  if (!Number.isSafeInteger(options.delayNs) || options.delayNs < 0)
    throw new ConfigError(
      `a delay of ${options.delayNs} ns is not possible`,
      ['delayNs'],
      'an integer from 0 on',
    );
}
