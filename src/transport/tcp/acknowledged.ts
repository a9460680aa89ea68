/** Takes acknowledged segments off the retransmission queue, and RTT samples from them (RFC 9293 3.10.7.4, RFC 6298 3-4). */
import { MICROSECOND } from '../../sim/time.ts';
import { stopChrono } from './chrono.ts';
import { countDelivered, noteReordering, removeRenoSacks } from './loss.ts';
import { mtuProbeSucceeded } from './mtu-probe.ts';
import { advanceRack } from './rack.ts';
import { noteDelivery } from './rate.ts';
import { Q_EVER_RETRANS, Q_SACKED, Q_SYN } from './retransmission-queue.ts';
import { seqDiff, seqGt, seqLe, seqLt } from './seq.ts';
import type { Tcb } from './tcb.ts';
import { timestampNow } from './transmit.ts';
import { clearRetransStamp } from './undo.ts';

/** @param priorUna SND.UNA before the ACK @param priorSack the number behind the highest SACK then */
export function takeAcknowledged(tcb: Tcb, priorUna: number, priorSack: number): void {
  const { queue, snd, ack } = tcb;
  while (queue.size > 0 && seqLe(queue.end(0), snd.una)) takeFirst(tcb);
  dropBytes(tcb, priorUna);
  if (queue.size === 0) stopChrono(tcb, 'busy');
  else {
    if (seqLt(queue.seq(0), snd.una)) queue.trimHead(snd.una);
    if (queue.has(0, Q_SACKED)) ack.isReneging = true;
  }
  if (snd.isUrgent && seqLe(snd.up, snd.una)) snd.isUrgent = false;
  measure(tcb);
  if (!ack.ackedData && !ack.ackedSyn) return;
  ack.setTimer = true;
  if (tcb.pmtu.probeSize > 0 && seqLe(tcb.pmtu.probeEnd, snd.una)) mtuProbeSucceeded(tcb);
  if (!tcb.peer.sackPermitted) {
    removeRenoSacks(tcb, ack.taken, ack.ece);
    if (ack.ackedRetransmitted) ack.ackedOriginal = false; // without SACK, nobody knows which copy it was
  } else if (ack.lowestOriginal >= 0 && seqLt(ack.lowestOriginal, priorSack) && seqGt(priorSack, priorUna)) {
    noteReordering(tcb, ack.lowestOriginal);
  }
}

/** Takes the first entry off the queue, and notes what it tells. */
function takeFirst(tcb: Tcb): void {
  const { queue, recovery, ack } = tcb;
  const wasSacked = queue.has(0, Q_SACKED);
  if (queue.has(0, Q_EVER_RETRANS)) ack.ackedRetransmitted = true;
  else if (!wasSacked) {
    ack.lastSentAt = queue.sentAt(0);
    if (ack.firstSentAt < 0) ack.firstSentAt = ack.lastSentAt;
    if (ack.lowestOriginal < 0) ack.lowestOriginal = queue.seq(0);
    if (seqLe(queue.end(0), recovery.highSeq)) ack.ackedOriginal = true;
  }
  if (!wasSacked) {
    if (tcb.peer.sackPermitted) {
      countDelivered(tcb, 1, ack.ece);
      advanceRack(tcb, 0);
    }
    noteDelivery(tcb, 0, ack.rate);
  }
  if (queue.has(0, Q_SYN)) {
    ack.ackedSyn = true;
    clearRetransStamp(tcb);
  } else ack.ackedData = true;
  queue.shift();
  ack.taken++;
}

/** Times what was sent once: by the oldest for RTO, by the newest for congestion control. */
function measure(tcb: Tcb): void {
  const { ack, counters, queue, now } = tcb;
  let seqRttUs = -1;
  if (ack.firstSentAt >= 0 && !ack.ackedRetransmitted) {
    seqRttUs = toUs(now - ack.firstSentAt);
    ack.rttUs = toUs(now - ack.lastSentAt);
    const isLone = ack.taken === 1 && ack.rate.priorDelivered + 1 === counters.delivered;
    ack.maybeDelayed = isLone && !ack.isAlarming && !ack.ackedSyn;
  }
  const sackRttUs = ack.firstSackedAt >= 0 ? toUs(now - ack.firstSackedAt) : -1;
  if (sackRttUs >= 0) ack.rttUs = toUs(now - ack.lastSackedAt);
  const isSampled = sampleRtt(tcb, seqRttUs, sackRttUs);
  // A sample from before the head was sent again: the RTO may move once, even without progress.
  if (isSampled && queue.size > 0 && sackRttUs > toUs(now - queue.sentAt(0))) ack.setTimer = true;
}

/** Releases acknowledged bytes of the send buffer: SYN and FIN take none. */
function dropBytes(tcb: Tcb, priorUna: number): void {
  const { snd, sendBuffer } = tcb;
  let bytes = seqDiff(snd.una, priorUna);
  if (bytes <= 0) return;
  if (!tcb.ack.ackedSyn || !tcb.isPassive) tcb.counters.bytesAcked += bytes; // Linux counts a client's SYN, too
  if (tcb.ack.ackedSyn) bytes--;
  sendBuffer.drop(Math.min(bytes, sendBuffer.size));
}

/** RFC 6298 3 (Karn) with RFC 7323 4.3: timing of segments sent once, else of an echoed timestamp. @returns true for a sample */
function sampleRtt(tcb: Tcb, seqRttUs: number, sackRttUs: number): boolean {
  const { ack, rtt, snd, recovery, now } = tcb;
  let sample = seqRttUs >= 0 ? seqRttUs : sackRttUs;
  if (sample < 0 && ack.tsecr > 0 && (ack.ackedData || ack.ackedSyn)) {
    const ms = seqDiff(timestampNow(tcb), ack.tsecr);
    if (ms >= 0) {
      sample = Math.max(ms, 1) * 1000;
      ack.rttUs = sample;
    }
  }
  if (sample < 0) return false;
  if (!ack.maybeDelayed || ack.rttUs <= rtt.minUs) rtt.sampleMin(ack.rttUs > 0 ? ack.rttUs : 1000, now);
  rtt.sample(sample, snd.una, snd.nxt);
  recovery.backoff = 0;
  return true;
}

function toUs(span: number): number {
  return Math.floor(span / MICROSECOND);
}
