/** RACK's reordering wait is over (RFC 8985 6.3): what has not arrived by now is lost. */
import { markOverdue } from './rack.ts';
import { enterRecovery } from './recovery.ts';
import { retransmitLost } from './retransmit.ts';
import { armRetransmitTimer } from './retransmit-timer.ts';
import type { Tcb } from './tcb.ts';
import { reduceWindow } from './window-reduction.ts';

export function onReorderTimeout(tcb: Tcb): void {
  const { recovery, timers } = tcb;
  const inFlight = tcb.inFlight;
  const lostBefore = tcb.counters.lost;
  markOverdue(tcb);
  if (tcb.inFlight !== inFlight) {
    if (recovery.state !== 'recovery') {
      tcb.ack.reset(inFlight, -1);
      enterRecovery(tcb);
      reduceWindow(tcb, 1, tcb.counters.lost - lostBefore, false);
    }
    retransmitLost(tcb);
  }
  if (timers.transmit !== 'retransmit') armRetransmitTimer(tcb);
}
