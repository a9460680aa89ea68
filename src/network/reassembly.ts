/**
 * Putting one IPv4 packet together from fragments (RFC 791 3.2): the first one's header, DF when the largest had it.
 */
import { Payload } from '../packet/payload.ts';
import { bytesOf } from '../packet/pdu.ts';
import { type Added, FragmentRuns } from './fragment-runs.ts';
import { FLAG_DF, IPV4_MAX_SIZE, type Ipv4Packet } from './ipv4.ts';

export class Reassembly {
  /** The fragment with offset 0, whose header the whole gets. */
  first: Ipv4Packet | null = null;
  readonly #runs = new FragmentRuns();
  #largest = 0;
  #largestDf = 0;

  get isEmpty(): boolean {
    return this.#runs.isEmpty;
  }

  /** Memory that the fragments hold, bytes. */
  get bytes(): number {
    return this.#runs.bytes;
  }

  add(fragment: Ipv4Packet): Added {
    const { payload, offset, mf, tos, size } = fragment;
    const all = payload instanceof Payload ? payload : new Payload(bytesOf(payload, fragment));
    const kept = mf ? all.slice(0, all.size & ~7) : all; // only the last may end anywhere
    const added = this.#runs.add(offset, kept, !mf, tos, size);
    if (added === 'spoilt' || added === 'duplicate') return added;
    if (offset === 0) this.first = fragment;
    const fragmentSize = fragment.headerSize + kept.size;
    this.#largest = Math.max(this.#largest, fragmentSize);
    if (fragment.df) this.#largestDf = Math.max(this.#largestDf, fragmentSize);
    return added;
  }

  /** The whole packet, once complete; null when it is larger than a packet can be, or fragments contradict each other. */
  whole(): Ipv4Packet | null {
    const { first } = this;
    if (first === null || first.headerSize + this.#runs.length > IPV4_MAX_SIZE) return null;
    const tos = this.#runs.tos(first.tos);
    if (tos < 0) return null;
    const flags = this.#largestDf === this.#largest ? FLAG_DF : 0;
    return first.withPayload(this.#runs.joined(), flags, 0, first.options, tos);
  }
}
