/**
 * Duplicate address detection (RFC 4862 5.4): an address is tentative while the link is asked for it, and in use or
 * given up afterwards. `dad_transmits` questions, one `retrans_time_ms` apart, the first after a random while.
 */
import type { RandomStream } from '../sim/random.ts';
import type { EventHandler } from '../sim/simulator.ts';
import { SECOND } from '../sim/time.ts';
import type { Interface } from './interface.ts';
import type { Ipv6Address } from './ipv6-interface.ts';
import type { Ipv6Tables } from './ipv6-tables.ts';
import type { NdpProtocol } from './ndp-protocol.ts';

/** An address that is being checked. */
interface Check {
  readonly entry: Ipv6Address;
  readonly iface: Interface;
  /** Questions still to ask. */
  left: number;
}

const ASK = 0;
/** The longest wait before the first question (RFC 4861 10). */
const LONGEST_DELAY = SECOND;

export class DuplicateDetection implements EventHandler {
  readonly #tables: Ipv6Tables;
  readonly #ndp: NdpProtocol;
  readonly #random: RandomStream;
  readonly #place: number;
  /** Those whose events still count. */
  readonly #checks = new Set<Check>();
  readonly #onUnique: (entry: Ipv6Address, iface: Interface) => void;

  /** @param onUnique is told of every address that nobody else has, when it is in use */
  constructor(
    tables: Ipv6Tables,
    place: string,
    ndp: NdpProtocol,
    random: RandomStream,
    onUnique: (entry: Ipv6Address, iface: Interface) => void,
  ) {
    this.#tables = tables;
    this.#ndp = ndp;
    this.#random = random;
    this.#place = tables.simulator.addPlace(place, this);
    this.#onUnique = onUnique;
  }

  /** Begins to check a tentative address. */
  start(entry: Ipv6Address, iface: Interface): void {
    const left = iface.v6!.config.dadTransmits;
    const check: Check = { entry, iface, left };
    if (left === 0 || iface.device.isLoopback) {
      this.#settle(check);
      return;
    }
    this.#checks.add(check);
    this.#tables.simulator.after(this.#random.int(0, LONGEST_DELAY), this.#place, ASK, check);
  }

  /** Somebody else has it, or wants it as well: it is not used (RFC 4862 5.4.5). */
  onDuplicate(entry: Ipv6Address): void {
    entry.state = 'duplicate';
    this.#tables.drops.drop('ndp.duplicate-address', null);
    this.#tables.addressesChanged();
  }

  /** The interface was switched off: nothing is asked any more; on: tentative addresses are checked from the start. */
  deviceChanged(iface: Interface): void {
    for (const check of this.#checks) if (check.iface === iface) this.#checks.delete(check);
    if (!iface.device.isEnabled) return;
    for (const entry of iface.v6!.addresses) if (entry.state === 'tentative') this.start(entry, iface);
  }

  onEvent(_kind: number, arg: unknown): void {
    const check = arg as Check;
    const { entry, iface } = check;
    if (!this.#checks.has(check)) return;
    if (entry.state !== 'tentative' || iface.v6!.find(entry.address) !== entry) {
      this.#checks.delete(check);
      return;
    }
    if (check.left === 0) {
      this.#checks.delete(check);
      this.#settle(check);
      return;
    }
    check.left--;
    this.#ndp.probe(iface, entry.address);
    this.#tables.simulator.after(iface.v6!.neighbourConfig.retransTime, this.#place, ASK, check);
  }

  #settle({ entry, iface }: Check): void {
    entry.state = 'assigned';
    this.#tables.addressesChanged();
    this.#onUnique(entry, iface);
  }
}
