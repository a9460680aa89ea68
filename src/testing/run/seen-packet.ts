/** A packet as somebody at an interface sees it: when and where, its headers as objects, and what became of it. */
import { dissect } from '../../observe/dissect.ts';
import type { RecordedFrame } from '../../observe/recorder.ts';
import { RelativeNumbers } from '../../observe/relative-numbers.ts';
import { formatFrame } from '../../observe/text.ts';
import type { Nanos } from '../../sim/time.ts';
import { TcpSegment } from '../../transport/tcp/header.ts';

type Headers = ReturnType<typeof dissect>;

export interface SeenPacket {
  /** Position in {@link TestRun.packets}. */
  readonly index: number;
  readonly time: Nanos;
  /** Host or router. */
  readonly node: string;
  /** Interface: `eth0`. */
  readonly device: string;
  readonly direction: 'in' | 'out';
  readonly arp: Headers['arp'];
  readonly ip: Headers['ip'];
  /** Null for fragments, other protocols, and bytes that are no such header. */
  readonly transport: Headers['transport'];
  /** A TCP segment with sequence and acknowledgement numbers counted from the beginning of its connection; else null. */
  readonly relative: TcpSegment | null;
  /** Why it went no further; null when it did. */
  readonly dropped: string | null;
  /** The socket that the demultiplexer chose, and the rule by which it did; null when none was looked for. */
  readonly socket: string | null;
  readonly rule: string | null;
  /** One line as tcpdump prints it, with relative sequence numbers. */
  readonly text: string;
  readonly frame: RecordedFrame['frame'];
}

/** @param frames in the order in which they were recorded */
export function seenPackets(frames: readonly RecordedFrame[]): SeenPacket[] {
  const numbers = new RelativeNumbers();
  return frames.map((event, index) => {
    const { time, node, device, direction, frame, dropped, socket, rule } = event;
    const text = formatFrame(event, numbers);
    const headers = dissect(frame);
    const { ip, transport } = headers;
    const relative = ip !== null && transport instanceof TcpSegment ? numbers.relative(ip, transport) : null;
    return { index, time, node, device, direction, ...headers, relative, dropped, socket, rule, text, frame };
  });
}
