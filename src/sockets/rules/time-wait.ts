/**
 * What a segment does to a connection in TIME-WAIT on hosts that are not Linux: FreeBSD's tcp_twcheck (F7); RFC 9293
 * with RFC 6191 (R10 to R12). The FIN-WAIT-2 of an orphan, which shares the record, takes no SYN anywhere but on Linux.
 */
import type { Nanos } from '../../sim/time.ts';
import { ACK, FIN, RST, SYN, type TcpSegment } from '../../transport/tcp/header.ts';
import { seqAdd, seqGt } from '../../transport/tcp/seq.ts';
import { TIME_WAIT_LENGTH, type TimeWait, type TimeWaitVerdict } from '../../transport/tcp/time-wait.ts';
import { defined, type SocketProfile } from '../profile.ts';

/** @throws UndefinedByProfile for a SYN where the profile says nothing of them */
export function timeWaitBy(
  profile: SocketProfile,
  record: TimeWait,
  segment: TcpSegment,
  now: Nanos,
): TimeWaitVerdict {
  const isSyn = (segment.flags & (SYN | RST | ACK)) === SYN;
  if (record.substate === 'FIN-WAIT-2') return isSyn ? 'ack' : record.onSegment(segment, now); // R10
  const mode = profile.calls.synInTimeWait;
  if (mode === 'freebsd') return F7(record, segment, now, isSyn);
  if (!isSyn) return record.onSegment(segment, now);
  defined(profile, mode, 'what a SYN does to a connection in TIME-WAIT');
  return record.isSuccessor(segment) ? 'reopen' : 'drop'; // R12
}

/** The steps of tcp_twcheck, in their order. */
function F7(record: TimeWait, segment: TcpSegment, now: Nanos, isSyn: boolean): TimeWaitVerdict {
  if (segment.has(RST)) return 'drop';
  if (isSyn && seqGt(segment.seq, record.rcvNxt)) return 'reopen';
  if (!segment.has(ACK)) return 'drop';
  if (record.hasTimestamps && !segment.options.hasTimestamps) return 'drop';
  const isSameFin = segment.has(FIN) && seqAdd(segment.seq, segment.len) === record.rcvNxt;
  if (isSameFin) record.expiresAt = now + TIME_WAIT_LENGTH;
  const isDuplicateAck = segment.seq === record.rcvNxt && segment.ack === record.sndNxt && segment.len === 0;
  return isDuplicateAck ? 'drop' : 'ack';
}
