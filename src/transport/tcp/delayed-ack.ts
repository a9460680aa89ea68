/**
 * When an owed ACK goes: at once, or with a delay that adapts to the peer (RFC 9293 3.8.6.3, RFC 5681 4.2). Linux's
 * rules: quick ACKs while the peer is in slow start, none of them in a conversation (ping-pong), 40 ms at least.
 */
import { MILLISECOND, type Nanos, NEVER } from '../../sim/time.ts';
import type { Tcb } from './tcb.ts';

export const ATO_MIN: Nanos = 40 * MILLISECOND;
export const DELACK_MIN: Nanos = 40 * MILLISECOND;
export const DELACK_MAX: Nanos = 200 * MILLISECOND;
/** The clock that times delayed ACKs ticks this often: no wait is shorter. */
export const DELACK_TICK: Nanos = MILLISECOND;
/** A delay that nobody rides along with. */
const DELACK_LONE_MAX: Nanos = 500 * MILLISECOND;
export const MAX_QUICKACKS = 16;

export function scheduleAck(tcb: Tcb): void {
  tcb.delack.isScheduled = true;
}

export function isPingpong(tcb: Tcb): boolean {
  return tcb.delack.pingpong >= 1;
}

export function enterPingpong(tcb: Tcb): void {
  tcb.delack.pingpong = 1;
}

export function exitPingpong(tcb: Tcb): void {
  tcb.delack.pingpong = 0;
}

export function isQuick(tcb: Tcb): boolean {
  return tcb.delack.quick > 0 && !isPingpong(tcb);
}

/** Allows up to `limit` ACKs without delay: as many as half a window holds segment pairs. */
export function addQuickAcks(tcb: Tcb, limit: number): void {
  const { delack, rcv } = tcb;
  const pairs = Math.floor(rcv.wnd / (2 * Math.max(delack.rcvMss, 1)));
  delack.quick = Math.max(delack.quick, Math.min(pairs === 0 ? 2 : pairs, limit));
}

/** Something is unusual: answer at once for a while. */
export function enterQuickAck(tcb: Tcb, limit: number): void {
  addQuickAcks(tcb, limit);
  exitPingpong(tcb);
  tcb.delack.ato = ATO_MIN;
}

/** An ACK, alone or with data, leaves now. */
export function noteAckSent(tcb: Tcb): void {
  const { delack, timers } = tcb;
  if (delack.compressed > 0) {
    delack.compressed = 0;
    timers.compressedAckAt = NEVER;
  }
  if (delack.quick > 0 && delack.isScheduled) {
    delack.quick--;
    if (delack.quick === 0) delack.ato = ATO_MIN;
  }
  delack.isScheduled = false;
  delack.isNow = false;
  delack.isPushed = false;
  delack.isPushedTwice = false;
  timers.ackAt = NEVER;
}

/** Data arrived: adapt the delay to the gaps between segments. */
export function noteDataReceived(tcb: Tcb): void {
  const { delack, rtt, now } = tcb;
  scheduleAck(tcb);
  if (delack.ato === 0) {
    addQuickAcks(tcb, MAX_QUICKACKS);
    delack.ato = ATO_MIN;
  } else {
    const gap = now - delack.lastReceivedAt;
    if (gap <= ATO_MIN / 2) delack.ato = delack.ato / 2 + ATO_MIN / 2;
    else if (gap < delack.ato) delack.ato = Math.min(delack.ato / 2 + gap, rtt.rto);
    else if (gap > rtt.rto) addQuickAcks(tcb, MAX_QUICKACKS); // the peer restarted from idle
  }
  delack.lastReceivedAt = now;
}

/** We sent data: when it answers what just came, this is a conversation. */
export function noteDataSent(tcb: Tcb): void {
  const { delack, now } = tcb;
  if (now - delack.lastReceivedAt < delack.ato) delack.pingpong = Math.min(delack.pingpong + 1, 255);
}

/** How long an ACK that is owed from now on may wait. */
export function ackDelay(tcb: Tcb): Nanos {
  const { delack, rtt } = tcb;
  let { ato } = delack;
  if (ato > DELACK_MIN) {
    let most = isPingpong(tcb) || delack.isPushed ? DELACK_MAX : DELACK_LONE_MAX;
    if (rtt.srtt8 > 0) most = Math.min(most, Math.max(rtt.srtt, DELACK_MIN));
    ato = Math.min(ato, most);
  }
  return Math.max(Math.min(ato, DELACK_MAX), DELACK_TICK);
}
