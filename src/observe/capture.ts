/**
 * From recorded frames to capture files: one per interface, or all merged into one. Each packet that was dropped or
 * that reached a socket carries a comment saying so.
 */
import type { Nanos } from '../sim/time.ts';
import { formatTime } from '../sim/time.ts';
import { type ByteSink, PcapngWriter } from './pcapng.ts';
import type { RecordedFrame } from './recorder.ts';

/** Name of the loopback device, whose frames pass twice but are captured once, as libpcap does on Linux. */
const LOOPBACK = 'lo';

/** The interfaces at which frames were seen, `client.eth0`, in the order of their first frame. */
export function capturedInterfaces(frames: readonly RecordedFrame[]): string[] {
  return [...new Set(frames.filter(isCaptured).map((event) => event.interfaceName))];
}

/**
 * Writes a capture.
 * @param interfaces the names of the interfaces to write, as in {@link capturedInterfaces}; each gets a description
 *   block, frames or not
 */
export function writeCapture(
  frames: readonly RecordedFrame[],
  interfaces: readonly string[],
  sink: ByteSink,
): void {
  const writer = new PcapngWriter(sink);
  const ids = new Map(interfaces.map((name) => [name, writer.addInterface(name)]));
  for (const event of frames) {
    const id = ids.get(event.interfaceName);
    if (id === undefined || !isCaptured(event)) continue;
    const isPadded = event.device !== LOOPBACK;
    writer.packet(id, event.time, event.direction, event.frame, isPadded, commentOf(event));
  }
  writer.flush();
}

/** What is said beside a packet: its drop, or its socket and the rule that chose it; null when there is nothing to say. */
export function commentOf(event: RecordedFrame): string | null {
  const parts: string[] = [];
  if (event.socket !== null) parts.push(`to ${event.socket}: ${event.rule}`);
  if (event.dropped !== null) parts.push(`dropped: ${event.dropped}${later(event.time, event.droppedAt)}`);
  return parts.length === 0 ? null : parts.join('; ');
}

function later(seen: Nanos, dropped: Nanos): string {
  return dropped === seen ? '' : ` at ${formatTime(dropped)}`;
}

function isCaptured(event: RecordedFrame): boolean {
  return event.device !== LOOPBACK || event.direction === 'in';
}
