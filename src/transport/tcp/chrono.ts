/** What holds a flow back, for TCP_INFO: time with data in flight, and of that, time limited by the peer's window or our buffer. */
import type { Tcb } from './tcb.ts';

export type Limitation = 'busy' | 'rwnd' | 'sndbuf';
const RANK = { none: 0, busy: 1, rwnd: 2, sndbuf: 3 } as const;

/** A limitation begins; a stronger one goes on. */
export function startChrono(tcb: Tcb, what: Limitation): void {
  if (RANK[what] > RANK[tcb.counters.chrono]) switchTo(tcb, what);
}

/** A limitation ends: back to busy while anything is queued. */
export function stopChrono(tcb: Tcb, what: Limitation): void {
  const { counters } = tcb;
  if (tcb.packetsOut === 0 && tcb.unsent === 0) {
    if (counters.chrono !== 'none') switchTo(tcb, 'none');
  } else if (counters.chrono === what) switchTo(tcb, 'busy');
}

/** Adds the running span to its sum. */
export function updateChrono(tcb: Tcb): void {
  switchTo(tcb, tcb.counters.chrono);
}

function switchTo(tcb: Tcb, what: Limitation | 'none'): void {
  const { counters, now } = tcb;
  const span = now - counters.chronoSince;
  if (counters.chrono === 'busy') counters.busy += span;
  else if (counters.chrono === 'rwnd') counters.rwndLimited += span;
  else if (counters.chrono === 'sndbuf') counters.sndbufLimited += span;
  counters.chrono = what;
  counters.chronoSince = now;
}
