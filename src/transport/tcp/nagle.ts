/** Nagle's algorithm (RFC 9293 3.7.4) in Minshall's form, TCP_NODELAY and TCP_CORK: may a small segment go? */
import { seqGt } from './seq.ts';
import type { Tcb } from './tcb.ts';

/** `as-set`: by the socket's options; `cork`: the caller announced more (MSG_MORE); `push`: small segments may go. */
export type NagleMode = 'as-set' | 'cork' | 'push';

/**
 * @param length sequence space up to the end of what would be sent, at most one segment
 * @returns true when it has to wait for more data or for an ACK
 */
export function holdsBack(tcb: Tcb, mss: number, mode: NagleMode, length: number): boolean {
  const { snd, settings } = tcb;
  if (mode === 'push' || length >= mss || snd.isUrgent) return false;
  if (snd.finQueued && length === tcb.unsent) return false; // the FIN makes it the last
  if (mode === 'cork' || settings.cork) return true;
  if (settings.nodelay) return false;
  return tcb.packetsOut > 0 && isSmallInFlight(tcb);
}

/** Minshall: only a small segment that is not yet acknowledged holds the next small one back. */
function isSmallInFlight(tcb: Tcb): boolean {
  const { snd } = tcb;
  return seqGt(snd.sml, snd.una) && !seqGt(snd.sml, snd.nxt);
}
