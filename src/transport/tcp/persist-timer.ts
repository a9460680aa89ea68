/** When a zero window is probed (RFC 9293 3.8.6.1): after an RTO, then with exponential backoff. */
import type { Nanos } from '../../sim/time.ts';
import { powerOfTwo } from './retransmit-timer.ts';
import type { Tcb } from './tcb.ts';

/** Starts the probe timer unless something is in flight or a timer runs: also frees what a cork holds back. */
export function armPersistTimer(tcb: Tcb): void {
  if (tcb.packetsOut > 0 || tcb.timers.transmit !== 'off') return;
  tcb.timers.setTransmit('persist', tcb.now + persistBase(tcb));
}

/** The time to the next probe, backoff included. */
export function persistInterval(tcb: Tcb): Nanos {
  const { recovery, config } = tcb;
  return Math.min(persistBase(tcb) * powerOfTwo(recovery.backoff), config.rtoMax);
}

function persistBase(tcb: Tcb): Nanos {
  return Math.max(tcb.rtt.rto, tcb.config.rtoMin);
}
