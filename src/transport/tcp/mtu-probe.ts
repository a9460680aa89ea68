/** Packetization-layer path MTU discovery (RFC 4821): searches between what works and what may work. */
import { mtuForMss, syncMss } from './mss.ts';
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
  pmtu.searchHigh = Math.min(path.mtu, snd.mssClamp + path.ipHeaderSize + 20);
  pmtu.searchLow = mtuForMss(tcb, config.baseMss);
  pmtu.probeSize = 0;
  pmtu.probedAt = tcb.now;
}

function currentInNewUnits(segments: number, oldMss: number, newMss: number): number {
  return segments === 0 ? 0 : Math.max(1, Math.floor((segments * oldMss) / newMss));
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
