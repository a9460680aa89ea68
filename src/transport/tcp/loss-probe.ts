/** Tail loss probes (RFC 8985 7): after two RTTs of silence send one segment, so that SACKs and not the RTO find the loss. */
import { effectiveMss } from './mss.ts';
import { sendNew } from './output.ts';
import { Q_SACKED } from './retransmission-queue.ts';
import { resend } from './retransmit.ts';
import { armRetransmitTimer } from './retransmit-timer.ts';
import { seqAdd, seqLt } from './seq.ts';
import type { Tcb } from './tcb.ts';
import { keepOpen } from './undo.ts';
import { beginReduction, endReduction } from './window-reduction.ts';

/** The probe timer expired: new data if there is some, else the last segment again; then the RTO. */
export function sendLossProbe(tcb: Tcb): void {
  const { recovery, queue, snd, host, timers } = tcb;
  timers.clearTransmit();
  let isSent = false;
  if (recovery.tlpHighSeq < 0 && queue.size > 0) {
    if (tcb.unsent > 0 && seqLt(snd.nxt, seqAdd(snd.una, snd.wnd)))
      isSent = sendNew(tcb, effectiveMss(tcb), 'push', 'probe');
    if (isSent) {
      recovery.tlpHighSeq = snd.nxt;
      recovery.isTlpRetransmission = false;
    } else {
      isSent = resendTail(tcb);
    }
    if (isSent) host.mib.add('TcpExtTCPLossProbes');
  }
  if (timers.transmit === 'off') armRetransmitTimer(tcb, !isSent);
}

/** An ACK came while a probe was out (7.4): did the probe repair a loss that nobody noticed? */
export function processTlpAck(tcb: Tcb, ackNumber: number): void {
  const { recovery, ack, host } = tcb;
  if (seqLt(ackNumber, recovery.tlpHighSeq)) return;
  if (!recovery.isTlpRetransmission) {
    recovery.tlpHighSeq = -1; // new data: nothing to learn
  } else if (ack.isTlpDsack) {
    recovery.tlpHighSeq = -1; // both copies arrived: nothing was lost
  } else if (seqLt(recovery.tlpHighSeq, ackNumber)) {
    // Acknowledged beyond the probe without a DSACK: the probe filled a hole. That loss counts as congestion.
    recovery.tlpHighSeq = -1;
    if (recovery.state === 'open' || recovery.state === 'disorder') {
      beginReduction(tcb);
      recovery.state = 'cwr';
    }
    endReduction(tcb);
    recovery.state = 'open';
    keepOpen(tcb);
    host.mib.add('TcpExtTCPLossProbeRecovery');
  } else if (!ack.ackedData && !ack.isNotDuplicate && !ack.isAlarming) {
    recovery.tlpHighSeq = -1; // a pure duplicate without SACK: the peer got both
  }
}

function resendTail(tcb: Tcb): boolean {
  const { queue, recovery, snd } = tcb;
  const last = queue.size - 1;
  if (queue.has(last, Q_SACKED) && queue.sacked === queue.size) return false;
  const mss = effectiveMss(tcb);
  if (queue.len(last) > mss)
    queue.split(last, seqAdd(queue.seq(last), Math.floor((queue.len(last) - 1) / mss) * mss));
  if (resend(tcb, queue.size - 1, 1) === 0) return false;
  recovery.tlpHighSeq = snd.nxt;
  recovery.isTlpRetransmission = true;
  return true;
}
