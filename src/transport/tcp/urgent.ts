/** Urgent data (RFC 9293 3.8.5, RFC 6093): one byte beside the stream, where the urgent pointer says. */
import type { TcpSegment } from './header.ts';
import { URG } from './header.ts';
import { seqAdd, seqDiff, seqGt, seqLt } from './seq.ts';
import type { Tcb } from './tcb.ts';

/** Sixth step: notes a new urgent pointer, and the byte once its segment is here. */
export function checkUrg(tcb: Tcb, segment: TcpSegment): void {
  const { rcv } = tcb;
  if (segment.has(URG)) noteUrgentPointer(tcb, segment);
  if (rcv.urgent !== 'awaited') return;
  const at = seqDiff(rcv.urgentSeq, segment.seq);
  if (at < 0 || at >= segment.payload.size) return;
  rcv.urgentByte = segment.payload.bytes[segment.payload.start + at]!;
  rcv.urgent = 'valid';
  tcb.user.onReadable();
}

function noteUrgentPointer(tcb: Tcb, segment: TcpSegment): void {
  const { rcv, config } = tcb;
  const offset = segment.urg > 0 && !config.stdurg ? segment.urg - 1 : segment.urg;
  const seq = seqAdd(segment.seq, offset);
  if (seqGt(rcv.copied, seq) || seqLt(seq, rcv.nxt)) return; // seen before
  if (rcv.urgent !== 'none' && !seqGt(seq, rcv.urgentSeq)) return;
  rcv.urgent = 'awaited';
  rcv.urgentSeq = seq;
  rcv.up = seqAdd(seq, 1);
}
