/**
 * Receive-buffer auto-tuning (tcp_moderate_rcvbuf): the window grows with what the user reads per round trip, up to
 * tcp_rmem's maximum, so that it never limits a sender that the path would let go faster.
 */
import { MICROSECOND } from '../../sim/time.ts';
import { announcedMss } from './mss.ts';
import { memoryOf, windowFromSpace } from './receive-window.ts';
import { seqAdd, seqDiff, seqLt } from './seq.ts';
import type { Tcb } from './tcb.ts';

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

/** The user read something: once per round trip, compare with the round before and grow the buffer. */
export function adjustReceiveSpace(tcb: Tcb): void {
  const { autotune, rcv, config, settings, now } = tcb;
  if (autotune.rttUs === 0 || now - autotune.measuredAt < (autotune.rttUs / 8) * MICROSECOND) return;
  const copied = seqDiff(rcv.copied, autotune.seq);
  if (copied > autotune.space) {
    if (config.moderateRcvbuf && settings.rcvbuf === 0) growBuffer(tcb, copied);
    autotune.space = copied;
  }
  autotune.seq = rcv.copied;
  autotune.measuredAt = now;
}

/** Twice what was read in a round trip, and more while the sender is in slow start. */
function growBuffer(tcb: Tcb, copied: number): void {
  const { autotune, rcv, config } = tcb;
  const mss = announcedMss(tcb);
  let window = 2 * copied + 16 * mss;
  window += Math.floor((window * (copied - autotune.space)) / Math.max(autotune.space, 1)) * 2;
  const perSegment = memoryOf(mss);
  const wanted = Math.ceil(window / mss) * Math.floor((mss * perSegment) / Math.max(mss, 1));
  const buffer = Math.min(wanted, config.rmemMax);
  if (buffer <= rcv.buffer) return;
  rcv.buffer = buffer;
  rcv.clamp = windowFromSpace(tcb, buffer);
}
