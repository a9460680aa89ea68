/**
 * Segment sizes: what we announce, what we may send (RFC 9293 3.7.1, RFC 6691). `snd.mss` is without timestamps' bytes;
 * SACK blocks take more room away from the segment that carries them.
 */
import { TCP_HEADER_SIZE } from './header.ts';
import { DEFAULT_MSS, type Tcb } from './tcb.ts';

/** Timestamps with their padding. */
export const TIMESTAMPS_SIZE = 12;
const MIN_PMTU_HEADERS = 68;

/** The MSS for our SYN: from the route, and no more than TCP_MAXSEG. */
export function announcedMss(tcb: Tcb): number {
  const { path, settings } = tcb;
  const mss = path.advmss > 0 ? path.advmss : Math.min(path.mtu - path.ipHeaderSize - TCP_HEADER_SIZE, 65535);
  return settings.maxseg > 0 && settings.maxseg < mss ? settings.maxseg : mss;
}

/** The largest payload that the peer may send: the announced MSS without the bytes that timestamps take. */
export function largestInbound(tcb: Tcb): number {
  return announcedMss(tcb) - headerOptionsSize(tcb);
}

/** The largest payload that a packet of `mtu` bytes takes, within what the peer accepts. */
export function mssForMtu(tcb: Tcb, mtu: number): number {
  const mss = Math.min(mtu - tcb.path.ipHeaderSize - TCP_HEADER_SIZE, tcb.snd.mssClamp);
  return Math.max(mss, tcb.config.minSndMss) - headerOptionsSize(tcb);
}

/** The packet that a payload of `mss` bytes needs. */
export function mtuForMss(tcb: Tcb, mss: number): number {
  return mss + headerOptionsSize(tcb) + TCP_HEADER_SIZE + tcb.path.ipHeaderSize;
}

/** Bytes of options that every segment carries. */
export function headerOptionsSize(tcb: Tcb): number {
  return tcb.peer.hasTimestamps ? TIMESTAMPS_SIZE : 0;
}

/** Takes a path MTU and computes `snd.mss` anew: after the handshake, an ICMP message, a growing window. */
export function syncMss(tcb: Tcb, mtu: number): number {
  const { snd, pmtu } = tcb;
  pmtu.mtu = mtu;
  let mss = boundToHalfWindow(tcb, mssForMtu(tcb, mtu));
  if (pmtu.isProbing) mss = Math.min(mss, mssForMtu(tcb, pmtu.searchLow));
  snd.mss = mss;
  return mss;
}

/** The payload that a segment may carry now, options considered: Eff.snd.MSS. */
export function effectiveMss(tcb: Tcb): number {
  const { rcv, snd } = tcb;
  if (tcb.path.mtu !== tcb.pmtu.mtu) syncMss(tcb, tcb.path.mtu);
  const blocks = rcv.sack.length / 2 + (rcv.dsack === null ? 0 : 1);
  return blocks === 0 ? snd.mss : snd.mss - sackSize(tcb, blocks);
}

/** RFC 9293 3.8.6.2.1: no segment above half the largest window ever offered, so that two are always in flight. */
export function boundToHalfWindow(tcb: Tcb, size: number): number {
  const { maxWnd } = tcb.snd;
  const cutoff = maxWnd > DEFAULT_MSS ? maxWnd >>> 1 : maxWnd;
  if (cutoff === 0 || size <= cutoff) return size;
  return Math.max(cutoff, MIN_PMTU_HEADERS - TCP_HEADER_SIZE - headerOptionsSize(tcb));
}

/** How many SACK blocks fit beside the other options. */
export function sackBlocksThatFit(tcb: Tcb, wanted: number): number {
  return Math.min(wanted, Math.floor((40 - headerOptionsSize(tcb) - 4) / 8));
}

function sackSize(tcb: Tcb, blocks: number): number {
  return 4 + 8 * sackBlocksThatFit(tcb, blocks);
}
