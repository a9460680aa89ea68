/** The RST that answers a segment which no connection wants (RFC 9293 3.5.2 rule 1 and 3.10.7.1; rules R6, R7). */
import { ACK, RST, TcpSegment } from './header.ts';

/** @returns the answer to send to the segment's source, or null when `segment` is itself a RST */
export function resetFor(segment: TcpSegment): TcpSegment | null {
  const { srcPort, dstPort } = segment;
  if (segment.has(RST)) return null;
  if (segment.has(ACK)) return new TcpSegment(dstPort, srcPort, segment.ack, 0, RST, 0);
  return new TcpSegment(dstPort, srcPort, 0, (segment.seq + segment.len) >>> 0, RST | ACK, 0);
}
