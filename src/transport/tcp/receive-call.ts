/** RECEIVE (RFC 9293 3.10.3): bytes for the user, the urgent mark, and the window that reading opens. */
import { EAGAIN, EINVAL, ENOTCONN } from '../../network/errno.ts';
import { EMPTY, Payload } from '../../packet/payload.ts';
import { MSG_OOB, MSG_PEEK } from '../message-flags.ts';
import { acknowledgeRead } from './acknowledge.ts';
import { adjustReceiveSpace } from './autotune.ts';
import { seqAdd, seqDiff, seqLt } from './seq.ts';
import type { Tcb } from './tcb.ts';

/** @returns data, empty at the end of the stream; -EAGAIN, -ENOTCONN or the pending error */
export function receive(tcb: Tcb, size: number, flags: number): Payload | number {
  if ((flags & MSG_OOB) !== 0) return receiveUrgent(tcb, flags);
  const isPeek = (flags & MSG_PEEK) !== 0;
  const skipped = skipUrgentByte(tcb);
  const ready = upToMark(tcb);
  if (ready === 0) return nothingToRead(tcb, skipped, isPeek);
  const count = Math.min(size, ready);
  if (count === 0) return EMPTY;
  const data = tcb.receiveBuffer.slice(0, count);
  if (isPeek)
    acknowledgeRead(tcb, count); // a look makes an ACK due as a read does (tcp_cleanup_rbuf)
  else consume(tcb, count);
  return data;
}

/**
 * SIOCINQ: in-order numbers that were not read, without the FIN's; up to an urgent mark, unless the urgent byte is part of
 * the stream. Kernel: tcp_inq.
 */
export function readableNow(tcb: Tcb): number {
  const { rcv, settings } = tcb;
  const unread = seqDiff(rcv.nxt, rcv.copied);
  const ahead = seqDiff(rcv.urgentSeq, rcv.copied);
  const isMarked = rcv.urgent !== 'none' && !settings.oobInline && ahead >= 0 && ahead < unread;
  if (isMarked) return ahead;
  return rcv.isFinished && unread > 0 ? unread - 1 : unread;
}

/** Is there enough for a reader to be woken? An urgent byte that is next does not count. Kernel: tcp_poll. */
export function isReadable(tcb: Tcb): boolean {
  const { rcv, settings } = tcb;
  const target = settings.rcvLowat + (isAtMark(tcb) && !settings.oobInline ? 1 : 0);
  return seqDiff(rcv.nxt, rcv.copied) >= target;
}

/** Everything before the urgent byte was read (sockatmark(3); RFC 9293 3.8.5, MUST-33). */
export function isAtMark(tcb: Tcb): boolean {
  const { rcv } = tcb;
  return rcv.urgent !== 'none' && rcv.urgentSeq === rcv.copied;
}

/** In-order bytes that one read may give: none beyond an urgent mark, even where SO_OOBINLINE keeps its byte. */
function upToMark(tcb: Tcb): number {
  const { rcv, receiveBuffer } = tcb;
  if (rcv.urgent === 'none') return receiveBuffer.size;
  const ahead = seqDiff(rcv.urgentSeq, rcv.copied);
  return ahead > 0 ? Math.min(receiveBuffer.size, ahead) : receiveBuffer.size;
}

function consume(tcb: Tcb, count: number): void {
  release(tcb, count);
  adjustReceiveSpace(tcb);
  acknowledgeRead(tcb, count);
}

/** Takes bytes off the queue, and their share of memory. */
function release(tcb: Tcb, count: number): void {
  const { rcv, receiveBuffer } = tcb;
  rcv.packets.read(count);
  receiveBuffer.drop(count);
  rcv.copied = seqAdd(rcv.copied, count);
  if (rcv.urgent !== 'none' && seqLt(rcv.urgentSeq, rcv.copied)) rcv.urgent = 'none';
}

/** The urgent byte is no part of the stream unless SO_OOBINLINE says so: a read that reaches it goes on behind it. */
function skipUrgentByte(tcb: Tcb): boolean {
  const { receiveBuffer, settings } = tcb;
  if (!isAtMark(tcb) || settings.oobInline || receiveBuffer.size === 0) return false;
  release(tcb, 1);
  return true;
}

function nothingToRead(tcb: Tcb, hasSkipped: boolean, isPeek: boolean): Payload | number {
  const { rcv, state } = tcb;
  if (hasSkipped && !rcv.isFinished) return -EAGAIN;
  if (rcv.isFinished) {
    if (!isPeek) {
      rcv.copied = rcv.nxt; // the FIN is read, too
      rcv.isFinUnread = false;
    }
    return EMPTY;
  }
  if (tcb.error !== 0) {
    const { error } = tcb;
    tcb.error = 0;
    return -error;
  }
  if (rcv.isShutdown) return EMPTY;
  if (state === 'CLOSED') return tcb.hasFailed ? -ENOTCONN : EMPTY;
  acknowledgeRead(tcb, 0);
  return -EAGAIN;
}

function receiveUrgent(tcb: Tcb, flags: number): Payload | number {
  const { rcv, settings } = tcb;
  if (settings.oobInline || rcv.urgent === 'none' || rcv.urgent === 'read') return -EINVAL;
  if (rcv.urgent === 'valid') {
    if ((flags & MSG_PEEK) === 0) rcv.urgent = 'read';
    return new Payload(Uint8Array.of(rcv.urgentByte));
  }
  if (tcb.state === 'CLOSED' || rcv.isShutdown) return EMPTY;
  return -EAGAIN;
}
