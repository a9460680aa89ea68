/** Challenge ACKs (RFC 5961): the answer to a segment that may be forged, within the limits of host and connection. */
import type { TcpSegment } from './header.ts';
import { SYN } from './header.ts';
import type { Tcb } from './tcb.ts';
import { sendAck } from './transmit.ts';

/** Sends an ACK unless this connection, or the host in this second, has sent enough of them. */
export function sendChallengeAck(tcb: Tcb): void {
  const { host, config, now } = tcb;
  if (isRateLimited(tcb)) return;
  if (!host.challengeAcks.take(now, config.challengeAckLimit)) return;
  host.mib.add('TcpExtTCPChallengeACK');
  sendAck(tcb);
}

/**
 * An ACK for a segment out of the window: at most one per tcp_invalid_ratelimit, so that two hosts can't fall into a loop.
 * Data is no part of a loop and is always answered.
 */
export function mayAnswerOutOfWindow(tcb: Tcb, segment: TcpSegment): boolean {
  if (segment.len > 0 && !segment.has(SYN)) return true;
  return !isRateLimited(tcb);
}

function isRateLimited(tcb: Tcb): boolean {
  const { delack, config, now } = tcb;
  if (now - delack.lastOutOfWindowAt < config.invalidRateLimit) return true;
  delack.lastOutOfWindowAt = now;
  return false;
}
