/** RFC 7323: which TSval to echo (TS.Recent, 4.3), and protection against wrapped sequence numbers (PAWS, 5). */
import { MILLISECOND } from '../../sim/time.ts';
import { ACK, RST, type TcpSegment } from './header.ts';
import { seqDiff, seqGt, seqLe } from './seq.ts';
import type { Tcb } from './tcb.ts';
import { PAWS_24_DAYS } from './time-wait.ts';

/** 4.3: a segment that reaches back to Last.ACK.sent, and is not older than what is known, sets TS.Recent. */
export function noteTimestamp(tcb: Tcb, segment: TcpSegment): void {
  const { peer, rcv, now } = tcb;
  const { tsval } = segment.options;
  if (!peer.hasTimestamps || tsval < 0 || !seqLe(segment.seq, rcv.wup)) return;
  if (seqDiff(tsval, peer.tsRecent) < 0 && now - peer.tsRecentAt < PAWS_24_DAYS) return;
  peer.tsRecent = tsval;
  peer.tsRecentAt = now;
}

/** 5.3 R1: the segment carries a timestamp older than TS.Recent, and is neither a RST nor a plain reordered ACK. */
export function isOldByTimestamp(tcb: Tcb, segment: TcpSegment): boolean {
  const { peer, now } = tcb;
  const { tsval } = segment.options;
  if (!peer.hasTimestamps || tsval < 0 || segment.has(RST)) return false;
  // One tick of tolerance, and a peer that began with zero is not held to it.
  if (seqDiff(peer.tsRecent, tsval) <= 1 || peer.tsRecent === 0 || now - peer.tsRecentAt >= PAWS_24_DAYS)
    return false;
  return !isReorderedAck(tcb, segment);
}

/** A pure duplicate ACK that was overtaken within one RTO: harmless, and dropping it would draw an ACK. */
function isReorderedAck(tcb: Tcb, segment: TcpSegment): boolean {
  const { snd, rcv, peer, rtt } = tcb;
  return (
    segment.has(ACK) &&
    segment.len === 0 &&
    segment.seq === rcv.nxt &&
    segment.ack === snd.una &&
    !seqGt(segment.seq, snd.wl1) &&
    segment.wnd * (1 << peer.wscale) <= snd.wnd &&
    seqDiff(peer.tsRecent, segment.options.tsval) <= (rtt.rto * 1.2) / MILLISECOND
  );
}
