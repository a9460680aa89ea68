/** The send buffer: SO_SNDBUF, or tcp_wmem grown with the congestion window, and the memory that queued data takes of it. */
import { stopChrono } from './chrono.ts';
import type { Tcb } from './tcb.ts';
import { chunkCount } from './tso.ts';

/** What the kernel charges for the packet around the data of a chunk: record, headers and the end of its buffer. */
const CHUNK_OVERHEAD = 1280;
/** Headers and the end of the buffer of a segment that is sent by itself, and its record. */
const SEGMENT_HEADROOM = 640;
const RECORD = 256;
const LEAST_SEGMENTS = 10;

/** The size of the buffer now, bytes of memory. */
export function sndbufOf(tcb: Tcb): number {
  return tcb.settings.sndbuf > 0 ? tcb.settings.sndbuf : Math.max(tcb.snd.buffer, tcb.config.wmemDefault);
}

/** Makes room for twice the congestion window (tcp_sndbuf_expand): fast recovery needs 1.7 of them. */
export function expandSendBuffer(tcb: Tcb): void {
  const { snd, window, recovery, config } = tcb;
  const payload = Math.max(snd.mssClamp, snd.mss) + SEGMENT_HEADROOM;
  const perSegment = (1 << (32 - Math.clz32(payload - 1))) + RECORD;
  const segments = Math.max(window.cwnd, recovery.reordering + 1, LEAST_SEGMENTS);
  snd.buffer = Math.max(sndbufOf(tcb), Math.min(2 * segments * perSegment, config.wmemMax));
}

/** Memory that the queue takes, in flight or not: every chunk costs more than its bytes. */
export function memoryQueued(tcb: Tcb): number {
  const { sendBuffer, queue } = tcb;
  return sendBuffer.size + (queue.size - queue.joined + chunkCount(tcb)) * CHUNK_OVERHEAD;
}

/** May a write begin another chunk? */
export function hasSendSpace(tcb: Tcb): boolean {
  return memoryQueued(tcb) < sndbufOf(tcb) && tcb.unsent < notsentLowat(tcb);
}

/** poll(2): a third of the buffer is free, and half of what may wait unsent. */
export function isWritable(tcb: Tcb): boolean {
  const queued = memoryQueued(tcb);
  return sndbufOf(tcb) - queued >= queued >> 1 && tcb.unsent * 2 < notsentLowat(tcb);
}

/** Tells a user that waits for room when there is some (tcp_check_space). */
export function checkSpace(tcb: Tcb): void {
  if (!tcb.isSenderBlocked || tcb.isOrphan) return;
  if (tcb.settings.sndbuf === 0 && tcb.inFlight < tcb.window.cwnd) expandSendBuffer(tcb);
  if (!isWritable(tcb)) return;
  tcb.isSenderBlocked = false;
  tcb.user.onWritable();
  if (!tcb.isSenderBlocked) stopChrono(tcb, 'sndbuf');
}

function notsentLowat(tcb: Tcb): number {
  return tcb.settings.notsentLowat > 0 ? tcb.settings.notsentLowat : tcb.config.notsentLowat;
}
