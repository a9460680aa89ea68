/**
 * The table of connections: exact four-tuple to socket, O(1) from ten to a million (rules L2, L27a).
 *
 * Open addressing with linear probing; one slot is four 32-bit words in a row: local address id, remote address id,
 * both ports, entry number. A lookup touches one cache line as a rule and allocates nothing; deletion shifts the
 * following slots back, so there are no tombstones. Equal four-tuples (sockets that differ by their device only)
 * share a slot and hang together as twins, the newest first, as in the kernel's chain.
 */
import type { IpAddress } from '../../packet/ip-address.ts';
import { invariant } from '../../sim/errors.ts';

/** What the table holds. `twin` belongs to the table. */
export interface FlowEntry<T> {
  /** The next older entry with the same four-tuple. */
  twin: T | null;
}

const WORDS = 4;
const REMOTE = 1;
const PORTS = 2;
/** Entry number plus 1; 0 marks a free slot. */
const ENTRY = 3;

export class EstablishedTable<T extends FlowEntry<T>> {
  /** Number of entries, twins included. */
  size = 0;
  #slots: Int32Array;
  #mask: number;
  #used = 0;
  /** Heads of the twin chains by entry number; freed numbers are recycled. */
  readonly #heads: (T | null)[] = [];
  readonly #free: number[] = [];
  // The last lookup that hit: packets of one connection come in bursts.
  #lastLocal = -1;
  #lastRemote = -1;
  #lastPorts = 0;
  #last: T | null = null;

  /** @param capacity slots to begin with, a power of two */
  constructor(capacity: number = 8) {
    this.#slots = new Int32Array(capacity * WORDS);
    this.#mask = capacity - 1;
  }

  /** The newest entry with this four-tuple, or null; its older twins hang on `twin`. */
  find(local: IpAddress, localPort: number, remote: IpAddress, remotePort: number): T | null {
    const ports = (localPort << 16) | remotePort;
    const localId = local.id;
    const remoteId = remote.id;
    if (localId === this.#lastLocal && remoteId === this.#lastRemote && ports === this.#lastPorts)
      return this.#last;
    const slots = this.#slots;
    const at = this.#slotOf(localId, remoteId, ports);
    const number = slots[at + ENTRY]!;
    if (number === 0) return null;
    const entry = this.#heads[number - 1]!;
    this.#lastLocal = localId;
    this.#lastRemote = remoteId;
    this.#lastPorts = ports;
    this.#last = entry;
    return entry;
  }

  /** Adds an entry; it becomes the newest of its four-tuple. */
  add(entry: T, local: IpAddress, localPort: number, remote: IpAddress, remotePort: number): void {
    if ((this.#used + 1) * 2 > this.#mask + 1) this.#grow();
    const ports = (localPort << 16) | remotePort;
    const slots = this.#slots;
    const at = this.#slotOf(local.id, remote.id, ports);
    this.#lastLocal = -1;
    this.size++;
    if (slots[at + ENTRY] !== 0) {
      const number = slots[at + ENTRY]! - 1;
      entry.twin = this.#heads[number]!;
      this.#heads[number] = entry;
      return;
    }
    entry.twin = null;
    const number = this.#free.pop() ?? this.#heads.push(null) - 1;
    this.#heads[number] = entry;
    slots[at] = local.id;
    slots[at + REMOTE] = remote.id;
    slots[at + PORTS] = ports;
    slots[at + ENTRY] = number + 1;
    this.#used++;
  }

  /** Removes an entry that is there under this four-tuple. */
  remove(entry: T, local: IpAddress, localPort: number, remote: IpAddress, remotePort: number): void {
    const at = this.#slotOf(local.id, remote.id, (localPort << 16) | remotePort);
    const number = this.#slots[at + ENTRY]! - 1;
    invariant(number >= 0, 'a connection leaves the table that it is not in');
    this.#lastLocal = -1;
    this.size--;
    const head = this.#heads[number]!;
    if (head !== entry) unlinkTwin(head, entry);
    else if (entry.twin !== null) this.#heads[number] = entry.twin;
    else {
      this.#heads[number] = null;
      this.#free.push(number);
      this.#used--;
      this.#closeGap(at);
    }
    entry.twin = null;
  }

  /** The word index of the slot that holds the key, or of the free slot where it would go. */
  #slotOf(local: number, remote: number, ports: number): number {
    const slots = this.#slots;
    const mask = this.#mask;
    let slot = mix(local, remote, ports) & mask;
    for (;;) {
      const at = slot * WORDS;
      if (slots[at + ENTRY] === 0) return at;
      if (slots[at + PORTS] === ports && slots[at] === local && slots[at + REMOTE] === remote) return at;
      slot = (slot + 1) & mask;
    }
  }

  /** Backward-shift deletion: moves up every following slot that may stand nearer to its home. */
  #closeGap(freed: number): void {
    const slots = this.#slots;
    const mask = this.#mask;
    let gap = freed / WORDS;
    let slot = gap;
    for (;;) {
      slot = (slot + 1) & mask;
      const at = slot * WORDS;
      if (slots[at + ENTRY] === 0) break;
      const home = mix(slots[at]!, slots[at + REMOTE]!, slots[at + PORTS]!) & mask;
      if (((slot - home) & mask) < ((slot - gap) & mask)) continue; // its home lies behind the gap
      slots.copyWithin(gap * WORDS, at, at + WORDS);
      gap = slot;
    }
    slots[gap * WORDS + ENTRY] = 0;
  }

  #grow(): void {
    const old = this.#slots;
    this.#slots = new Int32Array(old.length * 2);
    this.#mask = this.#mask * 2 + 1;
    for (let at = 0; at < old.length; at += WORDS) {
      if (old[at + ENTRY] === 0) continue;
      const to = this.#slotOf(old[at]!, old[at + REMOTE]!, old[at + PORTS]!);
      this.#slots.set(old.subarray(at, at + WORDS), to);
    }
  }
}

function unlinkTwin<T extends FlowEntry<T>>(head: T, entry: T): void {
  let newer = head;
  while (newer.twin !== entry) {
    invariant(newer.twin !== null, 'a connection leaves the table that it is not in');
    newer = newer.twin;
  }
  newer.twin = entry.twin;
}

/** Spreads the three key words over 32 bits (multiply and xor-shift, as MurmurHash3 does). */
function mix(local: number, remote: number, ports: number): number {
  let h = Math.imul(ports, 0xcc9e2d51);
  h = (h << 15) | (h >>> 17);
  h = Math.imul(h ^ remote, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h ^ Math.imul(local, 0x9e3779b1), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
