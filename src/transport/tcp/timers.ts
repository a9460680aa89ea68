/**
 * The timers of one connection as deadlines; the owner asks for the earliest. Retransmission, zero-window probe, tail
 * loss probe and RACK's reordering wait exclude each other and share one, as RFC 8985 7.5 and Linux have it.
 */
import { type Nanos, NEVER } from '../../sim/time.ts';

/** What the shared timer waits for. */
export type TransmitTimer = 'off' | 'retransmit' | 'persist' | 'loss-probe' | 'reorder' | 'syn-ack';

export class Timers {
  /** Kind and deadline of the shared timer. */
  transmit: TransmitTimer = 'off';
  transmitAt: Nanos = NEVER;
  /** Delayed ACK. */
  ackAt: Nanos = NEVER;
  /** SACKs held back (tcp_comp_sack_delay_ns). */
  compressedAckAt: Nanos = NEVER;
  /** Keepalive, and the wait of an orphan in FIN-WAIT-2. */
  keepaliveAt: Nanos = NEVER;

  setTransmit(kind: TransmitTimer, deadline: Nanos): void {
    this.transmit = kind;
    this.transmitAt = deadline;
  }

  clearTransmit(): void {
    this.transmit = 'off';
    this.transmitAt = NEVER;
  }

  clearAll(): void {
    this.clearTransmit();
    this.ackAt = NEVER;
    this.compressedAckAt = NEVER;
    this.keepaliveAt = NEVER;
  }

  get earliest(): Nanos {
    return Math.min(this.transmitAt, this.ackAt, this.compressedAckAt, this.keepaliveAt);
  }
}
