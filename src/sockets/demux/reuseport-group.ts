/**
 * A SO_REUSEPORT group: sockets of one user that share address, port and device, and among which a hash of the
 * four-tuple chooses (rules L8, L30). The kernel's array order counts: members stand in the order in which they
 * came, and a hole is filled by the last member.
 */
import { invariant } from '../../sim/errors.ts';
import type { Nanos } from '../../sim/time.ts';

export interface GroupMember<T extends GroupMember<T>> {
  /** UDP: connect() was called. Such members are stepped over. */
  readonly isConnected: boolean;
  group: ReusePortGroup<T> | null;
}

/**
 * Replaces the hash, for whoever repeats choices that were recorded elsewhere.
 * @returns the member to take, or null to let the hash decide
 */
export type GroupChooser<T> = (members: readonly T[]) => T | null;

export class ReusePortGroup<T extends GroupMember<T>> {
  readonly #members: T[] = [];
  /** Where each member stands, so that leaving a large group takes no search. */
  readonly #positions = new Map<T, number>();
  /** A member was connected while in the group: UDP lookups then go on scoring after the group's choice (L30). */
  hasConnections = false;
  /** TCP: when a member last answered with a SYN cookie; any member takes it back. */
  cookieGivenAt: Nanos = Number.NEGATIVE_INFINITY;

  get members(): readonly T[] {
    return this.#members;
  }

  add(member: T): void {
    invariant(member.group === null, 'a socket is in two SO_REUSEPORT groups');
    this.#positions.set(member, this.#members.push(member) - 1);
    member.group = this;
  }

  remove(member: T): void {
    const hole = this.#positions.get(member);
    invariant(hole !== undefined, 'a socket leaves a SO_REUSEPORT group that it is not in');
    this.#positions.delete(member);
    const last = this.#members.pop()!;
    if (last !== member) {
      this.#members[hole] = last;
      this.#positions.set(last, hole);
    }
    member.group = null;
  }

  /**
   * Chooses by `hash`: position floor(hash * n / 2^32), from there the first member that is not connected.
   * @param hash unsigned 32 bits
   * @returns null when every member is connected
   */
  select(hash: number, chooser: GroupChooser<T> | null): T | null {
    const members = this.#members;
    const count = members.length;
    if (chooser !== null) {
      const open = members.filter((member) => !member.isConnected);
      const chosen = chooser(open);
      if (chosen !== null) return chosen;
    }
    const start = Math.floor((hash * count) / 4294967296);
    for (let step = 0; step < count; step++) {
      const member = members[(start + step) % count]!;
      if (!member.isConnected) return member;
    }
    return null;
  }
}
