/**
 * How many ICMP messages a node sends (RFC 1812 4.3.2.8, icmp(7)): a bucket for the whole node, and one for each
 * destination, for the types of `icmp_ratemask`. The latter is the budget of route errors, too: even a ratelimit of 0,
 * which refuses nothing, empties it.
 */
import type { IpAddress } from '../packet/ip-address.ts';
import type { RandomStream } from '../sim/random.ts';
import { MILLISECOND, type Nanos, SECOND } from '../sim/time.ts';
import { ICMP_HIGHEST_TYPE, ICMP_UNREACHABLE, UNREACHABLE_FRAGMENTATION } from './icmp.ts';
import { type Ipv4Config, JIFFY } from './ipv4-config.ts';
import type { PeerTable } from './peers.ts';

/** Messages to one destination that may follow each other at once. */
const BURST_PER_PEER = 6;

export class IcmpLimits {
  readonly #config: Ipv4Config;
  readonly #peers: PeerTable;
  readonly #random: RandomStream;
  #credit = 0;
  #last: Nanos = -SECOND;

  constructor(config: Ipv4Config, peers: PeerTable, random: RandomStream) {
    this.#config = config;
    this.#peers = peers;
    this.#random = random;
  }

  /** May the node send one more message? Takes it from the bucket, blurred a little so that nobody can count along. */
  allowsNode(type: number, code: number, now: Nanos): boolean {
    return this.#isUnlimited(type, code) || this.takesFromNode(now);
  }

  /** Takes a message of either family from the node's bucket. @returns false when it is empty */
  takesFromNode(now: Nanos): boolean {
    const { icmpMessagesPerSecond, icmpBurst } = this.#config;
    const elapsed = Math.min(now - this.#last, SECOND);
    if (elapsed >= SECOND / 50) {
      this.#credit = Math.min(
        icmpBurst,
        this.#credit + Math.floor((icmpMessagesPerSecond * elapsed) / SECOND),
      );
      this.#last = now;
    }
    if (this.#credit <= 0) return false;
    this.#credit = Math.max(0, this.#credit - 1 - this.#random.int(0, 2));
    return true;
  }

  /** May this destination get one more? */
  allowsPeer(type: number, code: number, peer: IpAddress, now: Nanos): boolean {
    const { icmpRatelimit } = this.#config;
    if (this.#isUnlimited(type, code)) return true;
    const cost = Math.ceil((icmpRatelimit * MILLISECOND) / JIFFY);
    return this.#peers.of(peer, now).spend(now, cost, BURST_PER_PEER * cost);
  }

  #isUnlimited(type: number, code: number): boolean {
    if (type > ICMP_HIGHEST_TYPE) return true;
    if (type === ICMP_UNREACHABLE && code === UNREACHABLE_FRAGMENTATION) return true;
    return ((1 << type) & this.#config.icmpRatemask) === 0;
  }
}
