/**
 * ICMP and ICMPv6 errors about a connection's segments (RFC 9293 3.9.2.2, RFC 1191, RFC 8201, RFC 6069; rule L41). The
 * families differ in what ends a half-open connection and in what takes back a doubled timer; `meaningOf` has it.
 */
import type { IcmpErrorReport } from '../../network/ports.ts';
import { readU32 } from '../../packet/bytes.ts';
import {
  ICMP_DEST_UNREACHABLE,
  ICMP_FRAGMENTATION_NEEDED,
  ICMP_PARAMETER_PROBLEM,
  ICMP_TIME_EXCEEDED,
  ICMPV6_PACKET_TOO_BIG,
  ICMPV6_UNREACHABLE,
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

/** The least path MTU that is believed (net.ipv4.route.min_pmtu): a smaller one counts as this. */
const MIN_PMTU = 552;
/** Every link of IPv6 takes so much (RFC 8200 5): who claims less is not believed. */
const IPV6_MIN_MTU = 1280;

/** What a message means to TCP, in the words of neither family. */
interface Meaning {
  /** Positive. */
  readonly errno: number;
  /** What packets may have at most, bytes; 0 = the message is about something else. */
  readonly mtu: number;
  /** It says that a network or host cannot be reached: no congestion (RFC 6069). */
  readonly isUnreachable: boolean;
  /** A request that waits for its ACK dies of it. */
  readonly endsRequest: boolean;
}

/** @returns null when there is nothing to be done: source quench (RFC 6633), unknown types and codes */
function meaningOf({ src, type, code, info }: IcmpErrorReport): Meaning | null {
  return src.family === 6 ? meaningOfV6(type, code, info) : meaningOfV4(type, code, info);
}

/** A port that is unreachable may be a lie: a request ends only when the host or the way is. Kernel: tcp_v4_err. */
function meaningOfV4(type: number, code: number, info: number): Meaning | null {
  const meaning = icmpErrorMeaning(type, code);
  if (meaning === null) return null;
  const isUnreachable = type === ICMP_DEST_UNREACHABLE && code <= 1;
  const isTooBig = type === ICMP_DEST_UNREACHABLE && code === ICMP_FRAGMENTATION_NEEDED;
  const mtu = isTooBig ? Math.max(info, MIN_PMTU) : 0;
  const endsRequest = isUnreachable || type === ICMP_TIME_EXCEEDED || type === ICMP_PARAMETER_PROBLEM;
  return { errno: meaning.errno, mtu, isUnreachable, endsRequest };
}

/** A request ends by whatever is fatal: a port, a prohibition, a problem of a parameter. Kernel: tcp_v6_err. */
function meaningOfV6(type: number, code: number, info: number): Meaning | null {
  const meaning = icmpv6ErrorMeaning(type, code);
  if (meaning === null || (type === ICMPV6_PACKET_TOO_BIG && info < IPV6_MIN_MTU)) return null;
  const mtu = type === ICMPV6_PACKET_TOO_BIG ? info : 0;
  const isUnreachable = type === ICMPV6_UNREACHABLE && code === 0;
  return { errno: meaning.errno, mtu, isUnreachable, endsRequest: meaning.isFatal };
}

/** @returns false when the quoted segment is none that is in flight: the message is not believed (RFC 5927 4.1) */
export function icmpError(tcb: Tcb, report: IcmpErrorReport): boolean {
  const { snd } = tcb;
  if (report.quoted.length < 8) return false;
  if (!seqBetween(readU32(report.quoted, 4), snd.una, snd.nxt)) {
    tcb.host.mib.add('TcpExtOutOfWindowIcmps');
    return false;
  }
  const meaning = meaningOf(report);
  if (meaning === null) return true;
  if (meaning.mtu > 0) {
    pathMtuChanged(tcb, meaning.mtu);
    return true;
  }
  if (meaning.isUnreachable) undoBackoff(tcb);
  const { recverr, recverr6 } = tcb.settings;
  if (tcb.state === 'SYN-SENT' || tcb.state === 'SYN-RECEIVED') abortHandshake(tcb, meaning, report);
  else if ((report.src.family === 6 ? recverr6 : recverr) && !tcb.isOrphan) {
    tcb.error = meaning.errno;
    tcb.user.onError(meaning.errno);
  } else tcb.softError = meaning.errno; // told when the connection times out
  return true;
}

/** A router says how large packets may be: smaller segments from now on, and those in flight again. */
export function pathMtuChanged(tcb: Tcb, mtu: number): void {
  const { path, pmtu, snd } = tcb;
  if (path.isMtuLocked || mtu >= pmtu.mtu) return;
  tcb.path = { ...path, mtu };
  if (!path.discoversMtu) return; // the route has learnt it: the next segment is smaller, none goes out again
  if (mssForMtu(tcb, mtu) >= snd.mss) return;
  syncMss(tcb, mtu);
  if (tcb.state !== 'SYN-SENT' && tcb.state !== 'SYN-RECEIVED') sendAgain(tcb, simpleRetransmit(tcb));
}

/** A request believes only what quotes its SYN,ACK (tcp_req_err). */
function abortHandshake(tcb: Tcb, { errno, endsRequest }: Meaning, report: IcmpErrorReport): void {
  const isRequest = tcb.state === 'SYN-RECEIVED' && tcb.isPassive;
  if (!isRequest) finish(tcb, errno);
  else if (endsRequest && readU32(report.quoted, 4) === tcb.snd.iss) finish(tcb, 0);
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
