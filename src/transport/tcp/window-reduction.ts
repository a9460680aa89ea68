/** Proportional rate reduction (RFC 6937) with slow-start reduction bound: how cwnd comes down during recovery and CWR. */
import { INFINITE_SSTHRESH } from './congestion/controller.ts';
import type { Tcb } from './tcb.ts';

/** A congestion event: the controller names the new ssthresh, and cwnd begins to move there. */
export function beginReduction(tcb: Tcb): void {
  const { recovery, window, snd, ecn, controller } = tcb;
  recovery.highSeq = snd.nxt;
  recovery.tlpHighSeq = -1;
  window.count = 0;
  window.priorCwnd = window.cwnd;
  recovery.prrDelivered = 0;
  recovery.prrOut = 0;
  window.ssthresh = controller.ssthresh(window);
  if (ecn.isOn) ecn.queueCwr = true;
}

/** One ACK of a reduction. @param newlyLost segments that the ACK showed to be lost */
export function reduceWindow(tcb: Tcb, delivered: number, newlyLost: number, isAdvancing: boolean): void {
  const { recovery, window } = tcb;
  if (delivered <= 0 || window.priorCwnd === 0) return;
  const { inFlight } = tcb;
  const above = window.ssthresh - inFlight;
  recovery.prrDelivered += delivered;
  let allowed: number;
  if (above < 0) {
    allowed = Math.ceil((window.ssthresh * recovery.prrDelivered) / window.priorCwnd) - recovery.prrOut;
  } else {
    allowed = Math.max(recovery.prrDelivered - recovery.prrOut, delivered);
    if (isAdvancing && newlyLost === 0) allowed++;
    allowed = Math.min(above, allowed);
  }
  allowed = Math.max(allowed, recovery.prrOut > 0 ? 0 : 1); // the fast retransmit itself always goes
  window.set(inFlight + allowed);
}

/** The reduction is over: cwnd is ssthresh, unless the reduction was undone. */
export function endReduction(tcb: Tcb): void {
  const { recovery, window, now } = tcb;
  if (window.ssthresh < INFINITE_SSTHRESH && (recovery.state === 'cwr' || recovery.undoMarker >= 0)) {
    window.set(window.ssthresh);
    recovery.cwndStamp = now;
  }
}

/** Congestion without loss, told by ECN or a local drop: halve as for a loss, without retransmitting. */
export function enterCwr(tcb: Tcb): void {
  const { recovery } = tcb;
  recovery.priorSsthresh = 0;
  if (recovery.state !== 'open' && recovery.state !== 'disorder') return;
  recovery.undoMarker = -1;
  beginReduction(tcb);
  recovery.state = 'cwr';
}
