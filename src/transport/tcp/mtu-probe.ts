/** Packetization-layer path MTU discovery (RFC 4821): searches between what works and what may work. */
import { TCP_HEADER_SIZE } from './header.ts';
import { mssForMtu, mtuForMss, syncMss } from './mss.ts';
import { seqAdd, seqDiff } from './seq.ts';
import type { Tcb } from './tcb.ts';

/** The probe was lost while what surrounds it arrived: that size does not fit. */
export function mtuProbeFailed(tcb: Tcb): void {
  const { pmtu } = tcb;
  pmtu.searchHigh = pmtu.probeSize - 1;
  pmtu.probeSize = 0;
  tcb.host.mib.add('TcpExtTCPMTUPFail');
}

/** The probe was acknowledged: segments of that size from now on; the window stays the same in bytes. */
export function mtuProbeSucceeded(tcb: Tcb): void {
  const { pmtu, window, snd, recovery } = tcb;
  const oldMss = snd.mss;
  pmtu.searchLow = pmtu.probeSize;
  pmtu.probeSize = 0;
  const newMss = syncMss(tcb, pmtu.mtu);
  recovery.priorSsthresh = currentInNewUnits(recovery.priorSsthresh, oldMss, newMss);
  window.set(currentInNewUnits(window.cwnd, oldMss, newMss));
  tcb.host.mib.add('TcpExtTCPMTUPSuccess');
}

/** Begins the search: from tcp_base_mss up to what the device takes. */
export function beginMtuSearch(tcb: Tcb): void {
  const { pmtu, config, snd, path } = tcb;
  pmtu.isProbing = config.mtuProbing > 1;
  pmtu.searchHigh = snd.mssClamp + path.ipHeaderSize + TCP_HEADER_SIZE;
  pmtu.searchLow = mtuForMss(tcb, config.baseMss);
  pmtu.probeSize = 0;
  pmtu.probedAt = tcb.now;
}

function currentInNewUnits(segments: number, oldMss: number, newMss: number): number {
  return segments === 0 ? 0 : Math.max(1, Math.floor((segments * oldMss) / newMss));
}

/** What {@link nextProbe} says besides a size: no probe now; or hold everything back until there is room for one. */
export const NO_PROBE = 0;
export const WAIT_FOR_ROOM = -1;
/** A probe counts for two segments, and the window must leave room to find its loss by duplicates. */
const LEAST_CWND = 11;

/** The payload of a probe to send now (RFC 4821 7.3): half way between what works and what may work. */
export function nextProbe(tcb: Tcb): number {
  const { pmtu, recovery, window, rcv, snd, config } = tcb;
  const isPossible =
    pmtu.isProbing && pmtu.probeSize === 0 && recovery.state === 'open' && window.cwnd >= LEAST_CWND;
  if (!isPossible || rcv.sack.length > 0 || rcv.dsack !== null) return NO_PROBE;
  const size = mssForMtu(tcb, (pmtu.searchHigh + pmtu.searchLow) >> 1);
  if (size > mssForMtu(tcb, pmtu.searchHigh) || pmtu.searchHigh - pmtu.searchLow < config.probeThreshold) {
    restartSearch(tcb);
    return NO_PROBE;
  }
  const needed = size + (recovery.reordering + 1) * snd.mss;
  const hasRecordEnd = snd.eorMarks.length > 0 && seqDiff(snd.eorMarks[0]!, snd.nxt) < size;
  if (tcb.unsent < needed || snd.wnd < needed || hasRecordEnd) return NO_PROBE;
  if (seqDiff(seqAdd(snd.una, snd.wnd), snd.nxt) < needed) return WAIT_FOR_ROOM;
  if (tcb.inFlight + 2 > window.cwnd) return tcb.inFlight === 0 ? NO_PROBE : WAIT_FOR_ROOM;
  return size;
}

/** The probe has left. */
export function noteProbeSent(tcb: Tcb, size: number): void {
  const { pmtu, window, snd } = tcb;
  window.set(window.cwnd - 1); // it is as good as two segments
  pmtu.probeSize = mtuForMss(tcb, size);
  pmtu.probeStart = seqAdd(snd.nxt, -size);
  pmtu.probeEnd = snd.nxt;
}

/** The search has ended; after tcp_probe_interval it begins anew, for paths change. */
function restartSearch(tcb: Tcb): void {
  const { pmtu, config, snd, now } = tcb;
  if (now - pmtu.probedAt < config.probeInterval) return;
  pmtu.searchHigh = snd.mssClamp + tcb.path.ipHeaderSize + TCP_HEADER_SIZE;
  pmtu.searchLow = mtuForMss(tcb, snd.mss);
  pmtu.probedAt = now;
}

/** tcp_retries1 timeouts without an answer: perhaps only large packets vanish (RFC 4821 7.7). Try smaller ones. */
export function blackHoleDetected(tcb: Tcb): void {
  const { pmtu, config, path } = tcb;
  if (config.mtuProbing === 0) return;
  if (!pmtu.isProbing) {
    pmtu.isProbing = true;
    pmtu.probedAt = tcb.now;
  } else {
    const half = (pmtu.searchLow - path.ipHeaderSize - 20) >> 1;
    const mss = Math.max(Math.min(config.baseMss, half), config.mtuProbeFloor, config.minSndMss);
    pmtu.searchLow = mtuForMss(tcb, mss);
  }
  syncMss(tcb, pmtu.mtu);
}
