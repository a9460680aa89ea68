/** Makes segments: header fields, options, window and ECN of everything that leaves (RFC 9293 3.10, tcp_output.c). */
import { ECN_ECT0, ECN_NOT_ECT } from '../../network/ip-packet.ts';
import { EMPTY, type Payload } from '../../packet/payload.ts';
import { MILLISECOND } from '../../sim/time.ts';
import { noteAckSent } from './delayed-ack.ts';
import { ACK, CWR, ECE, RST, SYN, TcpSegment, URG } from './header.ts';
import { announcedMss, sackBlocksThatFit } from './mss.ts';
import { NO_OPTIONS, NO_SACK, type SackEdges, TcpOptions } from './options.ts';
import { windowField } from './receive-window.ts';
import { seqAdd, seqDiff, seqGt, seqLt } from './seq.ts';
import type { Tcb } from './tcb.ts';

/** The timestamp clock of this connection: milliseconds with a secret offset. */
export function timestampNow(tcb: Tcb): number {
  return (Math.floor(tcb.now / MILLISECOND) + tcb.peer.tsOffset) >>> 0;
}

/** The number for a segment without data: SND.NXT, or the right edge of the window when that lies before it. */
export function acceptableSeq(tcb: Tcb): number {
  const { snd } = tcb;
  const right = seqAdd(snd.una, snd.wnd);
  if (!seqLt(right, snd.nxt)) return snd.nxt;
  // A window that shrank by less than one scaling unit is rounding.
  return tcb.peer.hasWscale && seqDiff(snd.nxt, right) < 1 << tcb.peer.wscale ? snd.nxt : right;
}

/** Sends an ACK without data. */
export function sendAck(tcb: Tcb): void {
  if (tcb.state === 'CLOSED') return;
  transmit(tcb, acceptableSeq(tcb), ACK, EMPTY, false);
}

/** Sends a probe: an ACK with a number that was acknowledged already, which draws an answer. @param isUrgent one further back */
export function sendProbeSegment(tcb: Tcb, isUrgent: boolean): void {
  transmit(tcb, seqAdd(tcb.snd.una, isUrgent ? 0 : -1), ACK, EMPTY, false);
}

/** Sends the RST of an ABORT: tcp_send_active_reset. */
export function sendReset(tcb: Tcb): void {
  tcb.host.mib.add('TcpOutRsts');
  transmit(tcb, acceptableSeq(tcb), RST | ACK, EMPTY, false);
}

/** Sends our SYN or SYN,ACK, anew with every call. */
export function sendSyn(tcb: Tcb, flags: number, options: TcpOptions, payload: Payload = EMPTY): void {
  const { rcv, snd, counters, quad, outbox } = tcb;
  const isAck = (flags & ACK) !== 0;
  if (isAck) rcv.wup = rcv.nxt;
  const wnd = Math.min(rcv.wnd, 65535);
  counters.segsOut++;
  outbox.put(
    new TcpSegment(
      quad.localPort,
      quad.remotePort,
      snd.iss,
      isAck ? rcv.nxt : 0,
      flags,
      wnd,
      options,
      payload,
    ),
    ECN_NOT_ECT,
  );
  if (isAck) noteAckSent(tcb);
}

/** Options of our SYN: what the host's sysctls allow, and Fast Open's in the first one. */
export function synOptions(tcb: Tcb): TcpOptions {
  const { config, rcv, peer, fastOpen } = tcb;
  return new TcpOptions(
    announcedMss(tcb),
    config.windowScaling ? rcv.wscale : -1,
    config.sack,
    config.timestamps > 0 ? timestampNow(tcb) : -1,
    peer.tsRecent,
    NO_SACK,
    fastOpen.cookie,
    fastOpen.isExperimental,
  );
}

/** Options of our SYN,ACK: what was offered and is allowed. In a simultaneous open Linux repeats its SYN with an ACK. */
export function synAckOptions(tcb: Tcb): TcpOptions {
  const { rcv, peer, fastOpen } = tcb;
  if (!tcb.isPassive && !fastOpen.isChild) return synOptions(tcb);
  return new TcpOptions(
    announcedMss(tcb),
    peer.hasWscale ? rcv.wscale : -1,
    peer.sackPermitted,
    peer.hasTimestamps ? timestampNow(tcb) : -1,
    peer.tsRecent,
    NO_SACK,
    fastOpen.cookie,
    fastOpen.isExperimental,
  );
}

/**
 * Sends one segment of a connection beyond its SYN.
 * @param isNewData data that leaves for the first time: it may carry ECT and CWR
 */
export function transmit(tcb: Tcb, seq: number, flags: number, payload: Payload, isNewData: boolean): void {
  const { quad, rcv, ecn, counters } = tcb;
  let all = flags;
  let field = ECN_NOT_ECT;
  if (ecn.isOn && (flags & (SYN | RST)) === 0) {
    if (isNewData && payload.size > 0) {
      field = ECN_ECT0;
      if (ecn.queueCwr) all |= CWR;
      ecn.queueCwr = false;
    }
    if (ecn.demandCwr) all |= ECE;
  }
  let urg = 0;
  if (tcb.snd.isUrgent && (flags & RST) === 0) {
    urg = urgentPointer(tcb, seq);
    if (urg > 0) all |= URG;
  }
  const options = establishedOptions(tcb, flags);
  const wnd = (flags & RST) !== 0 ? 0 : windowField(tcb);
  counters.segsOut++;
  if (payload.size > 0) {
    counters.dataSegsOut++;
    counters.bytesSent += payload.size;
    counters.lastDataSentAt = tcb.now;
  }
  if ((flags & ACK) !== 0) noteAckSent(tcb);
  tcb.outbox.put(
    new TcpSegment(quad.localPort, quad.remotePort, seq, rcv.nxt, all, wnd, options, payload, urg),
    field,
  );
}

function establishedOptions(tcb: Tcb, flags: number): TcpOptions {
  const { peer, rcv } = tcb;
  const sack = (flags & RST) === 0 && (rcv.sack.length > 0 || rcv.dsack !== null) ? sackEdges(tcb) : NO_SACK;
  if (peer.hasTimestamps) return TcpOptions.timestamps(timestampNow(tcb), peer.tsRecent, sack);
  return sack === NO_SACK ? NO_OPTIONS : new TcpOptions(0, -1, false, -1, 0, sack);
}

/** RFC 2018 and RFC 2883: the DSACK first, once; then the most recent blocks. */
function sackEdges(tcb: Tcb): SackEdges {
  const { rcv } = tcb;
  const edges: number[] = [];
  if (rcv.dsack !== null) edges.push(...rcv.dsack);
  const blocks = sackBlocksThatFit(tcb, (edges.length + rcv.sack.length) / 2);
  for (let i = 0; edges.length < blocks * 2; i++) edges.push(rcv.sack[i]!);
  rcv.dsack = null;
  return edges;
}

/** RFC 6093: the offset of the byte behind the urgent data, as everybody implements it. 0 = not urgent here. */
function urgentPointer(tcb: Tcb, seq: number): number {
  const { snd } = tcb;
  if (!seqLt(seq, snd.up)) return 0;
  if (seqLt(snd.up, seqAdd(seq, 0x10000))) return seqDiff(snd.up, seq);
  return seqGt(seqAdd(seq, 0xffff), snd.nxt) ? 0xffff : 0;
}
