/**
 * How many ICMPv6 messages a node sends (RFC 4443 2.4 f): the bucket of the whole node, which ICMP draws on as well, and
 * one for each destination, larger where the route towards it is wider.
 */
import type { IpAddress } from '../packet/ip-address.ts';
import { MILLISECOND, type Nanos } from '../sim/time.ts';
import type { IcmpLimits } from './icmp-limits.ts';
import { JIFFY } from './ipv4-config.ts';
import type { Ipv6Config } from './ipv6-config.ts';
import type { Ipv6Route } from './ipv6-route.ts';
import type { PeerTable } from './peers.ts';

/** Messages to one destination that may follow each other at once. */
const BURST_PER_PEER = 6;

export class Icmpv6Limits {
  readonly #config: Ipv6Config;
  readonly #node: IcmpLimits;
  readonly #peers: PeerTable;

  constructor(config: Ipv6Config, node: IcmpLimits, peers: PeerTable) {
    this.#config = config;
    this.#node = node;
    this.#peers = peers;
  }

  /** May the node send one more message? */
  allowsNode(type: number, now: Nanos): boolean {
    return !this.#config.isLimited(type) || this.#node.takesFromNode(now);
  }

  /** May this destination get one more? Nothing limits what stays on this node. */
  allowsPeer(type: number, peer: IpAddress, route: Ipv6Route, now: Nanos): boolean {
    if (!this.#config.isLimited(type) || route.device.isLoopback) return true;
    const length = route.fib === null || route.nextHop === peer ? 128 : route.fib.length;
    const interval = this.#config.icmpRatelimit >> ((128 - length) >> 5);
    const cost = Math.ceil((interval * MILLISECOND) / JIFFY);
    return this.#peers.of(peer, now).spend(now, cost, BURST_PER_PEER * cost);
  }
}
