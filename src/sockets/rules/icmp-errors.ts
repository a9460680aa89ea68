/**
 * Which UDP sockets hear of an ICMP error on hosts that are not Linux, and as what. FreeBSD: the connected socket (F6),
 * by icmp_errmap. Windows: every socket on the port (N6), as ECONNRESET (N10, W2). The RFCs: it must be told (R16), but
 * no standard says as which error.
 */
import { ECONNREFUSED, ECONNRESET, EHOSTUNREACH, EMSGSIZE, ENOPROTOOPT } from '../../network/errno.ts';
import type { IcmpErrorReport } from '../../network/ports.ts';
import { readU16 } from '../../packet/bytes.ts';
import {
  ICMP_DEST_UNREACHABLE,
  ICMP_PARAMETER_PROBLEM,
  ICMP_TIME_EXCEEDED,
} from '../../transport/icmp-errors.ts';
import type { UdpTable } from '../demux/udp-table.ts';
import { defined } from '../profile.ts';
import type { UdpSocket } from '../udp/udp-socket.ts';
import { isBetween, type SocketRules } from './socket-rules.ts';

/** Codes of destination unreachable that FreeBSD tells as ECONNREFUSED; 4 is EMSGSIZE, the others EHOSTUNREACH. */
const REFUSALS: readonly number[] = [2, 3, 9, 10, 13];
const NEEDS_FRAGMENTATION = 4;
const LAST_CODE = 15;

/** @returns whether it was about a socket of this host @throws UndefinedByProfile */
export function icmpErrorBy(
  rules: SocketRules,
  table: UdpTable<UdpSocket>,
  { src, dst, quoted, type, code, entered }: IcmpErrorReport,
): boolean {
  const { profile } = rules;
  const holders = table.port(readU16(quoted, 0))?.sockets.items() ?? [];
  if (holders.length === 0) return false;
  const mode = defined(profile, profile.udpIcmp, 'the error by which a UDP socket hears of an ICMP message');
  const ends = { local: src, remote: dst, remotePort: readU16(quoted, 2), device: entered };
  const isAll = mode === 'everyone';
  const hearing = isAll ? holders : holders.filter((one) => !one.isHidden && isBetween(one, ends));
  const errno = isAll ? netsemErrno(type) : freebsdErrno(type, code);
  if (errno !== 0) for (const socket of hearing) socket.reportError(errno, null);
  return hearing.length > 0;
}

function netsemErrno(type: number): number {
  return type === ICMP_DEST_UNREACHABLE ? ECONNRESET : 0;
}

/** icmp_errmap: 0 for what nobody is told. */
function freebsdErrno(type: number, code: number): number {
  if (type === ICMP_TIME_EXCEEDED) return code === 0 ? EHOSTUNREACH : 0;
  if (type === ICMP_PARAMETER_PROBLEM) return code <= 1 ? ENOPROTOOPT : 0;
  if (type !== ICMP_DEST_UNREACHABLE || code > LAST_CODE) return 0;
  if (code === NEEDS_FRAGMENTATION) return EMSGSIZE;
  return REFUSALS.includes(code) ? ECONNREFUSED : EHOSTUNREACH;
}
