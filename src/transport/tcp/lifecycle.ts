/** Changes of state (RFC 9293 3.3.2) and the ends of a connection: done, reset, TIME-WAIT. */
import { ECONNREFUSED, ECONNRESET, EPIPE } from '../../network/errno.ts';
import type { Nanos } from '../../sim/time.ts';
import type { TcpState } from './state.ts';
import type { Tcb } from './tcb.ts';
import { TimeWait } from './time-wait.ts';

export function setState(tcb: Tcb, state: TcpState): void {
  const from = tcb.state;
  if (from === state) return;
  tcb.state = state;
  tcb.user.onStateChange(from, state);
}

/** The connection is over: nothing in flight, no timers. @param error errno for the user, 0 = none */
export function finish(tcb: Tcb, error: number): void {
  release(tcb);
  if (error !== 0) {
    tcb.error = error;
    if (!tcb.isOrphan) tcb.user.onError(error);
  }
  setState(tcb, 'CLOSED');
}

/** A valid RST came (L42): each state has its errno. */
export function finishByReset(tcb: Tcb): void {
  const errno = tcb.state === 'SYN-SENT' ? ECONNREFUSED : tcb.state === 'CLOSE-WAIT' ? EPIPE : ECONNRESET;
  finish(tcb, errno);
}

/** Hands the connection's name to a record that waits: in TIME-WAIT, or for the FIN that an orphan is owed. */
export function enterTimeWait(tcb: Tcb, substate: 'FIN-WAIT-2' | 'TIME-WAIT', timeout: Nanos): void {
  const { quad, snd, rcv, peer, config, now } = tcb;
  const record = new TimeWait(
    {
      substate,
      localPort: quad.localPort,
      remotePort: quad.remotePort,
      sndNxt: snd.nxt,
      rcvNxt: rcv.nxt,
      rcvWnd: rcv.wnd,
      rcvWscale: rcv.wscale,
      hasTimestamps: peer.hasTimestamps,
      tsRecent: peer.tsRecent,
      tsRecentAt: peer.tsRecentAt,
      tsOffset: peer.tsOffset,
      timeout,
      rfc1337: config.rfc1337,
      invalidRateLimit: config.invalidRateLimit,
    },
    now,
  );
  release(tcb);
  tcb.user.onTimeWait(record); // first: the owner gives the record the name that the connection still has
  setState(tcb, substate === 'TIME-WAIT' ? 'TIME-WAIT' : 'CLOSED');
}

function release(tcb: Tcb): void {
  tcb.timers.clearAll();
  tcb.queue.clear();
  tcb.reassembly.clear();
  tcb.rcv.reassemblyMemory = 0;
  tcb.sendBuffer.drop(tcb.sendBuffer.size);
  tcb.snd.end = tcb.snd.nxt;
}
