/** Decides after every segment whether the owed ACK goes now, waits for a ride, or is held back with others (RFC 5681 4.2). */
import { MICROSECOND, NEVER } from '../../sim/time.ts';
import { ATO_MIN, ackDelay, DELACK_TICK, exitPingpong, isPingpong, isQuick } from './delayed-ack.ts';
import { offeredWindow, selectWindow } from './receive-window.ts';
import { seqDiff } from './seq.ts';
import type { Tcb } from './tcb.ts';
import { sendAck } from './transmit.ts';

/** Duplicate ACKs that are never held back: fast retransmit needs them. */
const DUPLICATES_AT_ONCE = 3;

/** The ACK that the segment just processed left owed. */
export function sendOwedAck(tcb: Tcb): void {
  const { delack, rcv, settings } = tcb;
  if (!delack.isScheduled) return;
  const isMoreThanOne = seqDiff(rcv.nxt, rcv.wup) > delack.rcvMss;
  const isUnread = seqDiff(rcv.nxt, rcv.copied) < settings.rcvLowat;
  if ((isMoreThanOne && (isUnread || selectWindow(tcb) >= rcv.wnd)) || isQuick(tcb) || delack.isNow) {
    sendAck(tcb);
  } else if (tcb.reassembly.isEmpty) {
    sendDelayedAck(tcb);
  } else {
    compressAck(tcb);
  }
}

/** Starts, or shortens, the wait for a segment that the ACK can ride on. */
export function sendDelayedAck(tcb: Tcb): void {
  const { timers, now } = tcb;
  const delay = ackDelay(tcb);
  if (timers.ackAt !== NEVER && timers.ackAt <= now + Math.max(delay / 4, DELACK_TICK)) {
    sendAck(tcb); // about to expire anyway
    return;
  }
  timers.ackAt = Math.min(timers.ackAt, now + delay);
}

/** Many ACKs of one hole say the same: after the third they wait up to a twentieth of an RTT for each other. */
function compressAck(tcb: Tcb): void {
  const { delack, rcv, config, rtt, autotune, timers, now } = tcb;
  if (!tcb.peer.sackPermitted || delack.compressed >= config.compSackCount) {
    sendAck(tcb);
    return;
  }
  if (delack.compressedRcvNxt !== rcv.nxt) {
    delack.compressedRcvNxt = rcv.nxt;
    delack.dupAcks = 0;
  }
  if (delack.dupAcks < DUPLICATES_AT_ONCE) {
    delack.dupAcks++;
    sendAck(tcb);
    return;
  }
  delack.compressed++;
  if (timers.compressedAckAt !== NEVER) return;
  let rttUs = autotune.rttUs > 0 ? autotune.rttUs / 8 : Number.POSITIVE_INFINITY;
  if (rtt.srtt8 > 0) rttUs = Math.min(rttUs, rtt.srttUs);
  const share = Number.isFinite(rttUs) ? Math.floor((rttUs * MICROSECOND) / 20) : 0;
  timers.compressedAckAt = now + Math.min(config.compSackDelay, share);
}

/** The delayed-ACK timer expired: nobody gave it a ride. */
export function onAckTimeout(tcb: Tcb): void {
  const { delack, timers, rtt } = tcb;
  timers.ackAt = NEVER;
  if (!delack.isScheduled) return;
  if (isPingpong(tcb)) {
    exitPingpong(tcb); // no conversation after all
    delack.ato = ATO_MIN;
  } else {
    delack.ato = Math.min(delack.ato * 2, rtt.rto);
  }
  tcb.host.mib.add('TcpExtDelayedACKs');
  sendAck(tcb);
}

/** The held-back SACKs go. */
export function onCompressedAckTimeout(tcb: Tcb): void {
  tcb.timers.compressedAckAt = NEVER;
  if (tcb.delack.compressed > 0) sendAck(tcb);
}

/** The user has read `copied` bytes: is it time for an ACK or a window update (RFC 9293 3.8.6.2.2)? */
export function acknowledgeRead(tcb: Tcb, copied: number): void {
  const { delack, rcv } = tcb;
  if (delack.isScheduled) {
    const isPushed = delack.isPushedTwice || (delack.isPushed && !isPingpong(tcb));
    if (
      seqDiff(rcv.nxt, rcv.wup) > delack.rcvMss ||
      (copied > 0 && isPushed && tcb.receiveBuffer.size === 0)
    ) {
      sendAck(tcb);
      return;
    }
  }
  if (copied === 0 || rcv.isFinished || rcv.isShutdown) return;
  const offered = offeredWindow(tcb);
  if (2 * offered > rcv.clamp) return;
  const window = selectWindow(tcb);
  if (window > 0 && window >= 2 * offered) sendAck(tcb);
}
