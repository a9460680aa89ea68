/**
 * The ACK field of an acceptable segment (RFC 9293 3.10.7.4, fifth step): what it acknowledges, the window it offers, what
 * it says about loss, and how the congestion window answers.
 */

import type { Retransmission } from './ack-outcome.ts';
import { takeAcknowledged } from './acknowledged.ts';
import { sendChallengeAck } from './challenge.ts';
import { acceptCwr } from './ecn.ts';
import { ECE, SYN, type TcpSegment } from './header.ts';
import { countDelivered, highestSack } from './loss.ts';
import { processTlpAck } from './loss-probe.ts';
import { scheduleLossProbe } from './loss-probe-timer.ts';
import { effectiveMss, syncMss } from './mss.ts';
import { sendNew } from './output.ts';
import { persistInterval } from './persist-timer.ts';
import { updateReorderingWindow } from './rack.ts';
import { finishRateSample } from './rate.ts';
import { alert } from './recovery.ts';
import { retransmitLost } from './retransmit.ts';
import { armRetransmitTimer } from './retransmit-timer.ts';
import { takeSacks } from './scoreboard.ts';
import { seqAdd, seqGt, seqLt } from './seq.ts';
import type { Tcb } from './tcb.ts';
import { noteTimestamp } from './timestamps.ts';
import { burstDelayUs } from './tso.ts';
import { reduceWindow } from './window-reduction.ts';
import { restartAfterIdle } from './window-validation.ts';

/** `ok`: taken. `old`: a duplicate from the past. `unsent` and `too-old`: not acceptable, the segment is to be dropped. */
export type AckVerdict = 'ok' | 'old' | 'unsent' | 'too-old';

/** @param isChallenged false during the handshake, when a bad ACK draws a RST instead of a challenge ACK */
export function processAck(tcb: Tcb, segment: TcpSegment, isChallenged: boolean): AckVerdict {
  const { snd } = tcb;
  if (seqLt(segment.ack, snd.una)) return takeOldAck(tcb, segment, isChallenged);
  if (seqGt(segment.ack, snd.nxt)) return 'unsent';
  const before: Before = {
    una: snd.una,
    sack: tcb.peer.sackPermitted ? highestSack(tcb) : snd.una,
    delivered: tcb.counters.delivered,
    lost: tcb.counters.lost,
  };
  const wasIdle = tcb.packetsOut === 0;
  readHeader(tcb, segment);
  if (wasIdle) acknowledgeIdle(tcb, segment, before);
  else acknowledgeFlight(tcb, segment, before);
  return 'ok';
}

/** How things stood before the ACK. */
interface Before {
  readonly una: number;
  /** The number behind the highest SACKed segment. */
  readonly sack: number;
  readonly delivered: number;
  readonly lost: number;
}

/** What the header says: SND.UNA, the window, TS.Recent, SACKs and ECN. */
function readHeader(tcb: Tcb, segment: TcpSegment): void {
  const { snd, ack, recovery, now } = tcb;
  const priorUna = snd.una;
  ack.reset(tcb.inFlight, segment.options.hasTimestamps ? segment.options.tsecr : -1);
  ack.isAdvancing = seqGt(segment.ack, priorUna);
  if (ack.isAdvancing) recovery.retransmits = 0;
  noteTimestamp(tcb, segment);
  ack.hasData = segment.len > 0;
  ack.isWindowUpdate = updateSendWindow(tcb, segment);
  snd.una = segment.ack;
  if (segment.options.sack.length > 0 && tcb.peer.sackPermitted) {
    takeSacks(tcb, segment.options.sack, segment.ack, priorUna);
  }
  ack.ece = tcb.ecn.isOn && segment.has(ECE) && !segment.has(SYN);
  if (ack.sackDelivered > 0) countDelivered(tcb, ack.sackDelivered, ack.ece);
  acceptCwr(tcb, segment);
  tcb.softError = 0; // something gets through
  recovery.probesOut = 0;
  tcb.counters.lastAckReceivedAt = now;
  tcb.probing.lastHeardAt = now;
}

/** Nothing was in flight: the ACK may answer a probe, or report a duplicate. */
function acknowledgeIdle(tcb: Tcb, segment: TcpSegment, before: Before): void {
  const { ack, recovery } = tcb;
  if (ack.isAdvancing) takeAcknowledged(tcb, before.una, before.sack);
  if (ack.dsack) alert(tcb, before.una, false);
  ackOfProbe(tcb);
  if (recovery.tlpHighSeq >= 0) processTlpAck(tcb, segment.ack);
}

/** Data was in flight: what arrived, what is lost, how far the window opens, and what is sent again. */
function acknowledgeFlight(tcb: Tcb, segment: TcpSegment, before: Before): void {
  const { ack, counters, recovery, controller, window } = tcb;
  takeAcknowledged(tcb, before.una, before.sack);
  if (ack.rttUs >= 0) controller.onRttSample(window, tcb.ackFacts(0, burstDelayUs(tcb)));
  updateReorderingWindow(tcb);
  if (recovery.tlpHighSeq >= 0) processTlpAck(tcb, segment.ack);
  let retransmission: Retransmission = 'none';
  if (!ack.isNotDuplicate || ack.isAlarming || recovery.state !== 'open') {
    const isDuplicate = !ack.isAdvancing && !ack.isNotDuplicate && !ack.dsack;
    retransmission = alert(tcb, before.una, isDuplicate);
  }
  if (ack.setTimer && !scheduleLossProbe(tcb, true)) armRetransmitTimer(tcb);
  const delivered = counters.delivered - before.delivered;
  finishRateSample(tcb, ack.rate, delivered);
  controlWindow(tcb, delivered, counters.lost - before.lost);
  sendAgain(tcb, retransmission);
}

/**
 * An ACK from the past may still bring SACKs that came out of order. But one below everything that can still be under way
 * is an attack, or very old (RFC 5961 5.2).
 */
function takeOldAck(tcb: Tcb, segment: TcpSegment, isChallenged: boolean): AckVerdict {
  const { snd, ack, counters } = tcb;
  if (seqLt(segment.ack, seqAdd(snd.una, -Math.min(snd.maxWnd, counters.bytesAcked)))) {
    if (isChallenged) sendChallengeAck(tcb);
    return 'too-old';
  }
  if (segment.options.sack.length === 0 || !tcb.peer.sackPermitted) return 'old';
  const deliveredBefore = counters.delivered;
  ack.reset(tcb.inFlight, segment.options.hasTimestamps ? segment.options.tsecr : -1);
  takeSacks(tcb, segment.options.sack, segment.ack, snd.una);
  if (ack.sackDelivered > 0) countDelivered(tcb, ack.sackDelivered, false);
  const retransmission = alert(tcb, snd.una, false);
  finishRateSample(tcb, ack.rate, counters.delivered - deliveredBefore);
  sendAgain(tcb, retransmission);
  return 'old';
}

/** SND.WND from a segment that is not older than the last one that set it (SND.WL1, SND.WL2). */
function updateSendWindow(tcb: Tcb, segment: TcpSegment): boolean {
  const { snd, peer } = tcb;
  const wnd = segment.has(SYN) ? segment.wnd : segment.wnd * (1 << peer.wscale);
  const isNewer =
    seqGt(segment.ack, snd.una) ||
    seqGt(segment.seq, snd.wl1) ||
    (segment.seq === snd.wl1 && (wnd > snd.wnd || wnd === 0));
  const isReopened = segment.seq === snd.wl1 && snd.wnd === 0 && wnd > 0;
  if (!isNewer && !isReopened) return false;
  snd.wl1 = segment.seq;
  if (snd.wnd === wnd) return true;
  snd.wnd = wnd;
  if (tcb.unsent > 0) restartAfterIdle(tcb);
  if (wnd > snd.maxWnd) {
    snd.maxWnd = wnd;
    syncMss(tcb, tcb.pmtu.mtu);
  }
  return true;
}

/** Nothing was in flight: the ACK answers a probe of a zero window, or frees what waited for room. */
function ackOfProbe(tcb: Tcb): void {
  const { snd, recovery, timers, probing, now } = tcb;
  if (tcb.unsent === 0) return;
  const needed = Math.min(tcb.unsent, snd.mss);
  if (!seqGt(seqAdd(snd.nxt, needed), seqAdd(snd.una, snd.wnd))) {
    recovery.backoff = 0;
    probing.persistSince = -1;
    if (timers.transmit === 'persist') timers.clearTransmit();
  } else {
    timers.setTransmit('persist', now + persistInterval(tcb));
  }
}

/** tcp_cong_control: PRR while a reduction lasts, else growth where the ACK allows it. */
function controlWindow(tcb: Tcb, delivered: number, lost: number): void {
  const { recovery, ack, window, controller, config } = tcb;
  if (recovery.state === 'cwr' || recovery.state === 'recovery') {
    reduceWindow(tcb, delivered, lost, ack.isAdvancing);
    return;
  }
  const mayGrow = recovery.reordering > config.reordering ? ack.isProgress : ack.ackedData;
  if (!mayGrow) return;
  controller.onAck(window, tcb.ackFacts(delivered));
  recovery.cwndStamp = tcb.now;
}

/** Sends what recovery asked for. */
export function sendAgain(tcb: Tcb, what: Retransmission): void {
  const { recovery, snd } = tcb;
  if (what === 'none' || tcb.state === 'SYN-SENT') return;
  if (what === 'new-data') {
    sendNew(tcb, effectiveMss(tcb), 'push', 'all');
    if (seqGt(snd.nxt, recovery.highSeq)) return;
    recovery.isFrto = false;
  }
  if (retransmitLost(tcb) && tcb.timers.transmit !== 'reorder') {
    tcb.timers.setTransmit('retransmit', tcb.now + tcb.rtt.rto);
  }
}
