/** SEND (RFC 9293 3.10.2) and what a stream socket makes of it: how much fits, where PSH goes, urgent data, records. */
import { EAGAIN, EINPROGRESS, EPIPE } from '../../network/errno.ts';
import type { Payload } from '../../packet/payload.ts';
import { MSG_EOR, MSG_MORE, MSG_OOB } from '../message-flags.ts';
import { sendFirstSyn } from './handshake.ts';
import { effectiveMss } from './mss.ts';
import { pushOne, pushPending } from './output.ts';
import { hasSendSpace } from './send-space.ts';
import { seqAdd, seqGt } from './seq.ts';
import type { Tcb } from './tcb.ts';
import { sizeGoal } from './tso.ts';
import { restartAfterIdle } from './window-validation.ts';

/** @returns bytes taken, 1 at least; -EAGAIN for a full buffer, -EPIPE, or the pending error */
export function send(tcb: Tcb, data: Payload, flags: number): number {
  const { snd } = tcb;
  if (tcb.error !== 0) return takePendingError(tcb);
  if (tcb.fastOpen.isDeferred) return sendFirstSyn(tcb, data) || -EINPROGRESS;
  if (snd.finQueued || !maySend(tcb)) return isConnecting(tcb) ? -EAGAIN : -EPIPE;
  if (data.size === 0) return 0;
  if (tcb.packetsOut === 0) restartAfterIdle(tcb);
  const taken = append(tcb, data);
  if (taken === 0) {
    tcb.isSenderBlocked = true;
    return -EAGAIN;
  }
  if (taken < data.size) tcb.isSenderBlocked = true;
  const hasMore = (flags & MSG_MORE) !== 0;
  if (taken === data.size && (flags & MSG_EOR) !== 0) snd.eorMarks.push(snd.end);
  if (!hasMore || isPushForced(tcb)) markPush(tcb);
  if ((flags & MSG_OOB) !== 0) {
    snd.isUrgent = true;
    snd.up = snd.end;
  }
  if (!isConnecting(tcb)) pushPending(tcb, hasMore ? 'cork' : 'as-set');
  return taken;
}

/** FIN behind all that was written. */
export function queueFin(tcb: Tcb): void {
  const { snd } = tcb;
  snd.finQueued = true;
  snd.end = seqAdd(snd.end, 1);
  pushPending(tcb, 'push');
}

/** Fills the buffer in steps of one chunk, and lets a full first chunk go while the rest is still being taken. */
function append(tcb: Tcb, data: Payload): number {
  const { snd, sendBuffer } = tcb;
  const goal = sizeGoal(tcb, effectiveMss(tcb));
  let taken = 0;
  while (taken < data.size) {
    const open = openChunk(tcb, goal);
    if (open === 0 && !hasSendSpace(tcb)) break;
    const size = Math.min(data.size - taken, goal - open);
    unmarkPush(tcb, open);
    sendBuffer.append(data.slice(taken, size));
    snd.end = seqAdd(snd.end, size);
    taken += size;
    if (open + size < goal || taken === data.size || isConnecting(tcb)) continue;
    if (isPushForced(tcb)) {
      markPush(tcb);
      pushPending(tcb, 'push');
    } else if (tcb.unsent === goal) pushOne(tcb);
  }
  return taken;
}

/** Bytes in the last chunk, when it can take more: 0 when it is full, ended by a record, or already sent. */
function openChunk(tcb: Tcb, goal: number): number {
  const { snd } = tcb;
  const { eorMarks } = snd;
  if (tcb.unsent === 0 || eorMarks[eorMarks.length - 1] === snd.end) return 0;
  return tcb.unsent % goal;
}

/** More data joins the chunk that ended with PSH: the mark moves on. */
function unmarkPush(tcb: Tcb, open: number): void {
  const { pushMarks, end } = tcb.snd;
  if (open > 0 && pushMarks[pushMarks.length - 1] === end) pushMarks.pop();
}

function markPush(tcb: Tcb): void {
  const { snd } = tcb;
  snd.pushed = snd.end;
  if (snd.pushMarks[snd.pushMarks.length - 1] !== snd.end) snd.pushMarks.push(snd.end);
}

/** More than half of the largest window waits without a PSH: the receiver should hand over what it has. */
function isPushForced(tcb: Tcb): boolean {
  const { snd } = tcb;
  return seqGt(snd.end, seqAdd(snd.pushed, snd.maxWnd >>> 1));
}

function maySend(tcb: Tcb): boolean {
  return tcb.fastOpen.isChild || tcb.state === 'ESTABLISHED' || tcb.state === 'CLOSE-WAIT';
}

function isConnecting(tcb: Tcb): boolean {
  if (tcb.fastOpen.isChild) return false;
  return tcb.state === 'SYN-SENT' || tcb.state === 'SYN-RECEIVED';
}

function takePendingError(tcb: Tcb): number {
  const { error } = tcb;
  tcb.error = 0;
  return -error;
}
