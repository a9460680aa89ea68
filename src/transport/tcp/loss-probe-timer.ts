/** When a tail loss probe is due (RFC 8985 7.2): two RTTs after the last transmission, before the RTO. */
import { MICROSECOND, MILLISECOND } from '../../sim/time.ts';
import { timeToRto } from './retransmit-timer.ts';
import { TIMEOUT_INIT } from './rtt.ts';
import type { Tcb } from './tcb.ts';

const TIMEOUT_MIN = 2 * MILLISECOND;

/**
 * Turns the retransmission timer into a probe timer, if a probe may help.
 * @param isAdvancing an ACK just restarted the RTO, so that it counts from now
 */
export function scheduleLossProbe(tcb: Tcb, isAdvancing: boolean): boolean {
  const { config, rtt, recovery, timers, now } = tcb;
  const isEnabled = config.earlyRetrans === 3 || config.earlyRetrans === 4;
  const isCalm = recovery.state === 'open' || recovery.state === 'cwr';
  if (tcb.fastOpen.isChild || !isEnabled || tcb.packetsOut === 0 || !tcb.peer.sackPermitted || !isCalm)
    return false;
  let delay = TIMEOUT_INIT;
  if (rtt.srtt8 > 0) {
    // One segment in flight: its ACK may be a delayed one.
    delay = (rtt.srtt8 >>> 2) * MICROSECOND + (tcb.packetsOut === 1 ? config.rtoMin : TIMEOUT_MIN);
  }
  const rto = isAdvancing ? rtt.rto : timeToRto(tcb);
  if (rto > 0) delay = Math.min(delay, rto);
  timers.setTransmit('loss-probe', now + delay);
  return true;
}
