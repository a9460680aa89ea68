/** ICMP errors about a connection's segments (RFC 9293 3.9.2.2, RFC 1191, RFC 6069; rule L41). */
import type { IcmpErrorReport } from '../../network/ports.ts';
import { readU32 } from '../../packet/bytes.ts';
import {
  ICMP_DEST_UNREACHABLE,
  ICMP_FRAGMENTATION_NEEDED,
  ICMP_SOURCE_QUENCH,
  icmpErrorMeaning,
  icmpv6ErrorMeaning,
} from '../icmp-errors.ts';
import { sendAgain } from './ack.ts';
import { finish } from './lifecycle.ts';
import { mssForMtu, syncMss } from './mss.ts';
import { simpleRetransmit } from './recovery.ts';
import { onRetransmissionTimeout } from './retransmission-timeout.ts';
import { seqBetween } from './seq.ts';
import type { Tcb } from './tcb.ts';

/** The least path MTU that is believed (net.ipv4.route.min_pmtu). */
const MIN_PMTU = 552;

/** @returns false when the quoted segment is none that is in flight: the message is not believed (RFC 5927 4.1) */
export function icmpError(tcb: Tcb, report: IcmpErrorReport): boolean {
  const { snd } = tcb;
  if (report.quoted.length < 8) return false;
  if (report.type === ICMP_SOURCE_QUENCH) return true;
  if (!seqBetween(readU32(report.quoted, 4), snd.una, snd.nxt)) {
    tcb.host.mib.add('TcpExtOutOfWindowIcmps');
    return false;
  }
  if (report.type === ICMP_DEST_UNREACHABLE && report.code === ICMP_FRAGMENTATION_NEEDED) {
    pathMtuChanged(tcb, Math.max(report.info, MIN_PMTU));
    return true;
  }
  const meaning = (report.src.family === 6 ? icmpv6ErrorMeaning : icmpErrorMeaning)(report.type, report.code);
  if (meaning === null) return true;
  if (report.type === ICMP_DEST_UNREACHABLE && report.code <= 1) undoBackoff(tcb);
  if (tcb.state === 'SYN-SENT' || tcb.state === 'SYN-RECEIVED') abortHandshake(tcb, meaning.errno, report);
  else if (tcb.settings.recverr && !tcb.isOrphan) {
    tcb.error = meaning.errno;
    tcb.user.onError(meaning.errno);
  } else tcb.softError = meaning.errno; // told when the connection times out
  return true;
}

/** A router says how large packets may be: smaller segments from now on, and those in flight again. */
export function pathMtuChanged(tcb: Tcb, mtu: number): void {
  const { path, pmtu, snd } = tcb;
  if (path.isMtuLocked || mtu >= pmtu.mtu || !path.discoversMtu) return;
  tcb.path = { ...path, mtu };
  if (mssForMtu(tcb, mtu) >= snd.mss) return;
  syncMss(tcb, mtu);
  if (tcb.state !== 'SYN-SENT' && tcb.state !== 'SYN-RECEIVED') sendAgain(tcb, simpleRetransmit(tcb));
}

/** A request dies of what says that the host is unreachable; a port that is unreachable may be a lie (syn_recv). */
function abortHandshake(tcb: Tcb, errno: number, report: IcmpErrorReport): void {
  if (tcb.state === 'SYN-RECEIVED' && tcb.isPassive) {
    const isHost = report.type === ICMP_DEST_UNREACHABLE && (report.code === 0 || report.code === 1);
    // A request believes only what quotes its SYN,ACK (tcp_req_err).
    if (isHost && readU32(report.quoted, 4) === tcb.snd.iss) finish(tcb, 0);
    return;
  }
  finish(tcb, errno);
}

/** RFC 6069: an unreachable host was no congestion; the timer goes back by one doubling. */
function undoBackoff(tcb: Tcb): void {
  const { recovery, rtt, queue, timers, now } = tcb;
  if (recovery.retransmits === 0 || recovery.backoff === 0 || queue.size === 0) return;
  if (tcb.state === 'SYN-SENT' || tcb.state === 'SYN-RECEIVED') return;
  recovery.backoff--;
  rtt.rto = Math.min(rtt.baseRto * (1 << recovery.backoff), tcb.config.rtoMax);
  const left = queue.sentAt(0) + rtt.rto - now;
  if (left > 0) timers.setTransmit('retransmit', now + left);
  else onRetransmissionTimeout(tcb);
}
