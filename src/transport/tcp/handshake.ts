/**
 * Opening (RFC 9293 3.5): SYNs, the agreement on options, and what begins once both sides are ESTABLISHED. The rules for
 * segments in LISTEN, SYN-SENT and SYN-RECEIVED are in `segment-arrives`.
 */
import type { Nanos } from '../../sim/time.ts';
import { ACK, CWR, ECE, SYN, type TcpSegment } from './header.ts';
import { setState } from './lifecycle.ts';
import { announcedMss, headerOptionsSize, syncMss } from './mss.ts';
import { beginMtuSearch } from './mtu-probe.ts';
import { initReceiveBuffer, selectInitialWindow } from './receive-window.ts';
import { Q_SYN } from './retransmission-queue.ts';
import { TIMEOUT_INIT } from './rtt.ts';
import { expandSendBuffer } from './send-space.ts';
import { seqAdd } from './seq.ts';
import { DEFAULT_MSS, type Tcb } from './tcb.ts';
import { sendSyn, synAckOptions, synOptions, timestampNow } from './transmit.ts';
import { initialWindow } from './window-validation.ts';

/** Active OPEN: sends a SYN, enters SYN-SENT. */
export function openActive(tcb: Tcb, iss: number): void {
  tcb.isOwned = true;
  const { config, settings, snd } = tcb;
  begin(tcb, iss);
  snd.mssClamp = settings.maxseg > 0 ? settings.maxseg : Math.max(DEFAULT_MSS, announcedMss(tcb));
  syncMss(tcb, tcb.path.mtu);
  selectInitialWindow(tcb, config.windowScaling);
  tcb.delack.rcvMss = firstRcvMss(tcb);
  tcb.ecn.isOn = config.ecn === 1;
  tcb.peer.synTimestamp = timestampNow(tcb);
  tcb.recovery.retransAt = tcb.now; // a user timeout counts from the first SYN
  tcb.recovery.retransStamp = tcb.peer.synTimestamp;
  setState(tcb, 'SYN-SENT');
  queueSyn(tcb);
  sendSyn(tcb, SYN | (tcb.ecn.isOn ? ECE | CWR : 0), synOptions(tcb));
  tcb.timers.setTransmit('retransmit', tcb.now + TIMEOUT_INIT);
}

/** A listener got a SYN: answers it, enters SYN-RECEIVED. */
export function openPassive(tcb: Tcb, syn: TcpSegment, tos: number, iss: number): void {
  const { config, snd } = tcb;
  tcb.isPassive = true;
  begin(tcb, iss);
  takeSyn(tcb, syn);
  tcb.ecn.isOn = config.ecn > 0 && syn.has(ECE | CWR) && (tos & 3) === 0;
  selectInitialWindow(tcb, tcb.peer.hasWscale);
  if (!tcb.peer.hasWscale) tcb.rcv.wscale = 0;
  syncMss(tcb, tcb.path.mtu);
  tcb.delack.rcvMss = firstRcvMss(tcb);
  snd.wl1 = syn.seq;
  setState(tcb, 'SYN-RECEIVED');
  queueSyn(tcb);
  sendSynAck(tcb);
  tcb.timers.setTransmit('syn-ack', tcb.now + TIMEOUT_INIT);
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
  if (!peer.hasWscale) {
    rcv.wscale = 0;
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

/** The three-way handshake is done: windows, congestion control and timers of a new connection. */
export function establish(tcb: Tcb): void {
  const { window, recovery, snd, settings, timers, probing, counters, now } = tcb;
  syncMss(tcb, tcb.path.mtu);
  beginMtuSearch(tcb);
  window.set(recovery.undoMarker >= 0 || hadSynLoss(tcb) ? 1 : initialWindow(tcb));
  recovery.cwndStamp = now;
  recovery.cwndUsageSeq = snd.una;
  snd.lastSentAt = now;
  snd.pushed = snd.nxt;
  snd.sml = snd.nxt;
  initReceiveBuffer(tcb);
  expandSendBuffer(tcb);
  tcb.delack.rcvMss = firstRcvMss(tcb);
  probing.lastHeardAt = now;
  counters.chronoSince = now;
  recovery.retransmits = 0;
  recovery.retransAt = -1;
  if (settings.keepalive) timers.keepaliveAt = now + keepaliveIdle(tcb);
  tcb.controller.onStart(now, snd.nxt);
  setState(tcb, 'ESTABLISHED');
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

/** RFC 5681 3.1: after a lost SYN or SYN,ACK the initial window is one segment. Linux allows the first loss. */
function hadSynLoss(tcb: Tcb): boolean {
  return tcb.counters.totalRetrans > 1 && tcb.rtt.srtt8 === 0;
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
