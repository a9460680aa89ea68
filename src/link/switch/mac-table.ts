/**
 * The filtering database of a switch (IEEE 802.1Q 8.8): behind which port, in which VLAN, an address was last seen.
 * An entry that was not refreshed within the ageing time is gone; an ageing time of 0 keeps nothing.
 */
import type { MacAddress } from '../../packet/mac-address.ts';
import { type Nanos, SECOND } from '../../sim/time.ts';

/** The recommended ageing time (IEEE 802.1D 7.9.2). */
export const DEFAULT_AGEING: Nanos = 300 * SECOND;

const VLANS = 4096;
/** So many entries at least before the aged ones are swept out. */
const SWEEP_FROM = 1024;

interface Entry {
  readonly mac: MacAddress;
  readonly vid: number;
  port: number;
  seen: Nanos;
}

export interface MacTableRow {
  readonly mac: MacAddress;
  /** 0 on a switch that is not VLAN-aware. */
  readonly vid: number;
  readonly port: number;
}

export class MacTable {
  ageing: Nanos;
  readonly #entries = new Map<number, Entry>();
  #sweepAt = SWEEP_FROM;

  constructor(ageing: Nanos = DEFAULT_AGEING) {
    this.ageing = ageing;
  }

  /** Notes that `mac` was seen behind `port`; it has moved when it was known elsewhere. */
  learn(mac: MacAddress, vid: number, port: number, now: Nanos): void {
    if (this.ageing === 0) return;
    const key = mac.id * VLANS + vid;
    const entry = this.#entries.get(key);
    if (entry === undefined) {
      if (this.#entries.size >= this.#sweepAt) this.#sweep(now);
      this.#entries.set(key, { mac, vid, port, seen: now });
    } else {
      entry.port = port;
      entry.seen = now;
    }
  }

  /** @returns the port behind which `mac` lives, or -1 */
  lookup(mac: MacAddress, vid: number, now: Nanos): number {
    const entry = this.#entries.get(mac.id * VLANS + vid);
    return entry !== undefined && now < entry.seen + this.ageing ? entry.port : -1;
  }

  /** Forgets what was learned behind one port, or behind all. */
  flush(port: number | null = null): void {
    for (const [key, entry] of this.#entries) {
      if (port === null || entry.port === port) this.#entries.delete(key);
    }
  }

  /** What is known at the instant `now`, by VLAN and address. */
  rows(now: Nanos): MacTableRow[] {
    return [...this.#entries.values()]
      .filter((entry) => now < entry.seen + this.ageing)
      .map(({ mac, vid, port }) => ({ mac, vid, port }))
      .sort((a, b) => a.vid - b.vid || a.mac.high - b.mac.high || a.mac.low - b.mac.low);
  }

  #sweep(now: Nanos): void {
    for (const [key, entry] of this.#entries) {
      if (now >= entry.seen + this.ageing) this.#entries.delete(key);
    }
    this.#sweepAt = Math.max(SWEEP_FROM, this.#entries.size * 2);
  }
}
