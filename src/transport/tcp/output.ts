/**
 * Sends new data (RFC 9293 3.8.6.2.1): as much as the peer's window, the congestion window, Nagle and the cork allow.
 *
 * Data leaves in chunks, as a host with segmentation offload hands them to its card. The segments of a chunk go out at
 * one instant, and the last one of a chunk of several carries PSH: that is how Linux looks on the wire.
 */
import { startChrono, stopChrono } from './chrono.ts';
import { noteDataSent } from './delayed-ack.ts';
import { ACK, FIN, PSH } from './header.ts';
import { scheduleLossProbe } from './loss-probe-timer.ts';
import { effectiveMss } from './mss.ts';
import { NO_PROBE, nextProbe, noteProbeSent, WAIT_FOR_ROOM } from './mtu-probe.ts';
import { holdsBack, type NagleMode } from './nagle.ts';
import { armPersistTimer } from './persist-timer.ts';
import { stampDelivery } from './rate.ts';
import { Q_EOR, Q_FIN, Q_JOINED, Q_PSH } from './retransmission-queue.ts';
import { armRetransmitTimer } from './retransmit-timer.ts';
import { seqAdd, seqDiff, seqGt, seqLe } from './seq.ts';
import type { Tcb } from './tcb.ts';
import { transmit } from './transmit.ts';
import { chunkSegments, deferral } from './tso.ts';
import { validateWindow } from './window-validation.ts';

/** How much one call may send: all, one chunk, or a tail loss probe that ignores the congestion window. */
export type PushLimit = 'all' | 'one' | 'probe';

/** Sends what may go, and keeps a probe timer running for what may not. */
export function pushPending(tcb: Tcb, nagle: NagleMode = 'as-set'): void {
  if (tcb.unsent === 0) return;
  sendNew(tcb, effectiveMss(tcb), nagle, 'all');
  if (tcb.packetsOut === 0 && tcb.unsent > 0) armPersistTimer(tcb);
}

/** Sends the first chunk only: a write has filled it and goes on. */
export function pushOne(tcb: Tcb): void {
  sendNew(tcb, effectiveMss(tcb), 'push', 'one');
}

/** @returns true when something left */
export function sendNew(tcb: Tcb, mss: number, nagle: NagleMode, limit: PushLimit): boolean {
  const { snd, window, recovery } = tcb;
  const maxSegments = chunkSegments(tcb, mss);
  let sent = 0;
  let isCwndLimited = false;
  let isRwndLimited = false;
  if (limit === 'all' && tcb.pmtu.isProbing) {
    const probe = nextProbe(tcb);
    if (probe === WAIT_FOR_ROOM) return false;
    if (probe !== NO_PROBE) {
      sent += sendChunk(tcb, probe, probe);
      noteProbeSent(tcb, probe);
    }
  }
  while (tcb.unsent > 0) {
    let quota = cwndQuota(tcb, maxSegments);
    if (quota === 0) {
      if (limit !== 'probe') break;
      quota = 1;
    }
    const chunk = nextChunk(tcb);
    const room = seqDiff(seqAdd(snd.una, snd.wnd), snd.nxt);
    const isSmall = payloadOf(tcb, chunk) <= mss;
    if (room < (isSmall ? chunk : mss)) {
      isRwndLimited = true;
      break;
    }
    const mode = chunk === tcb.unsent ? nagle : 'push';
    if (isSmall) {
      if (holdsBack(tcb, mss, mode, chunk)) break;
    } else if (limit === 'all') {
      const reason = deferral(tcb, chunk, mode, room, maxSegments);
      if (reason !== 'none') {
        isCwndLimited ||= reason === 'cwnd';
        isRwndLimited ||= reason === 'rwnd';
        break;
      }
    }
    sent += sendChunk(tcb, isSmall ? chunk : sendable(tcb, chunk, room, quota, mss, mode), mss);
    if (limit !== 'all') break;
  }
  if (isRwndLimited) startChrono(tcb, 'rwnd');
  else stopChrono(tcb, 'rwnd');
  isCwndLimited ||= tcb.inFlight >= window.cwnd;
  if (sent > 0 || isCwndLimited) validateWindow(tcb, isCwndLimited);
  if (sent === 0) return false;
  if (recovery.state === 'cwr' || recovery.state === 'recovery') recovery.prrOut += sent;
  if (limit !== 'probe') scheduleLossProbe(tcb, false);
  return true;
}

/** Segments that cwnd lets go now; never all at once, so that ACKs keep coming. */
function cwndQuota(tcb: Tcb, maxSegments: number): number {
  const { inFlight, window } = tcb;
  if (inFlight >= window.cwnd) return 0;
  const half = Math.max(window.cwnd >> 1, 1);
  return Math.min(half, window.cwnd - inFlight, maxSegments);
}

/** Sequence space up to the end of the record, or of all that waits. */
function nextChunk(tcb: Tcb): number {
  const { snd } = tcb;
  const eor = snd.eorMarks[0];
  return eor === undefined ? tcb.unsent : Math.min(tcb.unsent, seqDiff(eor, snd.nxt));
}

/** The bytes among `length` of sequence space from SND.NXT on: without a FIN at the end. */
function payloadOf(tcb: Tcb, length: number): number {
  return tcb.snd.finQueued && length === tcb.unsent ? length - 1 : length;
}

/** How much of a chunk above one segment goes now: up to the edge of the window, and whole segments where Nagle wants them. */
function sendable(
  tcb: Tcb,
  chunk: number,
  room: number,
  quota: number,
  mss: number,
  mode: NagleMode,
): number {
  if (tcb.snd.isUrgent) return mss;
  const payload = payloadOf(tcb, chunk);
  const needed = Math.min(payload, room);
  if (mss * quota < needed) return mss * quota;
  const partial = needed % mss;
  if (partial > 0 && needed > mss && holdsBack(tcb, mss, mode, partial)) return needed - partial;
  return needed === payload ? chunk : needed;
}

/** Puts a chunk on the queue and on the wire. @returns its number of segments */
function sendChunk(tcb: Tcb, length: number, mss: number): number {
  const { snd, queue, now } = tcb;
  const wasIdle = queue.size === 0;
  if (tcb.inFlight === 0) tcb.controller.onRestart(tcb.window, now, snd.lastSentAt);
  noteDataSent(tcb);
  const first = queue.size;
  const end = seqAdd(snd.nxt, length);
  const finAt = snd.finQueued && end === snd.end;
  const bytes = finAt ? length - 1 : length;
  const segments = Math.max(1, Math.ceil(bytes / mss));
  const isMarked = takePushMark(tcb, seqAdd(snd.nxt, bytes));
  const eor = takeEorMark(tcb, end);
  let left = bytes;
  for (let i = 0; i < segments; i++) {
    const isLast = i === segments - 1;
    const size = Math.min(left, mss);
    const seq = snd.nxt;
    const psh = isLast && (segments > 1 || isMarked) ? PSH : 0;
    const fin = isLast && finAt ? FIN : 0;
    const payload = tcb.sendBuffer.slice(seqDiff(seq, snd.una), size);
    const segmentEnd = seqAdd(seq, size + (fin !== 0 ? 1 : 0));
    const marks = (isLast ? (isMarked ? Q_PSH : 0) | (eor ? Q_EOR : 0) : Q_JOINED) | (fin !== 0 ? Q_FIN : 0);
    queue.push(seq, segmentEnd, marks, now);
    stampDelivery(tcb, first + i);
    transmit(tcb, seq, ACK | psh | fin, payload, true);
    snd.nxt = segmentEnd;
    left -= size;
  }
  if (bytes < segments * mss) snd.sml = end;
  snd.lastSentAt = now;
  if (wasIdle) startChrono(tcb, 'busy');
  if (wasIdle || tcb.timers.transmit === 'loss-probe') armRetransmitTimer(tcb);
  return segments;
}

/** Did a write end exactly at `end`? Marks that were passed are forgotten. */
function takePushMark(tcb: Tcb, end: number): boolean {
  const { pushMarks } = tcb.snd;
  let passed = 0;
  while (passed < pushMarks.length && seqLe(pushMarks[passed]!, end)) passed++;
  if (passed === 0) return false;
  return pushMarks.splice(0, passed)[passed - 1] === end;
}

function takeEorMark(tcb: Tcb, end: number): boolean {
  const { eorMarks } = tcb.snd;
  if (eorMarks.length === 0 || seqGt(eorMarks[0]!, end)) return false;
  eorMarks.shift();
  return true;
}

/** Sends up to `size` bytes against Nagle and silly-window rules: the probe timer wants an answer. */
export function forcePush(tcb: Tcb, size: number): void {
  const { snd } = tcb;
  const chunk = Math.min(nextChunk(tcb), size);
  const payload = payloadOf(tcb, chunk);
  const end = seqAdd(snd.nxt, payload);
  if (!snd.pushMarks.includes(end)) insertSorted(snd.pushMarks, end);
  snd.pushed = seqAdd(snd.nxt, chunk);
  sendChunk(tcb, chunk, Math.max(payload, 1));
}

function insertSorted(marks: number[], mark: number): void {
  let at = marks.length;
  while (at > 0 && seqGt(marks[at - 1]!, mark)) at--;
  marks.splice(at, 0, mark);
}
