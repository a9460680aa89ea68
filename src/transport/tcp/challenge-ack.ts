/**
 * Limits on ACKs that suspicious segments provoke. RFC 5961 7: challenge ACKs per host and second. And Linux's
 * tcp_invalid_ratelimit: per connection, one duplicate ACK per half second for segments out of the window.
 */
import { type Nanos, SECOND } from '../../sim/time.ts';

/** One per host. */
export class ChallengeAckLimit {
  #second = -1;
  #left = 0;

  /** Takes one from this clock second's share. @param limit per second (`tcp_challenge_ack_limit`) */
  take(now: Nanos, limit: number): boolean {
    const second = Math.floor(now / SECOND);
    if (second !== this.#second) {
      this.#second = second;
      this.#left = limit;
    }
    if (this.#left === 0) return false;
    this.#left--;
    return true;
  }
}
