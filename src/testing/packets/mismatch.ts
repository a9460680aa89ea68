/** What is said when packets are not as a test wants them: the difference field by field, and the nearest packet. */
import type { SeenPacket } from '../run/seen-packet.ts';
import type { FieldResult, PacketMatcher, PacketView } from './matcher.ts';
import { nearness } from './where.ts';

/** An assertion about packets that does not hold. The message is the whole story. */
export class PacketMismatch extends Error {
  constructor(lines: readonly string[]) {
    super(lines.join('\n'));
    this.name = 'PacketMismatch';
  }
}

/** One line per field, what is wrong first:  `x flags    expected SYN,ACK   found SYN`. */
export function fieldLines(results: readonly FieldResult[]): string[] {
  const wrong = results.filter(({ ok }) => !ok);
  const right = results.filter(({ ok, field }) => ok && field !== 'protocol');
  const width = Math.max(...results.map(({ field }) => field.length));
  const expectedWidth = Math.max(0, ...wrong.map(({ expected }) => expected.length));
  return [
    ...wrong.map(
      ({ field, expected, found }) =>
        `    x ${field.padEnd(width)}  expected ${expected.padEnd(expectedWidth)}  found ${found}`,
    ),
    ...right.map(({ field, found }) => `    = ${field.padEnd(width)}  ${found}`),
  ];
}

/** A packet in one line. */
export function packetLine(packet: PacketView): string {
  return packet.text ?? packet.frame.format();
}

/**
 * The packet that came nearest to a matcher without being it, with its differences.
 * @returns no lines when not even a packet of the protocol is there
 */
export function nearestLines(packets: readonly SeenPacket[], matcher: PacketMatcher): string[] {
  let nearest: { readonly packet: SeenPacket; readonly results: readonly FieldResult[] } | null = null;
  let best = 0;
  for (const packet of packets) {
    const results = matcher.compare(packet);
    const near = nearness(results);
    if (near >= 1 || near <= best) continue;
    best = near;
    nearest = { packet, results };
  }
  if (nearest === null) return [`  none of ${packets.length} packets comes near`];
  return [
    `  the nearest of ${packets.length} packets:`,
    `    ${packetLine(nearest.packet)}`,
    ...fieldLines(nearest.results),
  ];
}

/** Not more packets than this are listed. */
const LISTED = 5;

/** Packets one per line, cut when there are many. */
export function listLines(packets: readonly SeenPacket[]): string[] {
  const shown = packets.slice(0, LISTED).map((packet) => `    ${packetLine(packet)}`);
  const more = packets.length - LISTED;
  return more > 0 ? [...shown, `    and ${more} more`] : shown;
}
