/** A cable that was laid: a full-duplex link between two devices, or the way from a device into a hub. */
import type { EthernetDevice } from '../link/ethernet-device.ts';
import type { Station } from '../link/hub/station.ts';
import type { ImpairmentRule } from '../link/impairments/impairment.ts';
import { connect, type Link } from '../link/link.ts';
import type { LinkDirection } from '../link/link-direction.ts';
import { ConfigError } from '../sim/errors.ts';
import type { RandomStreams } from '../sim/random.ts';
import type { Simulator } from '../sim/simulator.ts';
import { MICROSECOND, type Nanos } from '../sim/time.ts';
import { Hub } from './hub.ts';
import type { NetworkNode } from './node.ts';
import type { CableEnd, CableOptions } from './options.ts';

const DEFAULT_RATE = 1_000_000_000;
const DEFAULT_DELAY: Nanos = MICROSECOND;

/** An end of a cable, found: its device is null at a hub. */
export interface FoundEnd {
  readonly node: NetworkNode;
  readonly device: EthernetDevice | null;
}

export class Cable {
  readonly name: string;
  /** Where it was laid. */
  readonly ends: readonly [CableEnd, CableEnd];
  /** Bits per second; of a cable into a hub the hub's. */
  readonly rate: number;
  /** Propagation, ns. */
  readonly delay: Nanos;
  /** For computed routes. */
  readonly cost: number;
  /** Null when the cable goes into a hub. */
  readonly link: Link | null;
  readonly #drop: { readonly device: EthernetDevice; readonly station: Station } | null;

  /** @throws ConfigError when an end is plugged in already, both are hubs, or a number makes no sense */
  constructor(
    simulator: Simulator,
    random: RandomStreams,
    options: CableOptions,
    found: readonly [FoundEnd, FoundEnd],
    wire: boolean,
  ) {
    const [a, b] = found;
    this.ends = options.ends;
    this.name = options.name ?? `${endName(a)}--${endName(b)}`;
    this.delay = options.delay ?? DEFAULT_DELAY;
    this.cost = options.cost ?? 1;
    const delayNs = this.delay;
    const queue = options.queue === undefined ? {} : { queue: options.queue };
    if (a.device !== null && b.device !== null) {
      this.rate = options.rate ?? DEFAULT_RATE;
      const framing = options.framing === undefined ? {} : { framing: options.framing };
      const shape = { name: this.name, rateBps: this.rate, delayNs, ...queue, ...framing, wire, random };
      this.link = connect(simulator, a.device, b.device, shape);
      this.#drop = null;
      return;
    }
    const device = a.device ?? b.device;
    const hub = a.device === null ? a.node : b.node;
    if (device === null || !(hub instanceof Hub)) {
      throw new ConfigError(`${this.name} joins two hubs`, [], 'a switch between them');
    }
    this.rate = hub.segment.rateBps;
    this.link = null;
    this.#drop = { device, station: hub.segment.connect(device, { delayNs, ...queue }) };
  }

  /** Both ends lose their carrier, and what is under way is lost; or they regain it. */
  setUp(isUp: boolean): void {
    this.link?.setUp(isUp);
    if (this.#drop === null) return;
    const { device, station } = this.#drop;
    if (!isUp) device.detach();
    else if (!device.isAttached) device.attach(station);
  }

  /**
   * Pulls one end out and plugs it in elsewhere.
   * @throws ConfigError for a cable into a hub, or when the new place is taken
   */
  replug(end: 0 | 1, { node, device }: FoundEnd): void {
    if (this.link === null || device === null)
      throw new ConfigError(`${this.name} cannot be moved to or from a hub`);
    if (device.isAttached)
      throw new ConfigError(`${endName({ node, device })} is plugged in already`, [], 'a free port');
    this.link.replug(end === 0 ? this.link.a : this.link.b, device);
  }

  /**
   * The direction of frames that leave the given end: where rules are added.
   * @throws ConfigError for a cable into a hub, whose frames nothing impairs but collisions
   */
  from(end: 0 | 1): LinkDirection {
    if (this.link === null) throw new ConfigError(`${this.name} goes into a hub and cannot be impaired`);
    return end === 0 ? this.link.aToB : this.link.bToA;
  }

  /**
   * Adds rules to one or both directions.
   * @param end whose frames are concerned; null = both directions, each with rules of its own
   * @returns a function that takes them away again
   */
  impair(rules: readonly ImpairmentRule[], end: 0 | 1 | null): () => void {
    const directions = end === null ? [this.from(0), this.from(1)] : [this.from(end)];
    const undo = directions.flatMap((direction) => rules.map((rule) => direction.impair(rule)));
    return () => {
      for (const remove of undo) remove();
    };
  }
}

function endName({ node, device }: FoundEnd): string {
  return device === null ? node.name : `${node.name}.${device.name}`;
}
