/**
 * The ACK field of an acceptable segment (RFC 9293 3.10.7.4, fifth step): what it acknowledges, the window it offers, what
 * it says about loss, and how the congestion window answers.
 */

import type { Retransmission } from './ack-outcome.ts';
import { takeAcknowledged } from './acknowledged.ts';
import { sendChallengeAck } from './challenge.ts';
import { acceptCwr } from './ecn.ts';
import type { TcpSegment } from './header.ts';
import { ECE } from './header.ts';
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
  const { snd, ack, counters, recovery } = tcb;
  const priorUna = snd.una;
  const priorPackets = tcb.packetsOut;
  const deliveredBefore = counters.delivered;
  const lostBefore = counters.lost;
  if (seqLt(segment.ack, priorUna)) {
    // RFC 5961 5.2: an ACK below everything that can still be under way is an attack, or very old.
    if (seqLt(segment.ack, seqAdd(priorUna, -Math.min(snd.maxWnd, counters.bytesAcked)))) {
      if (isChallenged) sendChallengeAck(tcb);
      return 'too-old';
    }
    takeOldAck(tcb, segment, priorUna, deliveredBefore);
    return 'old';
  }
  if (seqGt(segment.ack, snd.nxt)) return 'unsent';

  const priorSack = tcb.peer.sackPermitted ? highestSack(tcb) : snd.una;
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
  ack.ece = tcb.ecn.isOn && segment.has(ECE) && !segment.has(0x002);
  if (ack.sackDelivered > 0) countDelivered(tcb, ack.sackDelivered, ack.ece);
  acceptCwr(tcb, segment);

  tcb.softError = 0;
  recovery.probesOut = 0;
  counters.lastAckReceivedAt = tcb.now;
  tcb.probing.lastHeardAt = tcb.now;
  if (priorPackets === 0) {
    if (ack.isAdvancing) takeAcknowledged(tcb, priorUna, priorSack);
    if (ack.dsack) alert(tcb, priorUna, false);
    ackOfProbe(tcb);
    if (recovery.tlpHighSeq >= 0) processTlpAck(tcb, segment.ack);
    return 'ok';
  }

  takeAcknowledged(tcb, priorUna, priorSack);
  if (ack.rttUs >= 0) tcb.controller.onRttSample(tcb.window, tcb.ackFacts(0, burstDelayUs(tcb)));
  updateReorderingWindow(tcb);
  if (recovery.tlpHighSeq >= 0) processTlpAck(tcb, segment.ack);
  let retransmission: Retransmission = 'none';
  if (!ack.isNotDuplicate || ack.isAlarming || recovery.state !== 'open') {
    const isDuplicate = !ack.isAdvancing && !ack.isNotDuplicate && !ack.dsack;
    retransmission = alert(tcb, priorUna, isDuplicate);
  }
  if (ack.setTimer && !scheduleLossProbe(tcb, true)) armRetransmitTimer(tcb);
  const delivered = counters.delivered - deliveredBefore;
  const lost = counters.lost - lostBefore;
  finishRateSample(tcb, ack.rate, delivered);
  controlWindow(tcb, delivered, lost);
  sendAgain(tcb, retransmission);
  return 'ok';
}

/** An ACK from the past may still bring SACKs that came out of order. */
function takeOldAck(tcb: Tcb, segment: TcpSegment, priorUna: number, deliveredBefore: number): void {
  const { ack, counters } = tcb;
  if (segment.options.sack.length === 0 || !tcb.peer.sackPermitted) return;
  ack.reset(tcb.inFlight, segment.options.hasTimestamps ? segment.options.tsecr : -1);
  takeSacks(tcb, segment.options.sack, segment.ack, priorUna);
  if (ack.sackDelivered > 0) countDelivered(tcb, ack.sackDelivered, false);
  const retransmission = alert(tcb, priorUna, false);
  finishRateSample(tcb, ack.rate, counters.delivered - deliveredBefore);
  sendAgain(tcb, retransmission);
}

/** SND.WND from a segment that is not older than the last one that set it (SND.WL1, SND.WL2). */
function updateSendWindow(tcb: Tcb, segment: TcpSegment): boolean {
  const { snd, peer } = tcb;
  const wnd = segment.has(0x002) ? segment.wnd : segment.wnd * (1 << peer.wscale);
  const isNewer =
    seqGt(segment.ack, snd.una) || seqGt(segment.seq, snd.wl1) || (segment.seq === snd.wl1 && wnd > snd.wnd);
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
