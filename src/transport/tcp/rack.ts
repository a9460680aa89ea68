/**
 * RACK (RFC 8985): a segment is lost when one that was sent sufficiently later has arrived. "Sufficiently" is the
 * reordering window, which adapts to DSACKs. It is the only way to find losses with SACK: bit 1 of tcp_recovery
 * changes nothing any more (measured on 6.18).
 */
import { MICROSECOND, type Nanos } from '../../sim/time.ts';
import { markLost } from './loss.ts';
import { Q_EVER_RETRANS } from './retransmission-queue.ts';
import { seqGt } from './seq.ts';
import type { Tcb } from './tcb.ts';

/** Recoveries without DSACK after which the window falls back: RFC 8985 RACK.reo_wnd_persist. */
export const REO_WND_PERSIST = 16;
const TIMEOUT_MIN: Nanos = 2_000_000;

/** Step 2: an entry was delivered; remember the most recently sent one. */
export function advanceRack(tcb: Tcb, at: number): void {
  const { queue, rack, rtt, now } = tcb;
  const sentAt = queue.sentAt(at);
  const end = queue.end(at);
  const rttUs = Math.floor((now - sentAt) / MICROSECOND);
  // An answer faster than any before is more likely one to the original than to the retransmission.
  if (queue.has(at, Q_EVER_RETRANS) && rttUs < rtt.minUs) return;
  rack.hasAdvanced = true;
  rack.rttUs = rttUs;
  if (sentAt > rack.xmitAt || (sentAt === rack.xmitAt && seqGt(end, rack.endSeq))) {
    rack.xmitAt = sentAt;
    rack.endSeq = end;
  }
}

/** Step 4 for one ACK: DSACKs widen the reordering window, sixteen quiet recoveries narrow it. */
export function updateReorderingWindow(tcb: Tcb): void {
  const { rack, config, counters, ack } = tcb;
  if ((config.recovery & 2) !== 0 || ack.rate.priorAt < 0) return;
  if (ack.rate.priorDelivered < rack.lastDelivered) rack.dsackSeen = false; // still the round of the last increase
  if (rack.dsackSeen) {
    rack.reoWndSteps = Math.min(255, rack.reoWndSteps + 1);
    rack.dsackSeen = false;
    rack.lastDelivered = counters.delivered;
    rack.reoWndPersist = REO_WND_PERSIST;
  } else if (rack.reoWndPersist === 0) {
    rack.reoWndSteps = 1;
  }
}

/** Step 5. @returns true when a wait for possibly reordered segments was started */
export function detectLoss(tcb: Tcb): boolean {
  const { rack, timers, now, rtt } = tcb;
  if (!rack.hasAdvanced) return false;
  rack.hasAdvanced = false;
  const wait = markOverdue(tcb);
  if (wait <= 0) return false;
  timers.setTransmit('reorder', now + Math.min(wait + TIMEOUT_MIN, rtt.rto));
  return true;
}

/** Marks what is overdue. @returns how long until the last suspect is, 0 when there is none */
export function markOverdue(tcb: Tcb): Nanos {
  const { queue } = tcb;
  const window = reorderingWindow(tcb);
  let wait = 0;
  let at = queue.oldest;
  while (at >= 0) {
    const next = queue.laterThan(at);
    if (!isSentBefore(tcb, at)) break;
    const left = timeLeft(tcb, at, window);
    if (left <= 0) markLost(tcb, at);
    else wait = Math.max(wait, left);
    at = next;
  }
  return wait;
}

/** True when an RTO should deem an entry lost with the others: it was not sent just now. */
export function isOverdue(tcb: Tcb, at: number): boolean {
  return timeLeft(tcb, at, 0) <= 0;
}

function isSentBefore(tcb: Tcb, at: number): boolean {
  const { queue, rack } = tcb;
  const sentAt = queue.sentAt(at);
  return rack.xmitAt > sentAt || (rack.xmitAt === sentAt && seqGt(rack.endSeq, queue.end(at)));
}

function timeLeft(tcb: Tcb, at: number, window: Nanos): Nanos {
  const { queue, rack, now } = tcb;
  return queue.sentAt(at) + rack.rttUs * MICROSECOND + window - now;
}

/** Step 4's RACK_update_reo_wnd: nothing until reordering was seen, when losses are evident; else a quarter of min RTT. */
function reorderingWindow(tcb: Tcb): Nanos {
  const { recovery, config, rack, rtt, queue } = tcb;
  if (recovery.reorderingSeen === 0) {
    if (recovery.state === 'recovery' || recovery.state === 'loss') return 0;
    if (queue.sacked >= recovery.reordering && (config.recovery & 4) === 0) return 0;
  }
  const quarter = Math.floor(Math.min(rtt.minUs, 0xffffffff) / 4);
  return Math.min(quarter * rack.reoWndSteps, rtt.srttUs) * MICROSECOND;
}
