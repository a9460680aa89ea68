/**
 * No PDU vanishes without a reason: every drop goes through {@link DropCounters.drop}, which counts it under
 * `layer.reason` and shows it to the tap. Conservation tests add these counters up.
 */
import type { Pdu } from './pdu.ts';
import type { Tap } from './tap.ts';

export class DropCounters {
  readonly #counts = new Map<string, number>();
  tap: Tap | null = null;

  /** @param reason `layer.word-word`, such as `link.queue-full` or `ip.ttl-exceeded` */
  drop(reason: string, pdu: Pdu | null): void {
    this.#counts.set(reason, (this.#counts.get(reason) ?? 0) + 1);
    if (this.tap !== null) this.tap.dropped(reason, pdu);
  }

  count(reason: string): number {
    return this.#counts.get(reason) ?? 0;
  }

  get total(): number {
    let sum = 0;
    for (const count of this.#counts.values()) sum += count;
    return sum;
  }

  /** All counters, sorted by reason. */
  entries(): [reason: string, count: number][] {
    return [...this.#counts].sort(([a], [b]) => (a < b ? -1 : 1));
  }
}
