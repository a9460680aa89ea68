/** The RTO expired (RFC 6298 5.4 to 5.7, RFC 5681 3.1): deem all lost, send the first again, double the RTO; or give up. */
import { ETIMEDOUT } from '../../network/errno.ts';
import { MILLISECOND, type Nanos } from '../../sim/time.ts';
import { finish } from './lifecycle.ts';
import { markLost, resetRenoSacks } from './loss.ts';
import { blackHoleDetected } from './mtu-probe.ts';
import { isOverdue } from './rack.ts';
import { Q_SACKED } from './retransmission-queue.ts';
import { retransmit } from './retransmit.ts';
import { powerOfTwo } from './retransmit-timer.ts';
import { TIMEOUT_INIT } from './rtt.ts';
import { forgetSacks } from './scoreboard.ts';
import { seqGt } from './seq.ts';
import type { Tcb } from './tcb.ts';
import { beginUndo } from './undo.ts';
import { currentSsthresh } from './window-validation.ts';

/** Below this many segments in flight there is nothing to wait for with doubled timeouts (tcp_thin_linear_timeouts). */
const THIN_STREAM = 4;
const THIN_LINEAR_RETRIES = 6;

export function onRetransmissionTimeout(tcb: Tcb): void {
  const { queue, snd, recovery, timers, host, now } = tcb;
  timers.clearTransmit();
  if (queue.size === 0) return;
  const isHandshake = tcb.state === 'SYN-SENT' || tcb.state === 'SYN-RECEIVED';
  // A window that shrank to nothing makes the retransmission a probe, and a peer that answers probes is alive.
  const isProbe = snd.wnd === 0 && !tcb.isOrphan && !isHandshake;
  if (!isProbe) host.mib.add('TcpExtTCPTimeouts');
  if (isProbe ? hasPeerVanished(tcb) : isExhausted(tcb)) {
    finish(tcb, tcb.softError || ETIMEDOUT);
    return;
  }
  enterLoss(tcb);
  if (!isProbe) recovery.retransmits++;
  tcb.counters.rehashes++;
  retransmit(tcb, 0, 1);
  backOff(tcb);
  timers.setTransmit('retransmit', now + clampToUserTimeout(tcb, tcb.rtt.rto));
}

/** Everything in flight is deemed lost; cwnd begins anew with one segment (RFC 5681 equation 4). */
export function enterLoss(tcb: Tcb): void {
  const { recovery, window, snd, controller, config, ecn, pmtu, now } = tcb;
  const isNew = recovery.state !== 'recovery' && recovery.state !== 'loss';
  const wasCalm = recovery.state === 'open' || recovery.state === 'disorder';
  markAllLost(tcb);
  if (
    wasCalm ||
    !seqGt(recovery.highSeq, snd.una) ||
    (recovery.state === 'loss' && recovery.retransmits === 0)
  ) {
    recovery.priorSsthresh = currentSsthresh(tcb);
    window.priorCwnd = window.cwnd;
    window.ssthresh = controller.ssthresh(window);
    beginUndo(tcb);
  }
  window.set(tcb.inFlight + 1);
  window.count = 0;
  recovery.cwndStamp = now;
  if (wasCalm && tcb.sackedOut >= config.reordering) {
    recovery.reordering = Math.min(recovery.reordering, config.reordering);
  }
  recovery.state = 'loss';
  controller.onTimeout(now, snd.nxt);
  recovery.highSeq = snd.nxt;
  recovery.tlpHighSeq = -1;
  if (ecn.isOn) ecn.queueCwr = true;
  recovery.isFrto = config.frto > 0 && (isNew || recovery.retransmits > 0) && pmtu.probeSize === 0;
}

function markAllLost(tcb: Tcb): void {
  const { queue } = tcb;
  const isReneging = queue.has(0, Q_SACKED);
  if (isReneging) {
    tcb.host.mib.add('TcpExtTCPSACKReneging');
    forgetSacks(tcb);
  } else if (!tcb.peer.sackPermitted) resetRenoSacks(tcb);
  tcb.recovery.retransmitHint = tcb.snd.una;
  for (let at = 0; at < queue.size; at++) {
    if (!isReneging && at > 0 && !isOverdue(tcb, at)) continue; // sent just now
    markLost(tcb, at);
  }
}

/** Has the connection tried often or long enough? R1 tells routing, R2 ends it (RFC 9293 3.8.3). */
function isExhausted(tcb: Tcb): boolean {
  const { recovery, config, settings, rtt } = tcb;
  if (tcb.state === 'SYN-SENT' || tcb.state === 'SYN-RECEIVED') {
    const limit = settings.synCount > 0 ? settings.synCount : config.synRetries;
    const most = limit + (tcb.state === 'SYN-SENT' ? config.synLinearTimeouts : 0);
    return recovery.retransmits >= most || isTimedOut(tcb, limit, settings.userTimeout, TIMEOUT_INIT);
  }
  if (isTimedOut(tcb, config.retries1, 0, config.rtoMin)) blackHoleDetected(tcb);
  let limit = config.retries2;
  if (tcb.isOrphan) limit = orphanRetries(tcb, rtt.rto < config.rtoMax);
  return isTimedOut(tcb, limit, settings.userTimeout, config.rtoMin);
}

/** How often the connection of a closed socket is tried. */
export function orphanRetries(tcb: Tcb, isAlive: boolean): number {
  const { config, softError } = tcb;
  const retries = softError !== 0 && !isAlive ? 0 : config.orphanRetries;
  return retries === 0 && isAlive ? 8 : retries;
}

/** The time that `boundary` doublings of `base` take, or the user timeout, has passed since the first retransmission. */
function isTimedOut(tcb: Tcb, boundary: number, userTimeout: Nanos, base: Nanos): boolean {
  const { recovery, now } = tcb;
  if (recovery.retransmits === 0) return false;
  const limit = userTimeout > 0 ? userTimeout : modelTimeout(boundary, base, tcb.config.rtoMax);
  return roundToMs(now - firstRetransmissionAt(tcb)) >= limit;
}

function modelTimeout(boundary: number, base: Nanos, most: Nanos): Nanos {
  const doublings = 31 - Math.clz32(Math.floor(most / base));
  if (boundary <= doublings) return (powerOfTwo(boundary + 1) - 1) * base;
  return (powerOfTwo(doublings + 1) - 1) * base + (boundary - doublings) * most;
}

function firstRetransmissionAt(tcb: Tcb): Nanos {
  return tcb.recovery.retransAt >= 0 ? tcb.recovery.retransAt : tcb.now;
}

function roundToMs(span: Nanos): Nanos {
  return Math.floor(span / MILLISECOND) * MILLISECOND;
}

/** The peer has not been heard for two minutes, or the user timeout. */
function hasPeerVanished(tcb: Tcb): boolean {
  const { settings, config, counters, recovery, queue, now } = tcb;
  const since = now - (recovery.retransAt >= 0 ? recovery.retransAt : queue.sentAt(0));
  if (settings.userTimeout > 0) return since > settings.userTimeout;
  return since > config.rtoMax * 2 && now - counters.lastAckReceivedAt > config.rtoMax;
}

/** RFC 6298 5.5, except for the first SYNs (tcp_syn_linear_timeouts) and thin streams on request. */
function backOff(tcb: Tcb): void {
  const { recovery, rtt, config, settings } = tcb;
  const mayBeThin = config.thinLinearTimeouts || settings.thinLinear;
  const isThin = mayBeThin && tcb.packetsOut < THIN_STREAM && recovery.state === 'loss';
  if (tcb.state === 'ESTABLISHED' && isThin && recovery.retransmits <= THIN_LINEAR_RETRIES) {
    recovery.backoff = 0;
    rtt.rto = rtt.baseRto;
    return;
  }
  if (tcb.state === 'SYN-SENT' && recovery.retransmits <= config.synLinearTimeouts) return;
  recovery.backoff++;
  rtt.backOff();
}

/** Wake no later than the user timeout. */
export function clampToUserTimeout(tcb: Tcb, delay: Nanos): Nanos {
  const { settings, now } = tcb;
  if (settings.userTimeout === 0) return delay;
  const left = settings.userTimeout - roundToMs(now - firstRetransmissionAt(tcb));
  return left <= 0 ? MILLISECOND : Math.min(delay, left);
}
