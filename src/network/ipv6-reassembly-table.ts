/**
 * All IPv6 packets that are being put together at one node (RFC 8200 4.5; overlaps give up the packet, RFC 5722), with
 * Linux's limits of time (`ip6frag_time`) and memory (`ip6frag_high_thresh`).
 */
import { Payload } from '../packet/payload.ts';
import { bytesOf } from '../packet/pdu.ts';
import type { EventHandler } from '../sim/simulator.ts';
import type { Nanos } from '../sim/time.ts';
import { lacksUpperHeader } from './first-fragment.ts';
import { FragmentRuns } from './fragment-runs.ts';
import {
  EXCEEDED_V6_REASSEMBLY,
  ICMPV6_PARAMETER_PROBLEM,
  ICMPV6_TIME_EXCEEDED,
  PROBLEM_FIELD,
  PROBLEM_INCOMPLETE_HEADERS,
} from './icmpv6.ts';
import type { Icmpv6Errors } from './icmpv6-errors.ts';
import type { InterfaceArrival } from './interface-arrival.ts';
import { IPV6_HEADER_SIZE, IPV6_MAX_PAYLOAD, type Ipv6Packet } from './ipv6.ts';
import { chainSize, type Ipv6Extension, readChain } from './ipv6-extension.ts';
import type { Ipv6Tables } from './ipv6-tables.ts';
import { kernelExpiry } from './kernel-timer.ts';
import { keptOrigin, type PacketOrigin } from './packet-origin.ts';

const TIMEOUT = 0;
/** Memory of the bookkeeping of one packet. */
const QUEUE_BYTES = 200;
/** Where the fixed header has the payload length. */
const PAYLOAD_LENGTH_AT = 4;

/** One packet that is being put together. */
interface Queue {
  readonly key: string;
  readonly runs: FragmentRuns;
  /** The fragment with offset 0, whose headers the whole gets, and how it came. */
  first: Ipv6Packet | null;
  origin: PacketOrigin | null;
  deadline: Nanos;
}

export class Ipv6ReassemblyTable implements EventHandler {
  readonly #tables: Ipv6Tables;
  readonly #errors: Icmpv6Errors;
  readonly #place: number;
  readonly #queues = new Map<string, Queue>();
  #bytes = 0;

  constructor(tables: Ipv6Tables, place: string, errors: Icmpv6Errors) {
    this.#tables = tables;
    this.#errors = errors;
    this.#place = tables.simulator.addPlace(place, this);
  }

  /** Packets that are not whole yet. */
  get size(): number {
    return this.#queues.size;
  }

  /** Takes a fragment for this node. @returns the whole packet when it was the last one missing */
  add(fragment: Ipv6Packet, arrival: InterfaceArrival): Ipv6Packet | null {
    const { drops, config } = this.#tables;
    const header = fragment.fragment!;
    const { payload } = fragment;
    const offset = header.fragmentOffset;
    if (offset === 0 && lacksUpperHeader(payload, fragment)) {
      drops.drop('reassembly.incomplete-headers', fragment);
      this.#errors.send(fragment, arrival, ICMPV6_PARAMETER_PROBLEM, PROBLEM_INCOMPLETE_HEADERS, 0);
      return null;
    }
    const problemAt = pointerToProblem(fragment, header);
    if (problemAt >= 0) {
      drops.drop('reassembly.malformed', fragment);
      this.#errors.send(fragment, arrival, ICMPV6_PARAMETER_PROBLEM, PROBLEM_FIELD, problemAt);
      return null;
    }
    if (this.#bytes > config.fragmentHighThreshold || config.fragmentHighThreshold === 0) {
      drops.drop('reassembly.no-memory', fragment);
      return null;
    }
    const queue = this.#queueOf(fragment, header, arrival);
    const bytes = payload instanceof Payload ? payload : new Payload(bytesOf(payload, fragment));
    const before = queue.runs.bytes;
    const added = queue.runs.add(offset, bytes, !header.hasMore, fragment.tos, fragment.size);
    this.#bytes += queue.runs.bytes - before;
    if (added === 'spoilt' || added === 'duplicate') {
      drops.drop(`reassembly.${added}`, fragment);
      if (added === 'spoilt') this.#forget(queue);
      return null;
    }
    if (offset === 0) {
      queue.first = fragment;
      queue.origin = keptOrigin(arrival);
    }
    if (added === 'incomplete') return null;
    this.#forget(queue);
    const whole = wholeOf(queue);
    if (whole === null) drops.drop('reassembly.impossible', fragment);
    return whole;
  }

  onEvent(_kind: number, arg: unknown): void {
    const queue = arg as Queue;
    const { now } = this.#tables.simulator;
    if (queue.deadline !== now || this.#queues.get(queue.key) !== queue) return;
    this.#forget(queue);
    const { first, origin } = queue;
    this.#tables.drops.drop('reassembly.timeout', first);
    if (first !== null && origin !== null)
      this.#errors.send(first, origin, ICMPV6_TIME_EXCEEDED, EXCEEDED_V6_REASSEMBLY, 0);
  }

  #queueOf({ src, dst }: Ipv6Packet, header: Ipv6Extension, arrival: InterfaceArrival): Queue {
    const link = src.isLinkLocal || dst.isMulticast ? arrival.inbound.index : 0;
    const key = `${src.id} ${dst.id} ${header.identification} ${link}`;
    let queue = this.#queues.get(key);
    if (queue === undefined) {
      const { simulator, config } = this.#tables;
      const deadline = kernelExpiry(simulator.now, config.fragmentTime);
      queue = { key, runs: new FragmentRuns(), first: null, origin: null, deadline };
      this.#queues.set(key, queue);
      this.#bytes += QUEUE_BYTES;
      simulator.at(deadline, this.#place, TIMEOUT, queue);
    }
    return queue;
  }

  #forget(queue: Queue): void {
    this.#queues.delete(queue.key);
    this.#bytes -= QUEUE_BYTES + queue.runs.bytes;
  }
}

/** The offset of the field that makes a fragment impossible (RFC 8200 4.5), or -1. */
function pointerToProblem({ payload, extensions }: Ipv6Packet, header: Ipv6Extension): number {
  const beyond = header.fragmentOffset + payload.size > IPV6_MAX_PAYLOAD;
  if (beyond) return IPV6_HEADER_SIZE + chainSize(extensions) - header.size + 2;
  return header.hasMore && (payload.size & 7) !== 0 ? PAYLOAD_LENGTH_AT : -1;
}

/** Headers of the first fragment up to its fragment header, then whatever the pieces make. */
function wholeOf({ first, runs }: Queue): Ipv6Packet | null {
  if (first === null) return null;
  const front = first.extensions!.slice(0, -1);
  const tos = runs.tos(first.tos);
  if (tos < 0 || chainSize(front) + runs.length > IPV6_MAX_PAYLOAD) return null;
  const payload = runs.joined();
  const { bytes, start, size } = payload;
  const chain = readChain(bytes, start, start + size, first.protocol);
  const extensions = [...front, ...(chain.extensions ?? [])];
  const rest = payload.slice(chain.at - start);
  return first.withPayload(chain.protocol, extensions.length === 0 ? null : extensions, rest, tos);
}
