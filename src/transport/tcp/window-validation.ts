/**
 * A congestion window that was not used says nothing about the path: RFC 7661's idea as Linux has had it since RFC 2861.
 * The window decays over idle time, and does not grow while the application is what limits the flow.
 */
import { startChrono } from './chrono.ts';
import { seqLt } from './seq.ts';
import type { Tcb } from './tcb.ts';

export const INIT_CWND = 10;

/** RFC 3390, RFC 6928: the initial window in segments; a lost SYN makes it one (RFC 5681 3.1). */
export function initialWindow(tcb: Tcb): number {
  return tcb.path.initcwnd > 0 ? tcb.path.initcwnd : INIT_CWND;
}

/** The user writes while nothing is in flight: halve cwnd for every RTO of silence, down to the restart window. */
export function restartAfterIdle(tcb: Tcb): void {
  const { snd, window, config, rtt, recovery, now } = tcb;
  const idle = now - snd.lastSentAt;
  if (!config.slowStartAfterIdle || tcb.packetsOut > 0 || idle <= rtt.rto) return;
  const restart = Math.min(initialWindow(tcb), window.cwnd);
  window.ssthresh = currentSsthresh(tcb);
  let { cwnd } = window;
  for (let left = idle - rtt.rto; left > 0 && cwnd > restart; left -= rtt.rto) cwnd >>= 1;
  window.set(Math.max(cwnd, restart));
  recovery.cwndStamp = now;
  window.used = 0;
}

/** ssthresh that remembers three quarters of a window that is about to shrink for lack of use. */
export function currentSsthresh(tcb: Tcb): number {
  const { window, recovery } = tcb;
  if (recovery.state === 'cwr' || recovery.state === 'recovery') return window.ssthresh;
  return Math.max(window.ssthresh, (window.cwnd >> 1) + (window.cwnd >> 2));
}

/** After sending: was the window filled? Tracks the fullest flight of the present round. */
export function validateWindow(tcb: Tcb, isLimited: boolean): void {
  const { snd, window, recovery, rtt, config, now } = tcb;
  const isNewRound = !seqLt(snd.una, recovery.cwndUsageSeq);
  if (isNewRound || isLimited || (!window.isLimited && tcb.packetsOut > window.maxPacketsOut)) {
    window.isLimited = isLimited;
    window.maxPacketsOut = tcb.packetsOut;
    recovery.cwndUsageSeq = snd.nxt;
  }
  if (window.isCwndLimited) {
    window.used = 0;
    recovery.cwndStamp = now;
    return;
  }
  window.used = Math.max(window.used, tcb.packetsOut);
  if (config.slowStartAfterIdle && now - recovery.cwndStamp >= rtt.rto) shrinkUnused(tcb);
  if (
    tcb.unsent === 0 &&
    tcb.isSenderBlocked &&
    (tcb.state === 'ESTABLISHED' || tcb.state === 'CLOSE-WAIT')
  ) {
    startChrono(tcb, 'sndbuf');
  }
}

/** The application has limited the flow for an RTO: move cwnd half way to what it used. */
function shrinkUnused(tcb: Tcb): void {
  const { window, recovery, now } = tcb;
  if (recovery.state === 'open' && !tcb.isSenderBlocked) {
    const used = Math.max(window.used, initialWindow(tcb));
    if (used < window.cwnd) {
      window.ssthresh = currentSsthresh(tcb);
      window.set((window.cwnd + used) >> 1);
    }
    window.used = 0;
  }
  recovery.cwndStamp = now;
}
