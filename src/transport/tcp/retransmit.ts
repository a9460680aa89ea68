/** Sends again what is in the retransmission queue: one entry, a chunk of them, or all that is deemed lost. */
import { noteDataSent } from './delayed-ack.ts';
import { ACK, ECE, FIN, PSH, SYN } from './header.ts';
import { effectiveMss } from './mss.ts';
import { stampDelivery } from './rate.ts';
import {
  Q_EOR,
  Q_EVER_RETRANS,
  Q_FIN,
  Q_JOINED,
  Q_LOST,
  Q_PSH,
  Q_RETRANS,
  Q_SACKED,
  Q_SYN,
} from './retransmission-queue.ts';
import { seqAdd, seqDiff, seqGt, seqLt } from './seq.ts';
import type { Tcb } from './tcb.ts';
import { sendSyn, synAckOptions, synOptions, timestampNow, transmit } from './transmit.ts';
import { chunkSegments } from './tso.ts';

/**
 * Sends the entry at `at` again, with those that left in one chunk with it, up to `maxSegments`, as retransmissions in flight.
 * @returns the number of segments that left; 0 when the window does not reach there
 */
export function retransmit(tcb: Tcb, at: number, maxSegments: number): number {
  const { queue, recovery, now } = tcb;
  const count = resend(tcb, at, maxSegments);
  if (count === 0) return 0;
  for (let i = 0; i < count; i++) queue.mark(at + i, Q_RETRANS);
  if (recovery.retransAt < 0) {
    recovery.retransAt = now;
    recovery.retransStamp = timestampNow(tcb);
  }
  if (recovery.undoRetrans < 0) recovery.undoRetrans = 0;
  recovery.undoRetrans += count;
  return count;
}

/** The same without counting it in flight: a tail loss probe. */
export function resend(tcb: Tcb, at: number, maxSegments: number): number {
  const { queue, snd, pmtu, now } = tcb;
  pmtu.probeSize = 0; // a probe of the path MTU that is sent again proves nothing
  if (queue.has(at, Q_SYN)) return resendSyn(tcb, at);
  const mss = effectiveMss(tcb);
  let room = seqDiff(seqAdd(snd.una, snd.wnd), queue.seq(at));
  if (room <= 0) {
    if (queue.seq(at) !== snd.una) return 0;
    room = mss; // the one segment that probes a window that shrank to nothing
  }
  const limit = Math.min(mss * maxSegments, room < mss ? room : room - (room % mss));
  const most = Math.min(limit, mss);
  if (queue.len(at) - finIn(tcb, at) > most) resegment(tcb, at, most);
  else if (maxSegments === 1 || !queue.has(at, Q_JOINED)) collapse(tcb, at, Math.min(room, mss));
  const count = chunkFrom(tcb, at, limit);
  for (let i = at; i < at + count; i++) {
    const isLast = i === at + count - 1;
    if (isLast) queue.unmark(i, Q_JOINED);
    const size = queue.len(i) - finIn(tcb, i);
    const psh = queue.has(i, Q_PSH) || (count > 1 && isLast) ? PSH : 0;
    const seq = queue.seq(i);
    noteResent(tcb, i, size);
    if (size > 0) noteDataSent(tcb);
    transmit(
      tcb,
      seq,
      ACK | psh | (queue.has(i, Q_FIN) ? FIN : 0),
      tcb.sendBuffer.slice(seqDiff(seq, snd.una), size),
      false,
    );
  }
  snd.lastSentAt = now;
  return count;
}

/** Sends what is marked lost and not yet sent again, as far as cwnd goes. @returns true when the first entry was among it */
export function retransmitLost(tcb: Tcb): boolean {
  const { queue, recovery, window } = tcb;
  if (queue.size === 0) return false;
  const maxSegments = chunkSegments(tcb, effectiveMss(tcb));
  let isFirstSent = false;
  let at = seqGt(recovery.retransmitHint, tcb.snd.una) ? queue.find(recovery.retransmitHint) : 0;
  for (; at < queue.size; at++) {
    const room = window.cwnd - tcb.inFlight;
    if (room <= 0 || queue.retransmitted >= queue.lost) break;
    if (!queue.has(at, Q_LOST) || queue.has(at, Q_SACKED | Q_RETRANS)) continue;
    const count = retransmit(tcb, at, Math.min(room, maxSegments));
    if (count === 0) break;
    tcb.host.mib.add(recovery.state === 'loss' ? 'TcpExtTCPSlowStartRetrans' : 'TcpExtTCPFastRetrans', count);
    if (recovery.state === 'cwr' || recovery.state === 'recovery') recovery.prrOut += count;
    if (at === 0) isFirstSent = true;
    at += count - 1;
  }
  if (at < queue.size) recovery.retransmitHint = queue.seq(at);
  return isFirstSent;
}

function resendSyn(tcb: Tcb, at: number): number {
  const { state, ecn } = tcb;
  noteResent(tcb, at, 0);
  if (state === 'SYN-SENT') {
    ecn.isOn = false; // perhaps a middlebox dropped the SYN for its ECN flags (RFC 3168 6.1.1.1)
    sendSyn(tcb, SYN, synOptions(tcb));
  } else sendSyn(tcb, SYN | ACK | (ecn.isOn ? ECE : 0), synAckOptions(tcb));
  return 1;
}

/** Entries from `at` on that left as one chunk, are all to be sent again, and fit into `limit` bytes. */
function chunkFrom(tcb: Tcb, at: number, limit: number): number {
  const { queue } = tcb;
  let count = 1;
  let bytes = queue.len(at);
  while (
    queue.has(at + count - 1, Q_JOINED) &&
    at + count < queue.size &&
    queue.has(at + count, Q_LOST) === queue.has(at, Q_LOST) &&
    !queue.has(at + count, Q_SACKED | Q_RETRANS) &&
    bytes + queue.len(at + count) - finIn(tcb, at + count) <= limit
  ) {
    bytes += queue.len(at + count);
    count++;
  }
  return count;
}

/** An entry that has become too large is cut, with the rest of its chunk, into segments of `mss`, which stay one chunk. */
function resegment(tcb: Tcb, at: number, mss: number): void {
  const { queue } = tcb;
  while (queue.has(at, Q_JOINED) && isAlike(tcb, at)) queue.merge(at);
  for (let i = at; queue.len(i) - finIn(tcb, i) > mss; i++) {
    queue.split(i, seqAdd(queue.seq(i), mss));
    queue.mark(i, Q_JOINED);
  }
}

/** Lost, SACKed or sent again are both entries, this one and the next, or neither. */
function isAlike(tcb: Tcb, at: number): boolean {
  const { queue } = tcb;
  if (at + 1 >= queue.size) return false;
  return [Q_LOST, Q_SACKED, Q_RETRANS].every((mark) => queue.has(at, mark) === queue.has(at + 1, mark));
}

/** RFC 9293 3.8.1's repacketization: fills a small segment with the ones behind it, up to `space` bytes. */
function collapse(tcb: Tcb, at: number, space: number): void {
  const { queue, snd, config } = tcb;
  if (!config.retransCollapse) return;
  const right = seqAdd(snd.una, snd.wnd);
  while (at + 1 < queue.size && !queue.has(at, Q_EOR | Q_FIN) && !queue.has(at + 1, Q_SACKED | Q_SYN)) {
    const size = queue.len(at) + queue.len(at + 1);
    if (size > space || seqLt(right, queue.end(at + 1)) || queue.len(at) === 0) return;
    queue.merge(at);
  }
}

function noteResent(tcb: Tcb, at: number, size: number): void {
  const { queue, counters, now } = tcb;
  queue.mark(at, Q_EVER_RETRANS);
  queue.resent(at, now);
  stampDelivery(tcb, at);
  counters.totalRetrans++;
  counters.bytesRetrans += size;
  tcb.host.mib.add('TcpRetransSegs');
}

function finIn(tcb: Tcb, at: number): number {
  return tcb.queue.has(at, Q_FIN) ? 1 : 0;
}
