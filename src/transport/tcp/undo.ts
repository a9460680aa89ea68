/**
 * Takes a window reduction back when the loss turns out to be none: Eifel by timestamps (RFC 3522), DSACK (RFC 3708), or
 * F-RTO (RFC 5682).
 */
import { noteReordering } from './loss.ts';
import { REO_WND_PERSIST } from './rack.ts';
import { Q_EVER_RETRANS } from './retransmission-queue.ts';
import { seqGe, seqLt } from './seq.ts';
import type { Tcb } from './tcb.ts';

/** Retransmissions begin to count for an undo. */
export function beginUndo(tcb: Tcb): void {
  const { recovery, queue, snd } = tcb;
  recovery.undoMarker = snd.una;
  recovery.undoRetrans = queue.retransmitted;
  if (recovery.tlpHighSeq >= 0 && recovery.isTlpRetransmission) recovery.undoRetrans++;
  if (recovery.undoRetrans === 0) recovery.undoRetrans = -1; // none yet; 0 would mean that all were needless
}

/** All of the episode is acknowledged. @returns true when NewReno must stay where it is until more is */
export function undoRecovery(tcb: Tcb): boolean {
  const { recovery, rack, host } = tcb;
  if (mayUndo(tcb)) {
    host.mib.add(recovery.state === 'loss' ? 'TcpExtTCPLossUndo' : 'TcpExtTCPFullUndo');
    undoReduction(tcb, false);
  } else if (rack.reoWndPersist > 0) {
    rack.reoWndPersist--;
  }
  if (holdsRenoState(tcb)) return true;
  recovery.state = 'open';
  return false;
}

/** A partial ACK in recovery. @returns true when the original arrived, but retransmissions are still out: wait */
export function undoPartial(tcb: Tcb, priorUna: number): boolean {
  const { recovery, queue, host } = tcb;
  if (recovery.undoMarker < 0 || !isOriginalDelivered(tcb)) return false;
  noteReordering(tcb, priorUna);
  if (queue.retransmitted > 0) return true;
  if (!anyRetransmitted(tcb)) clearRetransStamp(tcb);
  host.mib.add('TcpExtTCPPartialUndo');
  undoReduction(tcb, true);
  keepOpen(tcb);
  return false;
}

/** DSACKs have reported every retransmission as needless. */
export function undoByDsack(tcb: Tcb): boolean {
  const { recovery, rack, host } = tcb;
  if (recovery.undoMarker < 0 || recovery.undoRetrans !== 0) return false;
  rack.reoWndPersist = Math.min(REO_WND_PERSIST, rack.reoWndPersist + 1);
  host.mib.add('TcpExtTCPDSACKUndo');
  undoReduction(tcb, false);
  return true;
}

/** @param byFrto F-RTO has shown that the timeout was spurious */
export function undoLoss(tcb: Tcb, byFrto: boolean): boolean {
  const { recovery, host } = tcb;
  if (!byFrto && !mayUndo(tcb)) return false;
  host.mib.add('TcpExtTCPLossUndo');
  if (byFrto) host.mib.add('TcpExtTCPSpuriousRTOs');
  undoReduction(tcb, true);
  recovery.retransmits = 0;
  if (holdsRenoState(tcb)) return true;
  if (byFrto || tcb.peer.sackPermitted) recovery.state = 'open';
  return true;
}

/** Open, or Disorder while something is SACKed or was sent again. */
export function keepOpen(tcb: Tcb): void {
  const { recovery, queue, snd } = tcb;
  const state = tcb.sackedOut + queue.lost > 0 || anyRetransmitted(tcb) ? 'disorder' : 'open';
  if (recovery.state === state) return;
  recovery.state = state;
  recovery.highSeq = snd.nxt;
}

/** Is anything in flight, or its head, a retransmission? */
export function anyRetransmitted(tcb: Tcb): boolean {
  const { queue } = tcb;
  return queue.retransmitted > 0 || (queue.size > 0 && queue.has(0, Q_EVER_RETRANS));
}

export function clearRetransStamp(tcb: Tcb): void {
  tcb.recovery.retransAt = -1;
  tcb.recovery.retransStamp = -1;
}

function undoReduction(tcb: Tcb, unmarksLoss: boolean): void {
  const { recovery, window, controller, queue, ecn, rack, now } = tcb;
  if (unmarksLoss) queue.unmarkAllLost();
  if (recovery.priorSsthresh > 0) {
    window.set(controller.undoCwnd(window));
    if (recovery.priorSsthresh > window.ssthresh) {
      window.ssthresh = recovery.priorSsthresh;
      ecn.queueCwr = false;
    }
  }
  recovery.cwndStamp = now;
  recovery.undoMarker = -1;
  rack.hasAdvanced = true; // look at the losses again
}

function mayUndo(tcb: Tcb): boolean {
  const { recovery } = tcb;
  return recovery.undoMarker >= 0 && (recovery.undoRetrans === 0 || isOriginalDelivered(tcb));
}

/** Eifel: the ACK echoes a timestamp from before the first retransmission, or nothing was sent again at all. */
function isOriginalDelivered(tcb: Tcb): boolean {
  const { recovery, snd } = tcb;
  if (recovery.retransStamp >= 0) {
    const { tsecr } = tcb.ack;
    return tsecr > 0 && seqLt(tsecr, recovery.retransStamp);
  }
  if (!tcb.peer.sackPermitted && seqGe(snd.una, recovery.highSeq)) return false;
  return tcb.state !== 'SYN-SENT';
}

/** RFC 6582 3.2: without SACK, stay until something above the recovery point is acknowledged. */
function holdsRenoState(tcb: Tcb): boolean {
  const { recovery, snd } = tcb;
  if (tcb.peer.sackPermitted || snd.una !== recovery.highSeq) return false;
  if (!anyRetransmitted(tcb)) clearRetransStamp(tcb);
  return true;
}
