/** FIN-WAIT-2 after close() (RFC 9293 3.6): nobody will read, so the wait for the peer's FIN is bounded (tcp_fin_timeout). */
import type { Nanos } from '../../sim/time.ts';
import { FIN, type TcpSegment } from './header.ts';
import { enterTimeWait, finish } from './lifecycle.ts';
import { resetFor } from './reset.ts';
import { seqAdd, seqGt } from './seq.ts';
import type { Tcb } from './tcb.ts';
import { TIME_WAIT_LENGTH } from './time-wait.ts';

/** TCP_LINGER2 or tcp_fin_timeout, and long enough for a retransmitted FIN. */
export function finTimeout(tcb: Tcb): Nanos {
  const { settings, config, rtt } = tcb;
  const wanted = settings.linger2 > 0 ? settings.linger2 : config.finTimeout;
  return Math.max(wanted, rtt.rto * 3.5);
}

/** Our FIN was just acknowledged and nobody holds the socket. @returns true when the segment still has to be looked at */
export function keepOpenForOrphan(tcb: Tcb, segment: TcpSegment): boolean {
  const { settings, rcv, outbox } = tcb;
  // A FIN beyond what came so far says that there was data, too.
  const hasNewData = segment.len > 0 && seqGt(seqAdd(segment.seq, segment.payload.size), rcv.nxt);
  if (settings.linger2 < 0 || hasNewData) {
    const reset = resetFor(segment);
    if (reset !== null) outbox.put(reset, 0);
    finish(tcb, 0);
    return false;
  }
  if (segment.has(FIN)) {
    tcb.timers.keepaliveAt = tcb.now + finTimeout(tcb);
    return true;
  }
  return !waitForFin(tcb);
}

/** @returns true when a record has taken over; false when the wait is so long that the connection itself begins it */
export function waitForFin(tcb: Tcb): boolean {
  const timeout = finTimeout(tcb);
  if (timeout > TIME_WAIT_LENGTH) {
    tcb.timers.keepaliveAt = tcb.now + timeout - TIME_WAIT_LENGTH;
    return false;
  }
  enterTimeWait(tcb, 'FIN-WAIT-2', timeout);
  return true;
}
