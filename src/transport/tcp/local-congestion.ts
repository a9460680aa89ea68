/**
 * Our own device had no room for a segment (NET_XMIT_DROP): that is congestion, told at once. Kernel: the error paths of
 * tcp_transmit_skb and tcp_retransmit_skb.
 */
import type { TcpSegment } from './header.ts';
import { Q_RETRANS } from './retransmission-queue.ts';
import type { Tcb } from './tcb.ts';
import { enterCwr } from './window-reduction.ts';

/** Reduces the window as an ECN mark would; a retransmission that never left is not in flight. */
export function localCongestion(tcb: Tcb, segment: TcpSegment): void {
  const { queue } = tcb;
  tcb.host.mib.add('TcpExtTCPRetransFail');
  if (segment.payload.size > 0 && queue.size > 0) {
    const at = queue.find(segment.seq);
    if (at < queue.size && queue.seq(at) === segment.seq && queue.has(at, Q_RETRANS))
      queue.unmark(at, Q_RETRANS);
  }
  enterCwr(tcb);
}
