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
  /** By the address's id, the entry that was learned last in any VLAN: what a frame asks for is mostly there. */
  readonly #latest: (Entry | null)[] = [];
  #sweepAt = SWEEP_FROM;

  constructor(ageing: Nanos = DEFAULT_AGEING) {
    this.ageing = ageing;
  }

  /** Notes that `mac` was seen behind `port`; it has moved when it was known elsewhere. */
  learn(mac: MacAddress, vid: number, port: number, now: Nanos): void {
    if (this.ageing === 0) return;
    const entry = this.#find(mac, vid);
    if (entry === null) {
      if (this.#entries.size >= this.#sweepAt) this.#sweep(now);
      const made: Entry = { mac, vid, port, seen: now };
      this.#entries.set(mac.id * VLANS + vid, made);
      while (this.#latest.length <= mac.id) this.#latest.push(null);
      this.#latest[mac.id] = made;
    } else {
      entry.port = port;
      entry.seen = now;
    }
  }

  /** @returns the port behind which `mac` lives, or -1 */
  lookup(mac: MacAddress, vid: number, now: Nanos): number {
    const entry = this.#find(mac, vid);
    return entry !== null && now < entry.seen + this.ageing ? entry.port : -1;
  }

  #find(mac: MacAddress, vid: number): Entry | null {
    if (mac.id >= this.#latest.length) return null;
    const latest = this.#latest[mac.id]!;
    if (latest !== null && latest.vid === vid) return latest;
    return this.#entries.get(mac.id * VLANS + vid) ?? null;
  }

  #forget(key: number, entry: Entry): void {
    this.#entries.delete(key);
    if (this.#latest[entry.mac.id] === entry) this.#latest[entry.mac.id] = null;
  }

  /** Forgets what was learned behind one port, or behind all. */
  flush(port: number | null = null): void {
    for (const [key, entry] of this.#entries) {
      if (port === null || entry.port === port) this.#forget(key, entry);
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
      if (now >= entry.seen + this.ageing) this.#forget(key, entry);
    }
    this.#sweepAt = Math.max(SWEEP_FROM, this.#entries.size * 2);
  }
}
