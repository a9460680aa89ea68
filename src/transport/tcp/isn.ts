/**
 * Initial sequence numbers (RFC 6528, RFC 9293 3.4.1): a clock plus a keyed hash of the connection's name, so that
 * numbers of one name go up and those of others cannot be guessed. The clock ticks every 64 ns, as Linux's.
 */
import type { IpAddress } from '../../packet/ip-address.ts';
import type { RandomStream } from '../../sim/random.ts';
import type { Nanos } from '../../sim/time.ts';

const CLOCK_TICK: Nanos = 64;
const TWO_32 = 4294967296;
/** More than a short connection sends: a next one between the same ends begins beyond its numbers. */
const GIVEN_STEP = 1 << 24;

/** The two ends of a connection, ours first. */
export interface TcpQuad {
  readonly localAddress: IpAddress;
  readonly localPort: number;
  readonly remoteAddress: IpAddress;
  readonly remotePort: number;
}

/** One per host: the secret and what is derived from it. */
export class IsnGenerator {
  readonly #key0: number;
  readonly #key1: number;
  #nextGiven = -1;

  constructor(random: RandomStream) {
    this.#key0 = random.u32();
    this.#key1 = random.u32();
  }

  /** For tests: the next connection begins at `first`, an unsigned 32-bit number, each after it {@link GIVEN_STEP} further. */
  startAt(first: number): void {
    this.#nextGiven = first;
  }

  /** M + F(localip, localport, remoteip, remoteport, secretkey). */
  next(quad: TcpQuad, now: Nanos): number {
    if (this.#nextGiven >= 0) {
      const given = this.#nextGiven;
      this.#nextGiven = (given + GIVEN_STEP) % TWO_32;
      return given;
    }
    const m = Math.floor(now / CLOCK_TICK) % TWO_32;
    return (m + this.#hash(quad, this.#key0)) >>> 0;
  }

  /** What a connection adds to the host's timestamp clock (RFC 7323 5.4): the same for all ports of a pair of hosts. */
  timestampOffset(quad: TcpQuad): number {
    return this.#hash({ ...quad, localPort: 0, remotePort: 0 }, this.#key1);
  }

  #hash(quad: TcpQuad, key: number): number {
    let h = mixAddress(key, quad.localAddress);
    h = mixAddress(h, quad.remoteAddress);
    h = mix(h, (quad.localPort << 16) | quad.remotePort);
    h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35) ^ this.#key0;
    return (h ^ (h >>> 16)) >>> 0;
  }
}

function mixAddress(h: number, address: IpAddress): number {
  return mix(mix(mix(mix(h, address.w0), address.w1), address.w2), address.w3);
}

/** One round of MurmurHash3. */
function mix(h: number, word: number): number {
  let k = Math.imul(word, 0xcc9e2d51);
  k = Math.imul((k << 15) | (k >>> 17), 0x1b873593);
  const mixed = h ^ k;
  return (Math.imul((mixed << 13) | (mixed >>> 19), 5) + 0xe6546b64) | 0;
}
