/** When the retransmission timer expires (RFC 6298 5). What then happens is the business of `retransmission-timeout`. */
import type { Nanos } from '../../sim/time.ts';
import type { Tcb } from './tcb.ts';

/**
 * Starts the timer anew, or stops it when nothing is in flight (RFC 6298 5.1 to 5.3).
 * @param hasWaited a wait is over that changed nothing: the RTO counts from the transmission that it guards
 */
export function armRetransmitTimer(tcb: Tcb, hasWaited: boolean = false): void {
  const { timers, now } = tcb;
  if (tcb.fastOpen.isChild) return; // the SYN,ACK goes first
  if (tcb.packetsOut === 0) {
    timers.clearTransmit();
    return;
  }
  // The same when it replaces the wait for a loss probe, or for reordered segments.
  const isOffset = hasWaited || timers.transmit === 'loss-probe' || timers.transmit === 'reorder';
  const delay = isOffset ? Math.max(timeToRto(tcb), 1) : tcb.rtt.rto;
  timers.setTransmit('retransmit', now + delay);
}

/** How far in the future the RTO of the first segment in flight lies; negative when it has passed. */
export function timeToRto(tcb: Tcb): Nanos {
  return tcb.queue.sentAt(0) + tcb.rtt.rto - tcb.now;
}

/** 2^n for any n that a backoff can reach, capped. */
export function powerOfTwo(n: number): number {
  return n < 31 ? 1 << n : 2147483648;
}
