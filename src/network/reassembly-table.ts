/**
 * All packets that are being put together at one node, with Linux's limits: time (`ipfrag_time`), memory
 * (`ipfrag_high_thresh`), and how many other fragments of that source may come between two (`ipfrag_max_dist`).
 */
import type { EventHandler } from '../sim/simulator.ts';
import type { Nanos } from '../sim/time.ts';
import { EXCEEDED_REASSEMBLY, ICMP_TIME_EXCEEDED } from './icmp.ts';
import type { IcmpErrors } from './icmp-errors.ts';
import type { Interface } from './interface.ts';
import type { InterfaceArrival } from './interface-arrival.ts';
import type { Ipv4Packet } from './ipv4.ts';
import type { ParsedOptions } from './ipv4-options.ts';
import { routeInput } from './ipv4-route-input.ts';
import type { Ipv4Tables } from './ipv4-tables.ts';
import { kernelExpiry } from './kernel-timer.ts';
import type { PeerTable } from './peers.ts';
import { Reassembly } from './reassembly.ts';

const TIMEOUT = 0;
/** Memory of the bookkeeping of one packet. */
const QUEUE_BYTES = 200;

/** One packet that is being put together, and what is remembered of the arrival of its first fragment. */
interface Queue {
  readonly key: string;
  parts: Reassembly;
  /** How many fragments had come from its source when its latest one came. */
  distance: number;
  deadline: Nanos;
  isHostFrame: boolean;
  options: ParsedOptions | null;
  inbound: Interface;
}

export class ReassemblyTable implements EventHandler {
  readonly #tables: Ipv4Tables;
  readonly #errors: IcmpErrors;
  readonly #peers: PeerTable;
  readonly #place: number;
  readonly #queues = new Map<string, Queue>();
  #bytes = 0;

  constructor(tables: Ipv4Tables, place: string, errors: IcmpErrors, peers: PeerTable) {
    this.#tables = tables;
    this.#errors = errors;
    this.#peers = peers;
    this.#place = tables.simulator.addPlace(place, this);
  }

  /** Packets that are not whole yet. */
  get size(): number {
    return this.#queues.size;
  }

  /**
   * Takes a fragment for this node.
   * @returns the whole packet when it was the last one missing; `arrival` then tells of the first fragment's frame and options
   */
  add(fragment: Ipv4Packet, arrival: InterfaceArrival): Ipv4Packet | null {
    const { drops, config } = this.#tables;
    if (this.#bytes > config.fragmentHighThreshold || config.fragmentHighThreshold === 0) {
      drops.drop('reassembly.no-memory', fragment);
      return null;
    }
    const queue = this.#queueOf(fragment, arrival);
    this.#restartIfFar(queue, fragment);
    const { parts } = queue;
    const before = parts.bytes;
    const added = parts.add(fragment);
    this.#bytes += parts.bytes - before;
    if (added === 'spoilt' || added === 'duplicate') {
      drops.drop(`reassembly.${added}`, fragment);
      if (added === 'spoilt') this.#forget(queue);
      return null;
    }
    queue.inbound = arrival.inbound;
    if (fragment.offset === 0) {
      queue.isHostFrame = arrival.isHostFrame;
      queue.options = arrival.options;
    }
    if (added === 'incomplete') return null;
    this.#forget(queue);
    const whole = parts.whole();
    if (whole === null) {
      drops.drop('reassembly.impossible', fragment);
      return null;
    }
    arrival.isHostFrame = queue.isHostFrame;
    arrival.options = queue.options;
    return whole;
  }

  onEvent(_kind: number, arg: unknown): void {
    const queue = arg as Queue;
    const { now } = this.#tables.simulator;
    if (queue.deadline !== now || this.#queues.get(queue.key) !== queue) return;
    this.#forget(queue);
    const { first } = queue.parts;
    this.#tables.drops.drop('reassembly.timeout', first);
    if (first === null) return; // RFC 792: without the first fragment none need be told
    const route = routeInput(this.#tables, queue.inbound, first.dst, first.src);
    if (typeof route === 'string') return;
    const { inbound, isHostFrame, options } = queue;
    const { isForUs, isGroup } = route;
    const origin = { inbound, isHostFrame, isForUs, isGroup, options, waiting: null };
    this.#errors.send(first, origin, ICMP_TIME_EXCEEDED, EXCEEDED_REASSEMBLY, 0);
  }

  #queueOf(fragment: Ipv4Packet, arrival: InterfaceArrival): Queue {
    const key = `${fragment.src.id} ${fragment.dst.id} ${fragment.protocol} ${fragment.id}`;
    let queue = this.#queues.get(key);
    if (queue === undefined) {
      queue = {
        key,
        parts: new Reassembly(),
        distance: 0,
        deadline: 0,
        isHostFrame: true,
        options: null,
        inbound: arrival.inbound,
      };
      this.#queues.set(key, queue);
      this.#bytes += QUEUE_BYTES;
      this.#startTimer(queue);
    }
    return queue;
  }

  /** Too many other fragments of that source have come since: what is here is of an older packet with that id. */
  #restartIfFar(queue: Queue, { src }: Ipv4Packet): void {
    const { config, simulator, drops } = this.#tables;
    const last = queue.distance;
    if (config.fragmentMaxDistance === 0) return;
    const peer = this.#peers.of(src, simulator.now);
    queue.distance = ++peer.fragments;
    if (queue.parts.isEmpty || queue.distance - last <= config.fragmentMaxDistance) return;
    drops.drop('reassembly.too-far', queue.parts.first);
    this.#bytes -= queue.parts.bytes;
    queue.parts = new Reassembly();
    this.#startTimer(queue);
  }

  #startTimer(queue: Queue): void {
    const { simulator, config } = this.#tables;
    queue.deadline = kernelExpiry(simulator.now, config.fragmentTime);
    simulator.at(queue.deadline, this.#place, TIMEOUT, queue);
  }

  #forget(queue: Queue): void {
    this.#queues.delete(queue.key);
    this.#bytes -= QUEUE_BYTES + queue.parts.bytes;
  }
}
