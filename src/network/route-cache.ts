/**
 * A destination cache: the outcome of routing for (destination, source), found again with one probe. Direct-mapped:
 * a colliding pair simply routes again. It starts small and grows while collisions say that it pays.
 */
import type { IpAddress } from '../packet/ip-address.ts';
import type { Nanos } from '../sim/time.ts';

/** What the cache asks of a route of either family. */
export interface CachedRoute {
  readonly dst: IpAddress;
  readonly src: IpAddress | null;
  readonly expires: Nanos;
  readonly version: number;
}

const SMALLEST = 4;
const LARGEST = 16384;

export class RouteCache<R extends CachedRoute> {
  /** What was found or stored last. */
  last: R | null = null;
  #slots: (R | null)[] = [];
  #mask = -1;
  #collisions = 0;

  /** @param version of the tables now: routes made under another are void @returns null when there is none */
  find(dst: IpAddress, src: IpAddress | null, version: number, now: Nanos): R | null {
    const mask = this.#mask;
    if (mask < 0) return null;
    const route = this.#slots[(dst.id + (src === null ? 0 : src.id * 31)) & mask]!;
    if (route === null || route.dst !== dst || route.src !== src) return null;
    if (route.version !== version || route.expires < now) return null;
    this.last = route;
    return route;
  }

  store(route: R): void {
    this.last = route;
    if (this.#mask < 0) this.#resize(SMALLEST);
    const slot = this.#slotOf(route);
    const old = this.#slots[slot]!;
    if (
      old !== null &&
      old.version === route.version &&
      ++this.#collisions > this.#mask &&
      this.#mask < LARGEST - 1
    )
      this.#resize((this.#mask + 1) * 4);
    this.#slots[this.#slotOf(route)] = route;
  }

  #slotOf(route: R): number {
    return (route.dst.id + (route.src === null ? 0 : route.src.id * 31)) & this.#mask;
  }

  #resize(size: number): void {
    const old = this.#slots;
    this.#slots = new Array<R | null>(size).fill(null);
    this.#mask = size - 1;
    this.#collisions = 0;
    for (const route of old) if (route !== null) this.#slots[this.#slotOf(route)] = route;
  }
}
