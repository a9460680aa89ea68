/**
 * What a node remembers of each remote address: the budgets for errors and redirects sent to it, and how many
 * fragments came from it. One budget serves several purposes, as in Linux, so that they disturb each other alike.
 */
import type { IpAddress } from '../packet/ip-address.ts';
import type { Nanos } from '../sim/time.ts';
import { JIFFY } from './ipv4-config.ts';

/** A new peer counts as long silent, so that its budget is full. */
const SILENCE = 60 * 250;

export class Peer {
  /** Jiffies of credit. */
  tokens = 0;
  /** When the credit was last counted, in jiffies. */
  last: number;
  redirects = 0;
  /** Fragments that came from there. */
  fragments = 0;

  constructor(now: number) {
    this.last = now - SILENCE;
  }

  /** Takes `cost` from the credit, which grows by one a jiffy up to `burst`. @returns false when it does not suffice */
  spend(now: Nanos, cost: number, burst: number): boolean {
    const jiffies = Math.floor(now / JIFFY);
    this.tokens = Math.min(burst, this.tokens + jiffies - this.last);
    this.last = jiffies;
    if (this.tokens < cost) return false;
    this.tokens -= cost;
    return true;
  }
}

export class PeerTable {
  readonly #peers = new Map<IpAddress, Peer>();

  of(address: IpAddress, now: Nanos): Peer {
    let peer = this.#peers.get(address);
    if (peer === undefined) {
      peer = new Peer(Math.floor(now / JIFFY));
      this.#peers.set(address, peer);
    }
    return peer;
  }
}
