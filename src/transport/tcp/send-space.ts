/** The send buffer's size: SO_SNDBUF, or tcp_wmem grown with the congestion window (tcp_sndbuf_expand). */
import type { Tcb } from './tcb.ts';

/** sk_buff and headers per segment, as the kernel charges for them. */
const SEGMENT_OVERHEAD = 1280;

/** Memory that may be used, bytes. */
export function sndbufOf(tcb: Tcb): number {
  const { settings, config, window, snd, recovery } = tcb;
  if (settings.sndbuf > 0) return settings.sndbuf;
  if (tcb.state === 'SYN-SENT' || tcb.state === 'SYN-RECEIVED') return config.wmemDefault;
  const perSegment = snd.mss + SEGMENT_OVERHEAD;
  const segments = Math.max(window.cwnd, recovery.reordering + 1, 10);
  return Math.max(config.wmemDefault, Math.min(2 * segments * perSegment, config.wmemMax));
}

/** Memory that the queue takes: what was sent and what was not. */
export function memoryOfUnsent(tcb: Tcb): number {
  const { snd, sendBuffer } = tcb;
  const chunks = Math.ceil(tcb.unsent / Math.max(snd.mss, 1) / 16) + tcb.packetsOut;
  return sendBuffer.size + Math.min(chunks, sendBuffer.size) * 64;
}

/** A write may begin a further chunk: there is memory, and less is unsent than TCP_NOTSENT_LOWAT. */
export function hasSpace(tcb: Tcb): boolean {
  return memoryOfUnsent(tcb) < sndbufOf(tcb) && tcb.unsent < notsentLowat(tcb);
}

/** poll(2): at least a third of the buffer is free, and less is unsent than half of TCP_NOTSENT_LOWAT. */
export function isWritable(tcb: Tcb): boolean {
  const queued = memoryOfUnsent(tcb);
  return sndbufOf(tcb) - queued >= queued >> 1 && tcb.unsent * 2 < notsentLowat(tcb);
}

function notsentLowat(tcb: Tcb): number {
  const { settings, config } = tcb;
  return settings.notsentLowat > 0 ? settings.notsentLowat : config.notsentLowat;
}
