/** Explicit congestion notification (RFC 3168 6.1): ECE until the sender answers with CWR. */
import { ECN_CE, ECN_NOT_ECT } from '../../network/ip-packet.ts';
import { enterQuickAck } from './delayed-ack.ts';
import { CWR, SYN, type TcpSegment } from './header.ts';
import type { Tcb } from './tcb.ts';

/** The sender has reduced its window: no more ECE. Accepted on pure ACKs too, as some hosts send it there. */
export function acceptCwr(tcb: Tcb, segment: TcpSegment): void {
  const { ecn, delack } = tcb;
  if (!ecn.isOn || !segment.has(CWR) || segment.has(SYN)) return;
  ecn.demandCwr = false;
  // A reduction was due to a mark: let the sender hear at once what follows.
  if (segment.payload.size > 0) delack.isNow = true;
}

/** Data arrived: was it marked on its way? That it was is noted even without ECN, and asked of what is not marked then.  @param tos of the packet */
export function checkCongestionMark(tcb: Tcb, tos: number): void {
  const { ecn } = tcb;
  const field = tos & 3;
  if (field === ECN_NOT_ECT) {
    // A retransmission, most likely: its sender waits for an answer.
    if (ecn.seen) enterQuickAck(tcb, 2);
    return;
  }
  if (field === ECN_CE && ecn.isOn && !ecn.demandCwr) {
    enterQuickAck(tcb, 2);
    ecn.demandCwr = true;
  }
  ecn.seen = true;
}
