/** The zero-window probe (RFC 9293 3.8.6.1): for ever while the peer answers, else as often as a retransmission. */
import { ETIMEDOUT } from '../../network/errno.ts';
import { finish } from './lifecycle.ts';
import { effectiveMss } from './mss.ts';
import { forcePush } from './output.ts';
import { persistInterval } from './persist-timer.ts';
import { orphanRetries } from './retransmission-timeout.ts';
import { seqAdd, seqDiff, seqGt } from './seq.ts';
import type { Tcb } from './tcb.ts';
import { sendProbeSegment } from './transmit.ts';

export function onPersistTimeout(tcb: Tcb): void {
  const { recovery, probing, settings, config, timers, now } = tcb;
  timers.clearTransmit();
  if (tcb.packetsOut > 0 || tcb.unsent === 0) {
    stopProbing(tcb);
    return;
  }
  if (isExhausted(tcb)) {
    finish(tcb, tcb.softError || ETIMEDOUT);
    return;
  }
  if (probing.persistSince < 0) probing.persistSince = now;
  sendWindowProbe(tcb);
  if (tcb.packetsOut > 0 || tcb.unsent === 0) {
    recovery.probesOut = 0;
    recovery.backoff = 0;
    probing.persistSince = -1;
    return;
  }
  recovery.probesOut++;
  if (recovery.backoff < config.retries2) recovery.backoff++;
  let delay = persistInterval(tcb);
  if (settings.userTimeout > 0) {
    delay = Math.max(1_000_000, Math.min(delay, settings.userTimeout - (now - probing.persistSince)));
  }
  timers.setTransmit('persist', now + delay);
}

/** Sends what the window takes after all, else an old number that draws an ACK (tcp_write_wakeup). Keepalive uses it, too. */
export function sendWindowProbe(tcb: Tcb): void {
  const { snd } = tcb;
  const room = seqDiff(seqAdd(snd.una, snd.wnd), snd.nxt);
  if (tcb.unsent > 0 && room > 0) {
    forcePush(tcb, Math.min(room, effectiveMss(tcb)));
    return;
  }
  if (snd.isUrgent && seqGt(snd.up, snd.una)) sendProbeSegment(tcb, true);
  sendProbeSegment(tcb, false);
}

function stopProbing(tcb: Tcb): void {
  tcb.recovery.probesOut = 0;
  tcb.probing.persistSince = -1;
}

/** Orphans, and users with a timeout, do not probe for ever; nor does anybody whose probes are not answered. */
function isExhausted(tcb: Tcb): boolean {
  const { recovery, probing, settings, config, now } = tcb;
  if (
    probing.persistSince >= 0 &&
    settings.userTimeout > 0 &&
    now - probing.persistSince >= settings.userTimeout
  ) {
    return true;
  }
  if (!tcb.isOrphan) return recovery.probesOut >= config.retries2;
  const isAlive = persistInterval(tcb) < config.rtoMax;
  const most = orphanRetries(tcb, isAlive);
  return recovery.probesOut >= most || (!isAlive && recovery.backoff >= most);
}
