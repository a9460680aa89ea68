/**
 * SEGMENT ARRIVES (RFC 9293 3.10.7): one function per state group and numbered step, in the order of the RFC. LISTEN is
 * the owner's: it answers a SYN by opening a child (`openPassive`), everything else with `resetFor`.
 */
import { MILLISECOND, type Nanos } from '../../sim/time.ts';
import {
  isAcceptable,
  isBelowFin,
  isInWindow,
  isNextData,
  isPastFin,
  isRepeatedSyn,
} from './acceptability.ts';
import { processAck, sendAgain } from './ack.ts';
import { sendOwedAck } from './acknowledge.ts';
import { mayAnswerOutOfWindow, sendChallengeAck } from './challenge.ts';
import { enterPingpong, enterQuickAck, isPingpong, MAX_QUICKACKS, scheduleAck } from './delayed-ack.ts';
import { takeSynAck } from './fast-open/client.ts';
import { establish, sendSynAck, takeSyn } from './handshake.ts';
import { ACK, CWR, ECE, FIN, RST, SYN, type TcpSegment } from './header.ts';
import { enterTimeWait, finish, finishByReset, setState } from './lifecycle.ts';
import { syncMss } from './mss.ts';
import { keepOpenForOrphan } from './orphan.ts';
import { pushPending } from './output.ts';
import { sendAllAgain } from './recovery.ts';
import { resetFor } from './reset.ts';
import { powerOfTwo } from './retransmit-timer.ts';
import { TIMEOUT_INIT } from './rtt.ts';
import { highestReported, reportDuplicate } from './sack-report.ts';
import { takeText } from './segment-text.ts';
import { seqAdd, seqBetween, seqGt, seqLt } from './seq.ts';
import type { Tcb } from './tcb.ts';
import { isOldByTimestamp } from './timestamps.ts';
import { sendAck, timestampNow } from './transmit.ts';
import { checkUrg } from './urgent.ts';

/** The least wait of a timer: two ticks of the kernel's clock. */
const TIMEOUT_MIN: Nanos = 2 * MILLISECOND;

/** @param tos of the packet that carried the segment */
export function segmentArrives(tcb: Tcb, segment: TcpSegment, tos: number): void {
  tcb.counters.segsIn++;
  if (segment.payload.size > 0) tcb.counters.dataSegsIn++;
  if (tcb.state === 'CLOSED' || tcb.state === 'LISTEN' || tcb.state === 'TIME-WAIT') return; // the owner's
  if (tcb.state === 'SYN-SENT') arriveInSynSent(tcb, segment);
  else arriveOtherwise(tcb, segment, tos);
}

// --- 3.10.7.3 SYN-SENT STATE ---

function arriveInSynSent(tcb: Tcb, segment: TcpSegment): void {
  const { snd } = tcb;
  const hasAck = segment.has(ACK);
  // First, check the ACK bit.
  if (
    hasAck &&
    (!seqGt(segment.ack, snd.iss) || seqGt(segment.ack, snd.nxt) || isForeignEcho(tcb, segment))
  ) {
    reply(tcb, segment);
    // The peer may have a half-open connection that the RST just ended: try again at once.
    if (tcb.recovery.retransmits === 0) tcb.timers.setTransmit('retransmit', tcb.now + TIMEOUT_MIN);
    return;
  }
  // Second, check the RST bit.
  if (segment.has(RST)) {
    if (hasAck) finishByReset(tcb);
    return;
  }
  // Third, check the security: not used. Fourth, check the SYN bit.
  if (!segment.has(SYN)) return;
  if (hasAck) completeActiveOpen(tcb, segment);
  else simultaneousOpen(tcb, segment);
}

/** The SYN,ACK echoes a timestamp that no SYN of ours had: it answers an older incarnation (tcp_rcv_synsent_state_process). */
function isForeignEcho(tcb: Tcb, segment: TcpSegment): boolean {
  const { options } = segment;
  if (!options.hasTimestamps || options.tsecr === 0 || tcb.config.timestamps === 0) return false;
  return !seqBetween(options.tsecr, tcb.peer.synTimestamp, timestampNow(tcb));
}

function completeActiveOpen(tcb: Tcb, segment: TcpSegment): void {
  const { ecn, snd, delack } = tcb;
  takeSyn(tcb, segment);
  ecn.isOn = ecn.isOn && segment.has(ECE) && !segment.has(CWR);
  snd.wl1 = segment.seq;
  syncMss(tcb, tcb.path.mtu);
  processAck(tcb, segment, false);
  delack.lastReceivedAt = tcb.now; // a handshake counts as data; a simultaneous open does not (tcp_finish_connect)
  establish(tcb);
  if (takeSynAck(tcb, segment)) {
    sendAgain(tcb, sendAllAgain(tcb));
    tcb.user.onWritable();
    return;
  }
  const sentBefore = tcb.counters.segsOut;
  tcb.user.onWritable();
  if (tcb.counters.segsOut > sentBefore) return; // the user's data has carried the ACK
  // Data that waits carries the ACK; so does the ACK of a program that promised to speak next.
  if (tcb.unsent > 0 || tcb.fastOpen.hasWriter || isPingpong(tcb) || tcb.settings.quickack === false) {
    scheduleAck(tcb);
    enterQuickAck(tcb, MAX_QUICKACKS);
    enterPingpong(tcb);
    tcb.timers.ackAt = tcb.now + 200_000_000;
    pushPending(tcb);
    return;
  }
  delack.isScheduled = false;
  sendAck(tcb);
}

/** Both sides sent a SYN (3.5, Figure 8). */
function simultaneousOpen(tcb: Tcb, segment: TcpSegment): void {
  const { ecn, snd } = tcb;
  takeSyn(tcb, segment);
  ecn.isOn = ecn.isOn && segment.has(ECE | CWR);
  snd.wl1 = segment.seq;
  syncMss(tcb, tcb.path.mtu);
  setState(tcb, 'SYN-RECEIVED');
  sendSynAck(tcb);
}

// --- 3.10.7.4 OTHER STATES ---

function arriveOtherwise(tcb: Tcb, segment: TcpSegment, tos: number): void {
  if (tcb.state === 'SYN-RECEIVED' && tcb.isPassive) {
    if (!checkRequest(tcb, segment)) return;
  } else if (tcb.fastOpen.isChild && isRepeatedSyn(tcb, segment)) {
    if (mayAnswerOutOfWindow(tcb, segment)) sendSynAck(tcb);
    return;
  } else if ((segment.flags & (ACK | RST | SYN)) === 0) {
    return; // Linux drops before all checks what neither acknowledges nor begins nor ends
  } else if (!checkSequenceNumber(tcb, segment) || !checkRst(tcb, segment) || !checkSyn(tcb, segment)) {
    return;
  }
  const isPredicted = isNextData(tcb, segment);
  if (isPredicted) processSegmentText(tcb, segment, tos);
  if (!checkAck(tcb, segment)) return;
  checkUrg(tcb, segment);
  if (!isPredicted) processSegmentText(tcb, segment, tos);
  if (tcb.state === 'CLOSED' || tcb.state === 'TIME-WAIT') return;
  pushPending(tcb);
  sendOwedAck(tcb);
}

/**
 * SYN-RECEIVED from LISTEN: Linux keeps a request of few bytes there and checks in an order of its own
 * (tcp_check_req). @returns true when the segment completes the handshake and goes on as one for ESTABLISHED
 */
function checkRequest(tcb: Tcb, segment: TcpSegment): boolean {
  const { snd, rcv, user } = tcb;
  const isOld = isOldByTimestamp(tcb, segment);
  if (isRepeatedSyn(tcb, segment) && !isOld) {
    if (mayAnswerOutOfWindow(tcb, segment)) {
      sendSynAck(tcb);
      tcb.timers.setTransmit('syn-ack', tcb.now + TIMEOUT_INIT * powerOfTwo(tcb.recovery.retransmits));
    }
    return false;
  }
  if (segment.has(ACK) && !segment.has(RST) && segment.ack !== snd.nxt) {
    reply(tcb, segment);
    return false;
  }
  if (isOld || !isInWindow(tcb, segment)) {
    if (!segment.has(RST) && mayAnswerOutOfWindow(tcb, segment)) sendAck(tcb);
    return false;
  }
  const hasSyn = segment.has(SYN) && segment.seq !== rcv.irs;
  if (segment.has(RST) && segment.seq !== rcv.nxt) {
    sendChallengeAck(tcb); // RFC 5961 3.2
    return false;
  }
  if (segment.has(RST) || hasSyn) {
    if (hasSyn) reply(tcb, segment);
    finish(tcb, 0);
    return false;
  }
  if (!segment.has(ACK)) return false;
  if (tcb.settings.deferAccept > tcb.recovery.retransmits && segment.len === 0) {
    tcb.isHandshakeAcked = true;
    return false;
  }
  const verdict = user.mayEstablish();
  if (verdict === 'yes') {
    tcb.delack.lastReceivedAt = tcb.now; // tcp_create_openreq_child
    return !segment.has(SYN) || keepWaiting(tcb);
  }
  if (verdict === 'reset') {
    reply(tcb, segment);
    finish(tcb, 0);
  } else tcb.isHandshakeAcked = true;
  return false;
}

/**
 * The SYN,ACK of an own SYN is as good as an ACK for the request; for the connection that comes of it it is a SYN out of
 * place: it is challenged, and another ACK must come (tcp_child_process, tcp_validate_incoming).
 */
function keepWaiting(tcb: Tcb): false {
  const { snd } = tcb;
  tcb.isPassive = false;
  tcb.queue.clear();
  tcb.timers.clearTransmit();
  snd.una = snd.nxt;
  sendChallengeAck(tcb);
  return false;
}

/** First: acceptable by PAWS and by number (3.10.7.4, RFC 7323 5.3)? Else an ACK, unless it is a RST. */
function checkSequenceNumber(tcb: Tcb, segment: TcpSegment): boolean {
  if (isOldByTimestamp(tcb, segment)) {
    tcb.host.mib.add('TcpExtPAWSEstab');
    if (segment.has(SYN)) sendChallengeAck(tcb);
    else if (mayAnswerOutOfWindow(tcb, segment)) sendDuplicateAck(tcb, segment);
    return false;
  }
  if (isAcceptable(tcb, segment)) return true;
  if (segment.has(RST)) {
    if (isBelowFin(tcb, segment)) finishByReset(tcb);
  } else if (segment.has(SYN)) sendChallengeAck(tcb);
  else if (mayAnswerOutOfWindow(tcb, segment)) sendDuplicateAck(tcb, segment);
  return false;
}

/** Second: a RST with exactly the next number resets; within the window it draws a challenge ACK (RFC 5961 3.2). */
function checkRst(tcb: Tcb, segment: TcpSegment): boolean {
  if (!segment.has(RST)) return true;
  const isExact =
    segment.seq === tcb.rcv.nxt || isBelowFin(tcb, segment) || segment.seq === highestReported(tcb);
  if (isExact) finishByReset(tcb);
  else sendChallengeAck(tcb);
  return false;
}

// Third: security and compartment are not used by hosts of today.

/** Fourth: a SYN in a synchronized state draws a challenge ACK (RFC 5961 4.2); but a simultaneous open ends with one. */
function checkSyn(tcb: Tcb, segment: TcpSegment): boolean {
  if (!segment.has(SYN)) return true;
  const { snd, rcv } = tcb;
  const endsSimultaneousOpen =
    tcb.state === 'SYN-RECEIVED' &&
    tcb.isOwned &&
    segment.has(ACK) &&
    segment.len === 1 &&
    segment.seq === rcv.irs &&
    segment.ack === snd.nxt;
  if (endsSimultaneousOpen) return true;
  sendChallengeAck(tcb);
  return false;
}

/** Fifth: what the ACK says, and what it means to the state. @returns false when the segment is to be dropped */
function checkAck(tcb: Tcb, segment: TcpSegment): boolean {
  if (!segment.has(ACK)) return false;
  const inHandshake = tcb.state === 'SYN-RECEIVED';
  const verdict = processAck(tcb, segment, !inHandshake);
  if (inHandshake) {
    // In a simultaneous open Linux takes any ACK that is not from the past, even one of nothing.
    const isOfSyn = seqGt(segment.ack, tcb.snd.iss) || !tcb.isPassive;
    if (verdict !== 'ok' || !isOfSyn) {
      reply(tcb, segment);
      return false;
    }
    completePassiveOpen(tcb, segment);
    return true;
  }
  if (verdict === 'unsent') sendChallengeAck(tcb);
  if (verdict === 'unsent' || verdict === 'too-old') return false;
  return checkFinAcknowledged(tcb, segment);
}

function completePassiveOpen(tcb: Tcb, segment: TcpSegment): void {
  const { snd } = tcb;
  snd.wnd = segment.has(SYN) ? segment.wnd : segment.wnd * (1 << tcb.peer.wscale);
  snd.maxWnd = snd.wnd;
  snd.wl1 = segment.seq;
  establish(tcb);
  tcb.user.onWritable();
}

/** The ACK of our FIN moves FIN-WAIT-1, CLOSING and LAST-ACK on. */
function checkFinAcknowledged(tcb: Tcb, segment: TcpSegment): boolean {
  const { snd } = tcb;
  if (!snd.finQueued || snd.una !== snd.end) return true;
  if (tcb.state === 'FIN-WAIT-1') {
    setState(tcb, 'FIN-WAIT-2');
    if (tcb.isOrphan) return keepOpenForOrphan(tcb, segment);
  } else if (tcb.state === 'CLOSING') {
    enterTimeWait(tcb, 'TIME-WAIT', 0);
    return false;
  } else if (tcb.state === 'LAST-ACK') {
    finish(tcb, 0);
    return false;
  }
  return true;
}

/** Seventh: segment text, and eighth: FIN. */
function processSegmentText(tcb: Tcb, segment: TcpSegment, tos: number): void {
  // Nothing comes behind a FIN; but what repeats is acknowledged again.
  if (isPastFin(tcb) && !seqLt(segment.seq, tcb.rcv.nxt)) return;
  if (isDataForNobody(tcb, segment)) {
    reply(tcb, segment);
    finishByReset(tcb);
    return;
  }
  const before = tcb.rcv.nxt;
  const isFinished = takeText(tcb, segment, tos);
  if (isFinished) processFin(tcb);
  if (tcb.rcv.nxt !== before && !tcb.isOrphan) tcb.user.onReadable();
}

/** RFC 1122 4.2.2.13: data for a program that has closed, or behind a FIN, is lost data, and its sender should know. */
function isDataForNobody(tcb: Tcb, segment: TcpSegment): boolean {
  if (!tcb.isOrphan && !tcb.rcv.isShutdown && !tcb.rcv.isFinished) return false;
  if (tcb.state === 'ESTABLISHED') return false;
  // A FIN alone, ahead of what has arrived, speaks of data, too (tcp_rcv_state_process).
  return (
    (segment.payload.size > 0 || segment.has(FIN)) &&
    seqGt(seqAdd(segment.seq, segment.payload.size), tcb.rcv.nxt)
  );
}

function processFin(tcb: Tcb): void {
  const { rcv } = tcb;
  rcv.isFinished = true;
  scheduleAck(tcb);
  switch (tcb.state) {
    case 'SYN-RECEIVED':
    case 'ESTABLISHED':
      enterPingpong(tcb); // the ACK may ride on our FIN
      setState(tcb, 'CLOSE-WAIT');
      break;
    case 'FIN-WAIT-1':
      sendAck(tcb);
      setState(tcb, 'CLOSING');
      break;
    case 'FIN-WAIT-2':
      sendAck(tcb);
      enterTimeWait(tcb, 'TIME-WAIT', 0);
      break;
    default:
      break;
  }
}

// --- helpers ---

/** The ACK for an unacceptable segment; for old data it says so by DSACK. */
function sendDuplicateAck(tcb: Tcb, segment: TcpSegment): void {
  const { rcv } = tcb;
  if (segment.len > 0 && seqLt(segment.seq, rcv.nxt)) {
    enterQuickAck(tcb, MAX_QUICKACKS);
    const end = seqAdd(segment.seq, segment.len);
    reportDuplicate(tcb, segment.seq, seqGt(end, rcv.nxt) ? rcv.nxt : end);
  }
  sendAck(tcb);
}

/** Sends the RST that `segment` deserves (3.5.2). */
function reply(tcb: Tcb, segment: TcpSegment): void {
  const reset = resetFor(segment);
  if (reset !== null) tcb.outbox.put(reset, 0);
}
