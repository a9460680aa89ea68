/**
 * Segmentation offload as it shows on the wire: how many segments leave as one chunk, and when a chunk waits to become
 * larger (tcp_tso_autosize, tcp_tso_should_defer).
 */
import { MICROSECOND, MILLISECOND } from '../../sim/time.ts';
import { boundToHalfWindow } from './mss.ts';
import type { NagleMode } from './nagle.ts';
import type { Tcb } from './tcb.ts';

const GSO_MAX_SIZE = 65536;
const MAX_SEGMENTS = 65535;

/** Segments in a chunk: about a millisecond at the pacing rate, more when the RTT is short; at least tcp_min_tso_segs. */
export function chunkSegments(tcb: Tcb, mss: number): number {
  if (!tcb.path.hasSegmentationOffload) return 1;
  const { config, rtt } = tcb;
  let bytes = pacingRate(tcb) / 1024;
  const shift = Math.min(Math.floor(Math.min(rtt.minUs, 0xffffffff) / powerOf2(config.tsoRttLog)), 32);
  if (shift < 17) bytes += GSO_MAX_SIZE >> shift;
  bytes = Math.min(bytes, GSO_MAX_SIZE - 1 - 320);
  return Math.min(Math.max(Math.floor(bytes / mss), config.minTsoSegs), MAX_SEGMENTS);
}

/** The rate at which a paced sender would send, bytes per second: twice cwnd per RTT in slow start, 1.2 times after. */
export function pacingRate(tcb: Tcb): number {
  const { rtt, window, config, snd, settings } = tcb;
  if (rtt.srtt8 === 0) return settings.maxPacingRate;
  const ratio = window.cwnd < window.ssthresh / 2 ? config.pacingSsRatio : config.pacingCaRatio;
  const perSecond = (snd.mss * Math.max(window.cwnd, tcb.packetsOut) * ratio * 8 * 10_000) / rtt.srtt8;
  return Math.min(perSecond, settings.maxPacingRate);
}

/** How long the largest burst takes at the pacing rate: ACKs of one train may be that far apart. us, at most 1 ms. */
export function burstDelayUs(tcb: Tcb): number {
  const rate = pacingRate(tcb);
  return rate === Number.POSITIVE_INFINITY
    ? 0
    : Math.min(1000, Math.floor((GSO_MAX_SIZE * 4 * 1_000_000) / rate));
}

/** Whether the chunk should wait for an ACK that lets it grow, and what keeps it small. */
export function deferral(
  tcb: Tcb,
  chunk: number,
  mode: NagleMode,
  room: number,
  maxSegments: number,
): 'none' | 'cwnd' | 'rwnd' | 'patience' {
  const { snd, window, recovery, queue, config, rtt, now } = tcb;
  if (recovery.state === 'recovery' || recovery.state === 'loss') return 'none';
  if (now - snd.lastSentAt > MILLISECOND) return 'none'; // the last burst is long ago: no burst to avoid
  const cwndRoom = (window.cwnd - tcb.inFlight) * snd.mss;
  const limit = Math.min(room, cwndRoom);
  if (limit >= maxSegments * snd.mss) return 'none';
  if (mode === 'push' && limit >= chunk) return 'none';
  if (config.tsoWinDivisor > 0) {
    const share = Math.min(snd.wnd, window.cwnd * snd.mss) / config.tsoWinDivisor;
    if (limit >= Math.floor(share)) return 'none';
  } else if (limit > 3 * snd.mss) return 'none';
  if (queue.size === 0) return 'none';
  // An ACK is expected one RTT after the first segment in flight: only one that is about to come is worth waiting for
  // (within a millisecond, or half an RTT if that is less: measured on 6.18).
  const srtt = (rtt.srtt8 * MICROSECOND) / 8;
  if (queue.sentAt(0) + srtt - now > Math.min(srtt / 2, MILLISECOND)) return 'none';
  if (cwndRoom < room && cwndRoom <= chunk) return 'cwnd';
  if (cwndRoom >= room && room <= chunk) return 'rwnd';
  return snd.finQueued || snd.eorMarks.length > 0 ? 'none' : 'patience';
}

function powerOf2(n: number): number {
  return 1 << Math.min(n, 30);
}

/** Chunks that the unsent bytes lie in. */
export function chunkCount(tcb: Tcb): number {
  return tcb.unsent === 0 ? 0 : Math.ceil(tcb.unsent / sizeGoal(tcb, tcb.snd.mss));
}

/** Bytes that a write puts into one chunk: what a card takes, no more than half the peer's window, whole segments. */
export function sizeGoal(tcb: Tcb, mss: number): number {
  if (!tcb.path.hasSegmentationOffload) return mss;
  const most = boundToHalfWindow(tcb, GSO_MAX_SIZE - 1 - 320);
  return Math.max(mss, most - (most % mss));
}
