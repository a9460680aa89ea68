/**
 * The states of loss recovery: Open, Disorder, CWR, Recovery, Loss. RFC 6582, RFC 6675 and RFC 8985 meet here; who is
 * lost is decided by the detectors, how far cwnd falls by the controller and PRR.
 */

import type { Retransmission } from './ack-outcome.ts';
import { addRenoSack, markLost, resetRenoSacks } from './loss.ts';
import { mtuProbeFailed } from './mtu-probe.ts';
import { detectLoss } from './rack.ts';
import { Q_LOST } from './retransmission-queue.ts';
import { seqAdd, seqGe, seqGt, seqLt } from './seq.ts';
import type { CongestionState, Tcb } from './tcb.ts';
import {
  anyRetransmitted,
  beginUndo,
  clearRetransStamp,
  keepOpen,
  undoByDsack,
  undoLoss,
  undoPartial,
  undoRecovery,
} from './undo.ts';
import { beginReduction, endReduction, enterCwr } from './window-reduction.ts';
import { currentSsthresh } from './window-validation.ts';

/**
 * An ACK that is not plain progress.
 * @param isDuplicate in RFC 5681's sense @returns what to send once the window is settled
 */
export function alert(tcb: Tcb, priorUna: number, isDuplicate: boolean): Retransmission {
  const { recovery, snd, ack } = tcb;
  if (tcb.packetsOut === 0) resetRenoSacks(tcb);
  if (ack.ece) recovery.priorSsthresh = 0; // no undo: the mark was real
  if (ack.isReneging && guardReneging(tcb)) return 'none';

  if (recovery.state === 'open') clearRetransStamp(tcb);
  else if (seqGe(snd.una, recovery.highSeq) && leave(tcb)) return 'none';

  if (recovery.state === 'recovery') return inRecovery(tcb, priorUna, isDuplicate);
  if (recovery.state === 'loss') {
    const result = inLoss(tcb, isDuplicate);
    identifyLoss(tcb);
    // An undo may have ended it, and a lost retransmission needs a new episode.
    if (stateOf(tcb) !== 'open' && !ack.lostRetransmission) return result;
    const then = inOpen(tcb, isDuplicate);
    return then === 'none' ? result : then;
  }
  return inOpen(tcb, isDuplicate);
}

/** The recovery point is acknowledged. @returns true when there is nothing else to do */
function leave(tcb: Tcb): boolean {
  const { recovery, snd } = tcb;
  if (recovery.state === 'cwr' && snd.una !== recovery.highSeq) {
    endReduction(tcb);
    recovery.state = 'open';
  } else if (recovery.state === 'recovery') {
    if (!tcb.peer.sackPermitted) resetRenoSacks(tcb);
    if (undoRecovery(tcb)) return true;
    endReduction(tcb);
  }
  return false;
}

function inRecovery(tcb: Tcb, priorUna: number, isDuplicate: boolean): Retransmission {
  const { ack } = tcb;
  if (!ack.isAdvancing) {
    if (!tcb.peer.sackPermitted && isDuplicate) addRenoSack(tcb, ack.ece);
  } else if (undoPartial(tcb, priorUna)) return 'none';
  if (undoByDsack(tcb)) tryOpen(tcb);
  identifyLoss(tcb);
  if (stateOf(tcb) !== 'recovery') {
    if (!isTimeToRecover(tcb)) return 'none';
    enterRecovery(tcb);
  }
  return 'lost';
}

function inOpen(tcb: Tcb, isDuplicate: boolean): Retransmission {
  const { recovery, ack, snd, pmtu, window } = tcb;
  if (!tcb.peer.sackPermitted) {
    if (ack.isAdvancing) resetRenoSacks(tcb);
    if (isDuplicate) addRenoSack(tcb, ack.ece);
  }
  if (recovery.state === 'open' || recovery.state === 'disorder') undoByDsack(tcb);
  identifyLoss(tcb);
  if (!isTimeToRecover(tcb)) {
    tryOpen(tcb);
    return 'none';
  }
  const isCalm = recovery.state === 'open' || recovery.state === 'disorder';
  if (isCalm && pmtu.probeSize > 0 && snd.una === pmtu.probeStart) {
    mtuProbeFailed(tcb);
    window.set(window.cwnd + 1);
    return simpleRetransmit(tcb);
  }
  enterRecovery(tcb);
  return 'lost';
}

/** RFC 5682 in its SACK-enhanced form, and the conventional recovery from a timeout. */
function inLoss(tcb: Tcb, isDuplicate: boolean): Retransmission {
  const { recovery, snd, ack } = tcb;
  const isRecovered = seqGe(snd.una, recovery.highSeq);
  if (ack.isAdvancing && undoLoss(tcb, false)) return 'none';
  const watched = recovery.isFrto ? watchFrto(tcb, isDuplicate, isRecovered) : null;
  if (watched !== null) return watched;
  if (isRecovered) {
    undoRecovery(tcb);
    return 'none';
  }
  if (!tcb.peer.sackPermitted) {
    if (seqGt(snd.nxt, recovery.highSeq) && isDuplicate) addRenoSack(tcb, ack.ece);
    else if (ack.isAdvancing) resetRenoSacks(tcb);
  }
  return 'lost';
}

/** F-RTO, steps 2 and 3. @returns what to send, or null when the conventional recovery goes on */
function watchFrto(tcb: Tcb, isDuplicate: boolean, isRecovered: boolean): Retransmission | null {
  const { recovery, snd, ack } = tcb;
  if (ack.ackedOriginal && undoLoss(tcb, true)) return 'none';
  if (seqGt(snd.nxt, recovery.highSeq)) {
    if (ack.sacked || isDuplicate) recovery.isFrto = false; // step 3.a: the loss was real
    return null;
  }
  if (!ack.isAdvancing || isRecovered) return null;
  recovery.highSeq = snd.nxt;
  const canSend = tcb.unsent > 0 && seqLt(snd.nxt, seqAdd(snd.una, snd.wnd));
  if (canSend) return 'new-data'; // step 2.b: let new data tell
  recovery.isFrto = false;
  return null;
}

/** Begins a fast recovery (RFC 5681 3.2 step 2, RFC 6675 5 step 4). */
export function enterRecovery(tcb: Tcb): void {
  const { recovery, ack, host } = tcb;
  host.mib.add(tcb.peer.sackPermitted ? 'TcpExtTCPSackRecovery' : 'TcpExtTCPRenoRecovery');
  if (tcb.queue.retransmitted === 0) clearRetransStamp(tcb);
  recovery.priorSsthresh = 0;
  beginUndo(tcb);
  if (recovery.state !== 'cwr' && recovery.state !== 'recovery') {
    if (!ack.ece) recovery.priorSsthresh = currentSsthresh(tcb);
    beginReduction(tcb);
  }
  recovery.state = 'recovery';
}

/** Sends everything that became too large again in smaller segments, without calling it congestion (RFC 1191 6.5). */
export function simpleRetransmit(tcb: Tcb): Retransmission {
  const { queue, snd } = tcb;
  for (let at = 0; at < queue.size; at++) if (queue.len(at) > snd.mss) markLost(tcb, at);
  return enterLossWithoutCongestion(tcb);
}

/** Sends all that is in flight again: the peer has refused it (data in a SYN). */
export function sendAllAgain(tcb: Tcb): Retransmission {
  for (let at = 0; at < tcb.queue.size; at++) markLost(tcb, at);
  return enterLossWithoutCongestion(tcb);
}

function enterLossWithoutCongestion(tcb: Tcb): Retransmission {
  const { queue, snd, recovery, window } = tcb;
  if (queue.lost === 0) return 'none';
  if (recovery.state !== 'loss') {
    recovery.highSeq = snd.nxt;
    window.ssthresh = currentSsthresh(tcb);
    recovery.priorSsthresh = 0;
    recovery.undoMarker = -1;
    recovery.state = 'loss';
    tcb.controller.onTimeout(tcb.now, snd.nxt);
  }
  return 'lost';
}

/** The state as it is now: for the compiler, which does not see that calls change it. */
function stateOf(tcb: Tcb): CongestionState {
  return tcb.recovery.state;
}

function tryOpen(tcb: Tcb): void {
  if (!anyRetransmitted(tcb)) clearRetransStamp(tcb);
  if (tcb.ack.ece) enterCwr(tcb);
  if (tcb.recovery.state !== 'cwr') keepOpen(tcb);
}

function isTimeToRecover(tcb: Tcb): boolean {
  return tcb.queue.lost > 0;
}

function identifyLoss(tcb: Tcb): void {
  const { queue, ack, recovery } = tcb;
  if (queue.size === 0) return;
  if (!tcb.peer.sackPermitted) {
    const isFresh = recovery.state !== 'recovery' && recovery.state !== 'loss';
    if (
      isFresh ? recovery.renoSacked >= recovery.reordering : recovery.state === 'recovery' && ack.isAdvancing
    ) {
      if (!queue.has(0, Q_LOST)) markLost(tcb, 0);
    }
    return;
  }
  const before = queue.retransmitted;
  if (detectLoss(tcb)) ack.setTimer = false;
  if (queue.retransmitted < before) ack.lostRetransmission = true;
}

/** RFC 2018 8: a receiver that SACKed and forgot is only believed after a while: at least 10 ms, half an RTT at best. */
function guardReneging(tcb: Tcb): boolean {
  const { rtt, timers, now, ack } = tcb;
  ack.setTimer = false;
  timers.setTransmit('retransmit', now + Math.max(Math.floor(rtt.srtt / 2), 10_000_000));
  return true;
}
