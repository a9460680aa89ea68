/**
 * The port of congestion control. A controller decides how large the window is; recovery (its own room) decides what is
 * lost and when the window is reduced. Windows are counted in segments, as Linux counts them: a small segment weighs as
 * much as a full one.
 */
import type { Nanos } from '../../../sim/time.ts';

/** ssthresh before the first congestion event: TCP_INFINITE_SSTHRESH. */
export const INFINITE_SSTHRESH = 0x7fffffff;

/** The congestion window of one connection: RFC 5681's variables in segments. */
export class CongestionWindow {
  cwnd = 10;
  ssthresh = INFINITE_SSTHRESH;
  /** Upper bound of cwnd, from route metrics. */
  clamp = 0xffffffff;
  /** Segments acknowledged since cwnd last grew in congestion avoidance. */
  count = 0;
  /** cwnd before the last reduction, for undo. */
  priorCwnd = 0;
  /** The last flight filled cwnd. */
  isLimited = false;
  /** Most segments in flight during the present window. */
  maxPacketsOut = 0;
  /** RFC 7661-like validation: most segments out while the application limited the flow. */
  used = 0;

  get isSlowStart(): boolean {
    return this.cwnd < this.ssthresh;
  }

  /** May cwnd grow? Only a window that was used says anything about the path. */
  get isCwndLimited(): boolean {
    return this.isLimited || (this.isSlowStart && this.cwnd < 2 * this.maxPacketsOut);
  }

  set(cwnd: number): void {
    this.cwnd = Math.max(1, Math.min(cwnd, this.clamp));
  }

  /** RFC 5681 3.1: one segment per acknowledged segment, up to ssthresh. @returns the segments that are left over */
  slowStart(acked: number): number {
    const cwnd = Math.min(this.cwnd + acked, this.ssthresh);
    const left = acked - (cwnd - this.cwnd);
    this.cwnd = Math.min(cwnd, this.clamp);
    return left;
  }

  /** Congestion avoidance: one segment more for each `per` acknowledged ones. */
  increase(per: number, acked: number): void {
    if (this.count >= per) {
      this.count = 0;
      this.cwnd++;
    }
    this.count += acked;
    if (this.count >= per) {
      const steps = Math.floor(this.count / per);
      this.count -= steps * per;
      this.cwnd += steps;
    }
    this.cwnd = Math.min(this.cwnd, this.clamp);
  }
}

/** What a controller may look at when an ACK arrives. */
export class AckFacts {
  now: Nanos = 0;
  /** Segments newly delivered. */
  acked = 0;
  /** RTT of the newest of them in us, or -1. */
  rttUs = -1;
  /** Smoothed RTT and minimum RTT, us; 0 and Infinity when not yet known. */
  srttUs = 0;
  minRttUs: number = Number.POSITIVE_INFINITY;
  /** SND.UNA and SND.NXT after the ACK. */
  sndUna = 0;
  sndNxt = 0;
  /** Segments in flight before the ACK. */
  inFlight = 0;
  /** How long the largest burst takes at the pacing rate, us; at most 1 ms. */
  burstDelayUs = 0;
}

export interface CongestionController {
  /** As in `net.ipv4.tcp_congestion_control`. */
  readonly name: string;
  /** ACKs came outside of a reduction: the window may grow. */
  onAck(window: CongestionWindow, facts: AckFacts): void;
  /** Every ACK with an RTT sample, reduction or not. */
  onRttSample(window: CongestionWindow, facts: AckFacts): void;
  /** A congestion event. @returns the new ssthresh */
  ssthresh(window: CongestionWindow): number;
  /** The congestion event was spurious. @returns the window to go back to */
  undoCwnd(window: CongestionWindow): number;
  /** The connection is established. */
  onStart(now: Nanos, sndNxt: number): void;
  /** Loss recovery begins anew after an RTO: what was learnt about the path is forgotten. */
  onTimeout(now: Nanos, sndNxt: number): void;
  /** Data leaves after a silence in which nothing was in flight. */
  onRestart(window: CongestionWindow, now: Nanos, lastSentAt: Nanos): void;
}
