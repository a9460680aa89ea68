/**
 * shutdown(2), connect(AF_UNSPEC), the end of connections and TIME-WAIT on systems that are not Linux: RFC 9293 and
 * POSIX, with the profile's answers where systems differ.
 */
import type { ErrnoName } from '../../../network/errno.ts';
import { defined } from '../../profile.ts';
import type { ShutdownCall } from '../close.ts';
import { sendFin } from '../closing-segments.ts';
import type { SpecPacket, SpecProfile } from '../profile.ts';
import { because } from '../rule.ts';
import { type DraftSocket, take, type Work } from '../step.ts';
import { disconnectUdpBy } from './datagram.ts';

/** POSIX: without a connection ENOTCONN, and nothing has changed. */
export function shutdownBy(work: Work, call: ShutdownCall, profile: SpecProfile): 0 | ErrnoName {
  const socket = take(work.draft, call.socket);
  const { calls } = profile;
  if (socket.state === 'LISTEN') {
    const answer = defined(profile, calls.shutdownListener, 'shutdown() of a listener');
    return answer === 'stops' ? 0 : answer;
  }
  if (socket.state === 'CLOSED') return 'ENOTCONN';
  if (socket.state === 'SYN-SENT' || socket.state === 'SYN-RECEIVED') {
    defined(profile, calls.shutdownConnecting, 'shutdown() while the handshake is under way');
  }
  if (socket.transport === 'udp' && call.read) {
    defined(profile, calls.udpShutdownRead, 'shutdown(SHUT_RD) of a UDP socket');
  }
  socket.shut = { read: socket.shut.read || call.read, write: socket.shut.write || call.write };
  if (call.write && socket.transport === 'tcp') sendFin(work, socket);
  return 0;
}

/** connect() with AF_UNSPEC. */
export function disconnectBy(work: Work, socket: DraftSocket, profile: SpecProfile): 0 | ErrnoName {
  if (socket.transport === 'udp') return disconnectUdpBy(work, socket, profile);
  const answer = defined(profile, profile.calls.tcpDisconnect, 'connect(AF_UNSPEC) on a TCP socket');
  return answer === 'ok' ? 0 : answer;
}

/** A RST arrived: refused where it answers a SYN; POSIX knows one error for the rest. */
export function resetErrnoBy(state: DraftSocket['state'], profile: SpecProfile): ErrnoName {
  if (state === 'SYN-SENT') return 'ECONNREFUSED';
  return state === 'CLOSE-WAIT' ? profile.calls.resetInCloseWait : 'ECONNRESET';
}

/** What a segment does to a record in TIME-WAIT, or to the FIN-WAIT-2 of an orphan. */
export type RecordVerdict = 'ack' | 'drop' | 'reopen-or-ack' | 'reopen-or-reset';

export function timeWaitBy(packet: SpecPacket, isHalf: boolean, profile: SpecProfile): RecordVerdict {
  if (packet.flags === 'rst') return 'drop';
  if (packet.flags !== 'syn' || isHalf) return 'ack'; // R10
  switch (defined(profile, profile.calls.synInTimeWait, 'what a SYN does to a connection in TIME-WAIT')) {
    case 'freebsd':
      return packet.isNewer ? 'reopen-or-reset' : 'drop'; // F7
    default:
      return packet.isNewer ? 'reopen-or-ack' : 'drop'; // R12
  }
}

/** Why. */
export function timeWaitReason({ name }: SpecProfile) {
  return because(name === 'freebsd' ? 'F7' : 'R12');
}
