/**
 * SYN cookies of the machine under test (K43), for the specification: nothing is remembered but that a cookie was given,
 * and the ACK must bring it back. Segments between two sockets of the host carry no numbers here (-1).
 */
import type { SpecSocket } from '../../sockets/spec/state.ts';
import { type Segment, tuple } from './spec-packets.ts';

/** The MSS of all ends here is the last of the four in the kernel's table. */
const LARGEST_MSS_INDEX = 3;

export class CookieJar {
  /** The four-tuple and sequence number that each is good for, by the token that stands for its number. */
  readonly #cookies = new Map<number, { readonly flow: string; readonly next: number }>();
  /** Listeners, and SO_REUSEPORT groups, that have answered with a cookie of late. */
  readonly #givers = new Set<string>();

  give(token: number, { from, to, sequence }: Segment, listener: SpecSocket): void {
    this.#givers.add(giverOf(listener));
    this.#cookies.set(token, { flow: tuple(from, to), next: sequence < 0 ? -1 : sequence + 1 });
  }

  /** Does the ACK bring back a cookie that this listener takes? */
  isGood({ from, to, sequence, acks }: Segment, listener: SpecSocket): boolean {
    if (!this.#givers.has(giverOf(listener))) return false;
    const flow = tuple(from, to);
    if (acks < 0) return [...this.#cookies.values()].some((one) => one.flow === flow && one.next < 0);
    const cookie = this.#cookies.get(acks);
    if (cookie?.flow !== flow) return false;
    const ahead = sequence - cookie.next; // counts against the number of the MSS in the kernel's table
    return ahead >= 0 && ahead <= LARGEST_MSS_INDEX;
  }

  /** Forgets listeners that listen no more. @param find a socket by its id */
  forget(find: (id: number) => SpecSocket | undefined): void {
    for (const giver of this.#givers) {
      if (!giver.startsWith('g') && find(Number(giver))?.state !== 'LISTEN') this.#givers.delete(giver);
    }
  }
}

/** A member of a SO_REUSEPORT group takes back the cookies of all. */
function giverOf({ id, group, options }: SpecSocket): string {
  return options.reusePort && group !== 0 ? `g${group}` : `${id}`;
}
