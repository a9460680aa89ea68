/**
 * Identification numbers of packets that this node sends (RFC 6864): a counter for each (source, destination,
 * protocol), or rather for each of 2048 hash buckets, that starts anywhere and skips a little while it rests.
 */
import type { IpAddress } from '../packet/ip-address.ts';
import type { RandomStream } from '../sim/random.ts';
import type { Nanos } from '../sim/time.ts';
import { JIFFY } from './ipv4-config.ts';

const BUCKETS = 2048;

export class Identification {
  readonly #random: RandomStream;
  // Made when the first packet is sent: most nodes of a large network only forward.
  #counters = new Uint16Array(0);
  #lastUse = new Float64Array(0);

  constructor(random: RandomStream) {
    this.#random = random;
  }

  next(src: IpAddress, dst: IpAddress, protocol: number, now: Nanos): number {
    if (this.#lastUse.length === 0) {
      this.#counters = new Uint16Array(BUCKETS);
      this.#lastUse = new Float64Array(BUCKETS).fill(-1);
    }
    const mixed = Math.imul(
      src.w3 ^ Math.imul(dst.w3, 0x9e3779b1) ^ Math.imul(protocol, 0x85ebca6b),
      0xc2b2ae35,
    );
    const bucket = mixed >>> 21;
    const jiffies = Math.floor(now / JIFFY);
    const last = this.#lastUse[bucket]!;
    if (last !== jiffies) {
      this.#lastUse[bucket] = jiffies;
      const skip = last < 0 ? this.#random.u32() : this.#random.int(0, jiffies - last - 1);
      this.#counters[bucket] = this.#counters[bucket]! + (skip & 0xffff);
    }
    this.#counters[bucket]!++;
    return this.#counters[bucket]!;
  }
}
