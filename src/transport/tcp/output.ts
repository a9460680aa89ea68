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
  const { window, recovery } = tcb;
  let sent = limit === 'all' && tcb.pmtu.isProbing ? sendMtuProbe(tcb) : 0;
  if (sent < 0) return false;
  const maxSegments = chunkSegments(tcb, mss);
  let halt: Halt = 'done';
  while (tcb.unsent > 0) {
    const step = sendStep(tcb, mss, nagle, limit, maxSegments);
    if (typeof step !== 'number') {
      halt = step;
      break;
    }
    sent += step;
    if (limit !== 'all') break;
  }
  if (halt === 'rwnd') startChrono(tcb, 'rwnd');
  else stopChrono(tcb, 'rwnd');
  const isCwndLimited = halt === 'cwnd' || tcb.inFlight >= window.cwnd;
  if (sent > 0 || isCwndLimited) validateWindow(tcb, isCwndLimited);
  if (sent === 0) return false;
  if (recovery.state === 'cwr' || recovery.state === 'recovery') recovery.prrOut += sent;
  if (limit !== 'probe') scheduleLossProbe(tcb, false);
  return true;
}

/** Why nothing more goes: all is sent, the congestion window, the peer's window, or patience (Nagle, a larger chunk). */
type Halt = 'done' | 'cwnd' | 'rwnd' | 'patience';

/** Sends the next chunk. @returns its number of segments, or why it has to wait */
function sendStep(
  tcb: Tcb,
  mss: number,
  nagle: NagleMode,
  limit: PushLimit,
  maxSegments: number,
): number | Halt {
  const { snd } = tcb;
  const quota = cwndQuota(tcb, maxSegments) || (limit === 'probe' ? 1 : 0);
  if (quota === 0) return 'done';
  const chunk = nextChunk(tcb);
  const room = seqDiff(seqAdd(snd.una, snd.wnd), snd.nxt);
  const mode = chunk === tcb.unsent ? nagle : 'push';
  if (payloadOf(tcb, chunk) <= mss) {
    if (room < chunk) return 'rwnd';
    return holdsBack(tcb, mss, mode, chunk) ? 'patience' : sendChunk(tcb, chunk, mss);
  }
  if (room < mss) return 'rwnd';
  const wait = limit === 'all' ? deferral(tcb, chunk, mode, room, maxSegments) : 'none';
  if (wait !== 'none') return wait;
  return sendChunk(tcb, sendable(tcb, chunk, room, quota, mss, mode), mss);
}

/** @returns segments sent; -1 when everything has to wait until there is room for a probe */
function sendMtuProbe(tcb: Tcb): number {
  const size = nextProbe(tcb);
  if (size === NO_PROBE || size === WAIT_FOR_ROOM) return size === NO_PROBE ? 0 : -1;
  const sent = sendChunk(tcb, size, size);
  noteProbeSent(tcb, size);
  return sent;
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
  const { snd, queue } = tcb;
  const wasIdle = queue.size === 0;
  const end = seqAdd(snd.nxt, length);
  const hasFin = snd.finQueued && end === snd.end;
  const bytes = hasFin ? length - 1 : length;
  if (bytes > 0) noteData(tcb); // a FIN alone is no data (__tcp_transmit_skb)
  const segments = Math.max(1, Math.ceil(bytes / mss));
  const isMarked = takePushMark(tcb, seqAdd(snd.nxt, bytes));
  const isRecordEnd = takeEorMark(tcb, end);
  for (let i = 1; i < segments; i++) sendSegment(tcb, mss, Q_JOINED, 0);
  const marks = (isMarked ? Q_PSH : 0) | (isRecordEnd ? Q_EOR : 0) | (hasFin ? Q_FIN : 0);
  const flags = (segments > 1 || isMarked ? PSH : 0) | (hasFin ? FIN : 0);
  sendSegment(tcb, bytes - (segments - 1) * mss, marks, flags);
  if (bytes < segments * mss) snd.sml = end;
  if (wasIdle) startChrono(tcb, 'busy');
  if (wasIdle || tcb.timers.transmit === 'loss-probe') armRetransmitTimer(tcb);
  return segments;
}

/** Data is about to leave. Kernel: tcp_event_data_sent. */
function noteData(tcb: Tcb): void {
  const { snd, now } = tcb;
  if (tcb.inFlight === 0) tcb.controller.onRestart(tcb.window, now, snd.lastSentAt);
  noteDataSent(tcb);
  snd.lastSentAt = now;
}

/** Puts one segment on the queue and on the wire, and advances SND.NXT. */
function sendSegment(tcb: Tcb, size: number, marks: number, flags: number): void {
  const { snd, queue, now } = tcb;
  const seq = snd.nxt;
  const end = seqAdd(seq, (flags & FIN) !== 0 ? size + 1 : size);
  queue.push(seq, end, marks, now);
  stampDelivery(tcb, queue.size - 1);
  transmit(tcb, seq, ACK | flags, tcb.sendBuffer.slice(seqDiff(seq, snd.una), size), true);
  snd.nxt = end;
}

/** Did a write end exactly at `end`? Marks that were passed are forgotten. */
function takePushMark(tcb: Tcb, end: number): boolean {
  const { pushMarks } = tcb.snd;
  let isMarked = false;
  while (pushMarks.length > 0 && seqLe(pushMarks[0]!, end)) isMarked = pushMarks.shift() === end;
  return isMarked;
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
