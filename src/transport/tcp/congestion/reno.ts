/** Reno's window (RFC 5681): slow start, congestion avoidance, half on loss. */
import type { AckFacts, CongestionController, CongestionWindow } from './controller.ts';

export class Reno implements CongestionController {
  readonly name = 'reno';

  onAck(window: CongestionWindow, facts: AckFacts): void {
    if (!window.isCwndLimited) return;
    let { acked } = facts;
    if (window.isSlowStart) {
      acked = window.slowStart(acked);
      if (acked === 0) return;
    }
    window.increase(window.cwnd, acked);
  }

  onRttSample(): void {}

  ssthresh(window: CongestionWindow): number {
    return Math.max(window.cwnd >> 1, 2);
  }

  undoCwnd(window: CongestionWindow): number {
    return Math.max(window.cwnd, window.priorCwnd);
  }

  onStart(): void {}

  onTimeout(): void {}

  onRestart(): void {}
}
