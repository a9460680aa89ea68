/**
 * Opening (RFC 9293 3.5): SYNs, the agreement on options, and what begins once both sides are ESTABLISHED. The rules for
 * segments in LISTEN, SYN-SENT and SYN-RECEIVED are in `segment-arrives`.
 */

import { EMPTY, type Payload } from '../../packet/payload.ts';
import type { Nanos } from '../../sim/time.ts';
import { INFINITE_SSTHRESH } from './congestion/controller.ts';
import { isClientEnabled, mayCarryData, prepareSyn, queueSynData } from './fast-open/client.ts';
import { acceptsFastOpen, takeSynData } from './fast-open/server.ts';
import { ACK, CWR, ECE, SYN, type TcpSegment } from './header.ts';
import { setState } from './lifecycle.ts';
import { announcedMss, headerOptionsSize, syncMss } from './mss.ts';
import { beginMtuSearch } from './mtu-probe.ts';
import { initReceiveBuffer, selectInitialWindow } from './receive-window.ts';
import { Q_SYN } from './retransmission-queue.ts';
import { armRetransmitTimer } from './retransmit-timer.ts';
import { TIMEOUT_INIT } from './rtt.ts';
import { expandSendBuffer } from './send-space.ts';
import { seqAdd } from './seq.ts';
import { DEFAULT_MSS, type Tcb } from './tcb.ts';
import { sendSyn, synAckOptions, synOptions, timestampNow } from './transmit.ts';
import { initialWindow } from './window-validation.ts';

/**
 * Active OPEN: sends a SYN, enters SYN-SENT.
 * @param data for Fast Open, null without it @returns the bytes of `data` that left with the SYN
 */
export function openActive(tcb: Tcb, iss: number, data: Payload | null = null): number {
  begin(tcb, iss);
  tcb.isOwned = true;
  setState(tcb, 'SYN-SENT');
  if (tcb.settings.fastOpenConnect && data === null && isClientEnabled(tcb)) {
    tcb.fastOpen.isDeferred = mayCarryData(tcb);
    return tcb.fastOpen.isDeferred ? 0 : sendFirstSyn(tcb, EMPTY);
  }
  return sendFirstSyn(tcb, data);
}

/** The SYN of an active OPEN. @param data for Fast Open */
export function sendFirstSyn(tcb: Tcb, data: Payload | null): number {
  const { config, settings, snd, peer, recovery, ecn, fastOpen, now } = tcb;
  fastOpen.isDeferred = false;
  snd.mssClamp = settings.maxseg > 0 ? settings.maxseg : Math.max(DEFAULT_MSS, announcedMss(tcb));
  syncMss(tcb, tcb.path.mtu);
  selectInitialWindow(tcb, config.windowScaling);
  tcb.delack.rcvMss = firstRcvMss(tcb);
  ecn.isOn = config.ecn === 1;
  peer.synTimestamp = timestampNow(tcb);
  recovery.retransAt = now; // a user timeout counts from the first SYN
  recovery.retransStamp = peer.synTimestamp;
  const carried = data === null ? EMPTY : prepareSyn(tcb, data);
  queueSyn(tcb);
  queueSynData(tcb, carried);
  sendSyn(tcb, SYN | (ecn.isOn ? ECE | CWR : 0), synOptions(tcb), carried);
  fastOpen.cookie = null; // not in retransmissions: perhaps a middlebox dropped it (RFC 7413 4.2.1)
  tcb.timers.setTransmit('retransmit', now + TIMEOUT_INIT);
  return carried.size;
}

/** A listener got a SYN: answers it, enters SYN-RECEIVED. */
export function openPassive(tcb: Tcb, syn: TcpSegment, tos: number, iss: number): void {
  const { config, snd, user, fastOpen } = tcb;
  tcb.isPassive = true;
  begin(tcb, iss);
  takeSyn(tcb, syn);
  tcb.ecn.isOn = config.ecn > 0 && syn.has(ECE | CWR) && (tos & 3) === 0;
  selectInitialWindow(tcb, tcb.peer.hasWscale);
  if (!tcb.peer.hasWscale) tcb.rcv.wscale = 0;
  syncMss(tcb, tcb.path.mtu);
  tcb.delack.rcvMss = firstRcvMss(tcb);
  snd.wl1 = syn.seq;
  tcb.peer.synTimestamp = timestampNow(tcb);
  setState(tcb, 'SYN-RECEIVED');
  if (acceptsFastOpen(tcb, syn)) {
    openFast(tcb, syn);
    if (fastOpen.isChild && user.mayEstablish() === 'yes') user.onReadable();
  } else queueSyn(tcb);
  sendSynAck(tcb);
  fastOpen.cookie = null;
  tcb.timers.setTransmit('syn-ack', tcb.now + TIMEOUT_INIT);
}

/** A Fast Open child is a connection of full rights from its SYN on; only the ACK of the SYN,ACK is outstanding. */
function openFast(tcb: Tcb, syn: TcpSegment): void {
  const { snd } = tcb;
  tcb.isPassive = false;
  tcb.delack.lastReceivedAt = tcb.now;
  snd.nxt = seqAdd(snd.iss, 1);
  snd.una = snd.nxt;
  snd.end = snd.nxt;
  beginTransfer(tcb);
  takeSynData(tcb, syn);
}

/** Our SYN,ACK, again with every retransmission and every duplicate SYN. */
export function sendSynAck(tcb: Tcb): void {
  sendSyn(tcb, SYN | ACK | (tcb.ecn.isOn ? ECE : 0), synAckOptions(tcb));
}

/** Takes the peer's SYN: IRS, its MSS, and the options that both sides know. */
export function takeSyn(tcb: Tcb, syn: TcpSegment): void {
  const { rcv, snd, peer, config, settings, now } = tcb;
  const { options } = syn;
  rcv.irs = syn.seq;
  rcv.nxt = seqAdd(syn.seq, 1);
  rcv.wup = rcv.nxt;
  rcv.copied = rcv.nxt;
  peer.mss = options.mss;
  const mss = options.mss > 0 ? options.mss : DEFAULT_MSS;
  snd.mssClamp = settings.maxseg > 0 ? Math.min(settings.maxseg, mss) : mss;
  peer.sackPermitted = options.sackPermitted && config.sack;
  peer.hasTimestamps = options.hasTimestamps && config.timestamps > 0;
  peer.hasWscale = options.wscale >= 0 && config.windowScaling;
  peer.wscale = peer.hasWscale ? options.wscale : 0;
  if (!peer.hasWscale && (tcb.isPassive || syn.has(ACK))) {
    rcv.wscale = 0; // Linux forgets to in a simultaneous open
    // RCV.WND stays: a window that the field was too small to tell is accepted all the same (Linux).
    rcv.clamp = Math.min(rcv.clamp, 65535);
  }
  if (peer.hasTimestamps) {
    peer.tsRecent = options.tsval;
    peer.tsRecentAt = now;
  }
  snd.wnd = syn.wnd; // the window of a SYN is never scaled
  snd.maxWnd = syn.wnd;
}

/** The three-way handshake is done. */
export function establish(tcb: Tcb): void {
  const { recovery, settings, timers, fastOpen, now } = tcb;
  if (tcb.isPassive && !fastOpen.isChild) countHandshake(tcb);
  if (fastOpen.isChild) finishFastOpen(tcb);
  else beginTransfer(tcb);
  recovery.retransmits = 0;
  recovery.retransAt = -1;
  if (settings.keepalive) timers.keepaliveAt = now + keepaliveIdle(tcb);
  setState(tcb, 'ESTABLISHED');
}

/** Windows and congestion control of a connection that may send. */
function beginTransfer(tcb: Tcb): void {
  const { window, recovery, snd, probing, counters, now } = tcb;
  syncMss(tcb, tcb.path.mtu);
  beginMtuSearch(tcb);
  if (tcb.rtt.srtt8 === 0) tcb.rtt.fallBack();
  window.set(hadSynLoss(tcb) ? 1 : initialWindow(tcb));
  recovery.cwndStamp = now;
  recovery.cwndUsageSeq = snd.una;
  snd.lastSentAt = now;
  if (tcb.isPassive || tcb.state === 'SYN-SENT') tcb.delack.lastReceivedAt = now;
  window.ssthresh = INFINITE_SSTHRESH; // lost SYNs say nothing about the path
  snd.pushed = snd.nxt;
  snd.sml = snd.nxt;
  initReceiveBuffer(tcb);
  expandSendBuffer(tcb);
  tcb.delack.rcvMss = firstRcvMss(tcb);
  probing.lastHeardAt = now;
  counters.chronoSince = now;
  tcb.controller.onStart(now, snd.nxt);
}

/** A kernel has no socket before the handshake is over: SYN and ACK are all that it has seen, SYN,ACKs were not its own. */
function countHandshake(tcb: Tcb): void {
  tcb.counters.segsIn = 2;
  tcb.counters.segsOut = 0;
}

/** The ACK of the SYN,ACK came at last: data that went out before may be timed now. */
function finishFastOpen(tcb: Tcb): void {
  const { fastOpen, timers } = tcb;
  fastOpen.isChild = false;
  timers.clearTransmit();
  armRetransmitTimer(tcb);
}

/** TCP_KEEPIDLE or the sysctl. */
export function keepaliveIdle(tcb: Tcb): Nanos {
  return tcb.settings.keepIdle > 0 ? tcb.settings.keepIdle : tcb.config.keepaliveTime;
}

function begin(tcb: Tcb, iss: number): void {
  const { snd, peer, host, quad, delack } = tcb;
  snd.iss = iss;
  snd.una = iss;
  snd.nxt = iss;
  snd.end = iss;
  snd.up = iss;
  peer.tsOffset = tcb.config.timestamps === 1 ? host.isn.timestampOffset(quad) : 0;
  delack.ato = 0;
}

/** Our SYN takes one number and waits in the retransmission queue as data does. */
function queueSyn(tcb: Tcb): void {
  const { snd, queue, now } = tcb;
  queue.push(snd.iss, seqAdd(snd.iss, 1), Q_SYN, now);
  snd.nxt = seqAdd(snd.iss, 1);
  snd.end = snd.nxt;
}

/**
 * RFC 5681 3.1: after a lost SYN or SYN,ACK the initial window is one segment. Linux forgives the first loss, and all of
 * them when the peer's echo shows that the first SYN had arrived.
 */
function hadSynLoss(tcb: Tcb): boolean {
  return tcb.counters.totalRetrans > 1 && tcb.ack.tsecr !== tcb.peer.synTimestamp;
}

/** A guess at the peer's segment size until its data tells: no more than 536. */
function firstRcvMss(tcb: Tcb): number {
  const { snd, rcv } = tcb;
  const guess = Math.min(
    announcedMss(tcb) - headerOptionsSize(tcb),
    snd.mss,
    Math.floor(rcv.wnd / 2),
    DEFAULT_MSS,
  );
  return Math.max(guess, 88);
}
