/** Keepalive (RFC 9293 3.8.4): probes an idle connection, and ends it when the peer stays silent. */
import { ETIMEDOUT } from '../../network/errno.ts';
import type { Nanos } from '../../sim/time.ts';
import { keepaliveIdle } from './handshake.ts';
import { enterTimeWait, finish } from './lifecycle.ts';
import { finTimeout } from './orphan.ts';
import { sendWindowProbe } from './persist.ts';
import type { Tcb } from './tcb.ts';
import { TIME_WAIT_LENGTH } from './time-wait.ts';
import { sendReset } from './transmit.ts';

export function keepaliveInterval(tcb: Tcb): Nanos {
  return tcb.settings.keepInterval > 0 ? tcb.settings.keepInterval : tcb.config.keepaliveInterval;
}

function keepaliveCount(tcb: Tcb): number {
  return tcb.settings.keepCount > 0 ? tcb.settings.keepCount : tcb.config.keepaliveProbes;
}

/** The keepalive timer expired; an orphan in FIN-WAIT-2 uses it for the end of its wait. */
export function onKeepaliveTimeout(tcb: Tcb): void {
  const { timers, settings, now } = tcb;
  timers.keepaliveAt = Number.POSITIVE_INFINITY;
  if (tcb.isOrphan && tcb.state === 'FIN-WAIT-2') {
    endOrphan(tcb);
    return;
  }
  if (!settings.keepalive || tcb.state === 'SYN-SENT' || tcb.state === 'CLOSED') return;
  if (tcb.packetsOut > 0 || tcb.unsent > 0) {
    timers.keepaliveAt = now + keepaliveIdle(tcb); // what is in flight probes well enough
    return;
  }
  const wait = probeIfSilent(tcb);
  if (wait > 0) timers.keepaliveAt = now + wait;
}

/** SO_KEEPALIVE or TCP_KEEPIDLE changed. */
export function restartKeepalive(tcb: Tcb): void {
  const { timers, settings, probing, now } = tcb;
  if (!settings.keepalive) {
    if (!(tcb.isOrphan && tcb.state === 'FIN-WAIT-2')) timers.keepaliveAt = Number.POSITIVE_INFINITY;
    return;
  }
  if (tcb.state === 'CLOSED' || tcb.state === 'SYN-SENT') return;
  const idle = now - Math.max(probing.lastHeardAt, tcb.delack.lastReceivedAt);
  timers.keepaliveAt = now + Math.max(keepaliveIdle(tcb) - idle, 0);
}

/** @returns the time to the next look; 0 when the connection is over */
function probeIfSilent(tcb: Tcb): Nanos {
  const { probing, delack, settings, recovery, now } = tcb;
  const silent = now - Math.max(probing.lastHeardAt, delack.lastReceivedAt);
  const idle = keepaliveIdle(tcb);
  if (silent < idle) return idle - silent;
  const isExpired =
    settings.userTimeout > 0
      ? silent >= settings.userTimeout && recovery.probesOut > 0
      : recovery.probesOut >= keepaliveCount(tcb);
  if (isExpired) {
    sendReset(tcb);
    finish(tcb, tcb.softError || ETIMEDOUT);
    return 0;
  }
  sendWindowProbe(tcb);
  recovery.probesOut++;
  return keepaliveInterval(tcb);
}

function endOrphan(tcb: Tcb): void {
  if (tcb.settings.linger2 >= 0) {
    const left = finTimeout(tcb) - TIME_WAIT_LENGTH;
    if (left > 0) {
      enterTimeWait(tcb, 'FIN-WAIT-2', left);
      return;
    }
  }
  sendReset(tcb);
  finish(tcb, 0);
}
