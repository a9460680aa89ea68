/** What an arriving segment is, before anything is done about it (RFC 9293 3.10.7.4): questions that change nothing. */
import { ACK, PSH, RST, SYN, type TcpSegment } from './header.ts';
import { TIMESTAMPS_SIZE } from './mss.ts';
import { offeredWindow } from './receive-window.ts';
import { seqAdd, seqBetween, seqGt, seqLt } from './seq.ts';
import type { Tcb } from './tcb.ts';

/**
 * Header prediction: plain data in order is taken before its ACK, so that what the ACK sets free acknowledges the data
 * (tcp_rcv_established).
 */
export function isNextData(tcb: Tcb, segment: TcpSegment): boolean {
  const { rcv, snd, peer, reassembly } = tcb;
  return (
    tcb.state === 'ESTABLISHED' &&
    segment.payload.size > 0 &&
    segment.seq === rcv.nxt &&
    (segment.flags & ~PSH) === ACK &&
    segment.wnd * (1 << peer.wscale) === snd.wnd &&
    segment.options.size === (peer.hasTimestamps ? TIMESTAMPS_SIZE : 0) &&
    seqBetween(segment.ack, snd.una, snd.nxt) &&
    reassembly.isEmpty
  );
}

/** RFC 9293 3.10.7.4's four cases, as Linux has them: not wholly old, and no further than the window, with one exception. */
export function isAcceptable(tcb: Tcb, segment: TcpSegment): boolean {
  const { rcv, receiveBuffer } = tcb;
  const end = seqAdd(segment.seq, segment.len);
  if (seqLt(end, rcv.wup)) return false;
  const right = seqAdd(rcv.nxt, offeredWindow(tcb));
  if (!seqGt(end, right)) return true;
  return !seqGt(segment.seq, right) && receiveBuffer.size === 0 && !rcv.isFinUnread;
}

/** The same for a request: its window is that of the SYN,ACK. */
export function isInWindow(tcb: Tcb, segment: TcpSegment): boolean {
  const { rcv } = tcb;
  const end = seqAdd(segment.seq, segment.len);
  const right = seqAdd(rcv.nxt, rcv.wnd);
  if (segment.seq === rcv.nxt) return true;
  if (seqGt(end, rcv.nxt) && seqLt(segment.seq, right)) return true;
  return segment.seq === right && segment.seq === end;
}

/** The SYN that began the connection, again. */
export function isRepeatedSyn(tcb: Tcb, segment: TcpSegment): boolean {
  return (segment.flags & (SYN | RST | ACK)) === SYN && segment.seq === tcb.rcv.irs;
}

/** A RST one below RCV.NXT: the peer sent it before it counted its FIN. */
export function isBelowFin(tcb: Tcb, segment: TcpSegment): boolean {
  return isPastFin(tcb) && segment.seq === seqAdd(tcb.rcv.nxt, -1);
}

/** The peer's FIN has come. */
export function isPastFin(tcb: Tcb): boolean {
  return tcb.state === 'CLOSE-WAIT' || tcb.state === 'LAST-ACK' || tcb.state === 'CLOSING';
}
