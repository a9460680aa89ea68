/**
 * The window that we offer (RFC 9293 3.8.6.2.2, RFC 7323 2): from the memory that is left, never shrinking, in steps
 * that keep the peer from sending crumbs. Memory is accounted as a kernel does, buffers and headers included.
 */
import { largestInbound } from './mss.ts';
import { MAX_WSCALE } from './options.ts';
import { memoryOf } from './receive-memory.ts';
import { seqAdd, seqDiff } from './seq.ts';
import type { Tcb } from './tcb.ts';

const MAX_SIGNED_WINDOW = 32767;

/** The part of `space` bytes of memory that can be offered as window. */
export function windowFromSpace(tcb: Tcb, space: number): number {
  return space <= 0 ? 0 : Math.floor((space * tcb.rcv.scalingRatio) / 256);
}

/** The memory that a window of `window` bytes needs. */
export function spaceFromWindow(tcb: Tcb, window: number): number {
  return Math.floor((window * 256) / tcb.rcv.scalingRatio);
}

/** The window of an empty receive buffer. */
export function fullSpace(tcb: Tcb): number {
  return windowFromSpace(tcb, tcb.rcv.buffer);
}

/** The window that is left now. */
function freeSpace(tcb: Tcb): number {
  return windowFromSpace(tcb, tcb.rcv.buffer - tcb.rcv.packets.memory - tcb.rcv.reassemblyMemory);
}

/** Chooses the first window and the window shift, before our SYN: tcp_select_initial_window. */
export function selectInitialWindow(tcb: Tcb, mayScale: boolean): void {
  const { rcv, config, settings, path } = tcb;
  const mss = largestInbound(tcb);
  if (rcv.buffer === 0) rcv.buffer = settings.rcvbufOr(config);
  let clamp = settings.windowClamp > 0 ? settings.windowClamp : 65535 * (1 << MAX_WSCALE);
  if (settings.rcvbuf > 0) clamp = Math.min(clamp, fullSpace(tcb)); // a fixed buffer will not grow
  let space = Math.min(clamp, fullSpace(tcb));
  if (space > mss) space -= space % mss;
  rcv.wnd = config.workaroundSignedWindows ? Math.min(space, MAX_SIGNED_WINDOW) : space;
  if (path.initrwnd > 0) rcv.wnd = Math.min(rcv.wnd, path.initrwnd * mss);
  rcv.wscale = 0;
  if (mayScale) {
    const largest = Math.min(Math.max(space, config.rmemMax), clamp);
    rcv.wscale = Math.min(Math.max(31 - Math.clz32(largest) - 15, 0), MAX_WSCALE);
  }
  rcv.clamp = Math.min(clamp, 65535 * (1 << rcv.wscale));
  rcv.ssthresh = rcv.wnd;
}

/** When the connection is established: bounds for growth, and the start of auto-tuning. */
export function initReceiveBuffer(tcb: Tcb): void {
  const { rcv, autotune, config } = tcb;
  const mss = largestInbound(tcb);
  const maxWin = fullSpace(tcb);
  if (rcv.clamp >= maxWin) {
    rcv.clamp = maxWin;
    if (config.appWin > 0 && maxWin > 4 * mss) {
      const reserve = config.appWin >= 31 ? 0 : maxWin >> config.appWin;
      rcv.clamp = Math.max(maxWin - reserve, 4 * mss);
    }
  }
  if (config.appWin > 0 && rcv.clamp > 2 * mss && rcv.clamp + mss > maxWin) {
    rcv.clamp = Math.max(2 * mss, maxWin - mss);
  }
  rcv.ssthresh = Math.min(rcv.ssthresh, rcv.clamp);
  autotune.measuredAt = tcb.now;
  autotune.seq = rcv.copied;
  autotune.space = Math.min(rcv.ssthresh, rcv.wnd, 10 * mss);
}

/** What is left of the window that was offered last. */
export function offeredWindow(tcb: Tcb): number {
  const { rcv } = tcb;
  return Math.max(0, seqDiff(seqAdd(rcv.wup, rcv.wnd), rcv.nxt));
}

/** The window that could be offered now, in bytes; 0 when it would be a crumb. */
export function selectWindow(tcb: Tcb): number {
  const { rcv, delack, config } = tcb;
  const allowed = fullSpace(tcb);
  const full = Math.min(rcv.clamp, allowed);
  const mss = Math.min(delack.rcvMss, full);
  if (mss <= 0) return 0;
  const unit = 1 << rcv.wscale;
  let free = freeSpace(tcb);
  if (free < full >> 1) {
    delack.quick = 0;
    free -= free % unit;
    if (free < allowed >> 4 || free < mss) return 0;
  }
  free = Math.min(free, rcv.ssthresh);
  if (rcv.wscale > 0) return (config.shrinkWindow ? free : free + unit - 1) & -unit;
  // Without scaling: whole segments, and no change for less than one.
  if (rcv.wnd <= free - mss || rcv.wnd > free) return free - (free % mss);
  if (mss === full && free > rcv.wnd + (full >> 1)) return free;
  return rcv.wnd;
}

/** Chooses the window for a segment that is about to leave, and notes it as offered. @returns the header field */
export function windowField(tcb: Tcb): number {
  const { rcv, config } = tcb;
  const offered = offeredWindow(tcb);
  let window = selectWindow(tcb);
  if (window < offered && !(config.shrinkWindow && rcv.wscale > 0)) {
    const unit = 1 << rcv.wscale;
    window = (offered + unit - 1) & -unit; // never take back what was offered
  }
  rcv.wnd = window;
  rcv.wup = rcv.nxt;
  const largest =
    rcv.wscale === 0 && config.workaroundSignedWindows ? MAX_SIGNED_WINDOW : 65535 * (1 << rcv.wscale);
  return Math.min(window, largest) >>> rcv.wscale;
}

/**
 * A segment arrived: let the peer use more of the buffer, as long as memory holds (tcp_grow_window).
 * @param size bytes of payload @param packet bytes of the packet
 */
export function growWindow(tcb: Tcb, size: number, packet: number): void {
  const { rcv } = tcb;
  const room = Math.min(rcv.clamp, freeSpace(tcb)) - rcv.ssthresh;
  if (room <= 0) return;
  const mss = largestInbound(tcb);
  // A segment that wastes memory must not grow the window faster than its own share.
  const memory = windowFromSpace(tcb, memoryOf(packet));
  const increment = memory <= size ? 2 * mss : wastefulIncrement(tcb, size, memory >> 1);
  if (increment <= 0) return;
  tcb.delack.quick |= 1;
  rcv.ssthresh += Math.min(room, Math.max(increment, 2 * size));
}

function wastefulIncrement(tcb: Tcb, size: number, half: number): number {
  let memory = half;
  let window = windowFromSpace(tcb, tcb.config.rmemMax) >> 1;
  while (tcb.rcv.ssthresh <= window) {
    if (memory <= size) return 2 * tcb.delack.rcvMss;
    memory >>= 1;
    window >>= 1;
  }
  return 0;
}
