/**
 * Receive-buffer auto-tuning (tcp_moderate_rcvbuf): the window grows with what the user reads per round trip, up to
 * tcp_rmem's maximum, so that it never limits a sender that the path would let go faster.
 */
import { MICROSECOND } from '../../sim/time.ts';
import type { TcpSegment } from './header.ts';
import { spaceFromWindow, windowFromSpace } from './receive-window.ts';
import { seqAdd, seqDiff, seqLt } from './seq.ts';
import type { Tcb } from './tcb.ts';
import { timestampNow } from './transmit.ts';

/** Data arrived: measures the round trip from the receiver's side, by the time that one window takes. */
export function noteSegmentForAutotuning(tcb: Tcb): void {
  const { autotune, rcv, now } = tcb;
  if (autotune.rttAt === 0) {
    autotune.rttAt = now;
    autotune.rttSeq = seqAdd(rcv.nxt, rcv.wnd);
    return;
  }
  if (seqLt(rcv.nxt, autotune.rttSeq)) return;
  const us = Math.floor((now - autotune.rttAt) / MICROSECOND);
  updateReceiverRtt(tcb, Math.max(us, 1), true);
  autotune.rttSeq = seqAdd(rcv.nxt, rcv.wnd);
  autotune.rttAt = now;
}

/** A round trip by timestamps: the peer's data echoes what we sent. */
export function updateReceiverRtt(tcb: Tcb, sampleUs: number, byWindow: boolean): void {
  const { autotune } = tcb;
  const known = autotune.rttUs;
  if (known === 0) autotune.rttUs = sampleUs * 8;
  else if (byWindow)
    autotune.rttUs = Math.min(known, sampleUs * 8); // a window may take longer than a round trip
  else autotune.rttUs = known - Math.floor(known / 8) + sampleUs;
}

/** A segment came that echoes a timestamp for the first time: a round trip, when the segment is a full one. */
export function noteEchoForAutotuning(tcb: Tcb, segment: TcpSegment): void {
  const { autotune, delack } = tcb;
  const { tsecr, hasTimestamps } = segment.options;
  if (!tcb.peer.hasTimestamps || !hasTimestamps || tsecr === 0 || tsecr === autotune.lastTsecr) return;
  autotune.lastTsecr = tsecr;
  if (segment.payload.size < delack.rcvMss) return;
  const ms = seqDiff(timestampNow(tcb), tsecr);
  if (ms > 0) updateReceiverRtt(tcb, ms * 1000, false);
}

/** The user read something: once per round trip, compare with the round before and grow the buffer. */
export function adjustReceiveSpace(tcb: Tcb): void {
  const { autotune, rcv, now } = tcb;
  if (autotune.rttUs === 0 || now - autotune.measuredAt < (autotune.rttUs / 8) * MICROSECOND) return;
  const copied = seqDiff(rcv.copied, autotune.seq);
  if (copied > autotune.space) growReceiveBuffer(tcb, copied);
  autotune.seq = rcv.copied;
  autotune.measuredAt = now;
}

/**
 * Twice what was read in a round trip, as much more as it grew since the last one, and room for what waits out of order.
 * @param space bytes read in the last round trip
 */
export function growReceiveBuffer(tcb: Tcb, space: number): void {
  const { autotune, rcv, config, settings, reassembly } = tcb;
  const before = autotune.space;
  autotune.space = space;
  if (!config.moderateRcvbuf || settings.rcvbuf > 0) return;
  let window = 2 * space;
  window += Math.floor((window * (space - before)) / Math.max(before, 1));
  if (!reassembly.isEmpty) window += seqDiff(reassembly.lastEnd, rcv.nxt);
  const buffer = Math.min(spaceFromWindow(tcb, window), config.rmemMax);
  if (buffer <= rcv.buffer) return;
  rcv.buffer = buffer;
  rcv.clamp = windowFromSpace(tcb, buffer);
}
