/**
 * From recorded frames to capture files: one per interface, or all merged into one. Each packet that was dropped or
 * that reached a socket carries a comment saying so.
 */
import type { Nanos } from '../sim/time.ts';
import { formatTime } from '../sim/time.ts';
import { type ByteSink, PcapngWriter } from './pcapng.ts';
import type { RecordedFrame } from './recorder.ts';

const NOT_WRITTEN = -1;
/** Name of the loopback device, whose frames pass twice but are captured once, as libpcap does on Linux. */
const LOOPBACK = 'lo';

/** The interfaces at which frames were seen, `client.eth0`, in the order of their first frame. */
export function capturedInterfaces(frames: readonly RecordedFrame[]): string[] {
  return [...framesByInterface(frames).keys()];
}

/** The frames of each interface, in the order in which they passed; interfaces in the order of their first frame. */
export function framesByInterface(frames: readonly RecordedFrame[]): Map<string, RecordedFrame[]> {
  const byName = new Map<string, RecordedFrame[]>();
  const groups = new InterfaceMap((event) => {
    const group: RecordedFrame[] = [];
    byName.set(event.interfaceName, group);
    return group;
  });
  for (const event of frames) if (isCaptured(event)) groups.of(event).push(event);
  return byName;
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
  const named = new Map(interfaces.map((name) => [name, writer.addInterface(name)]));
  const ids = new InterfaceMap((event) => named.get(event.interfaceName) ?? NOT_WRITTEN);
  for (const event of frames) {
    const id = ids.of(event);
    if (id === NOT_WRITTEN || !isCaptured(event)) continue;
    const isPadded = event.device !== LOOPBACK;
    writer.packet(id, event.time, event.direction, event.frame, isPadded, commentOf(event));
  }
  writer.flush();
}

/** What is said beside a packet: its drop, or its socket and the rule that chose it; null when there is nothing to say. */
export function commentOf(event: RecordedFrame): string | null {
  if (event.socket === null && event.dropped === null) return null;
  const parts: string[] = [];
  if (event.socket !== null) parts.push(`to ${event.socket}: ${event.rule}`);
  if (event.dropped !== null) parts.push(`dropped: ${event.dropped}${later(event.time, event.droppedAt)}`);
  return parts.join('; ');
}

/** Something for each interface, found without putting its name together for every frame. */
class InterfaceMap<T> {
  readonly #nodes = new Map<string, Map<string, T>>();
  readonly #make: (event: RecordedFrame) => T;

  /** @param make called for the first frame of an interface */
  constructor(make: (event: RecordedFrame) => T) {
    this.#make = make;
  }

  of(event: RecordedFrame): T {
    let devices = this.#nodes.get(event.node);
    if (devices === undefined) {
      devices = new Map();
      this.#nodes.set(event.node, devices);
    }
    let known = devices.get(event.device);
    if (known === undefined) {
      known = this.#make(event);
      devices.set(event.device, known);
    }
    return known;
  }
}

function later(seen: Nanos, dropped: Nanos): string {
  return dropped === seen ? '' : ` at ${formatTime(dropped)}`;
}

function isCaptured(event: RecordedFrame): boolean {
  return event.device !== LOOPBACK || event.direction === 'in';
}
