/**
 * Assertions about the packets of a run: this one looks so, there are so many, never one, in this order, one follows
 * another within a time. Each throws {@link PacketMismatch}, whose message shows the nearest packet that almost matched.
 */
import type { Pdu } from '../../packet/pdu.ts';
import { formatDuration, type Nanos, NEVER, parseDuration } from '../../sim/time.ts';
import type { SeenPacket } from '../run/seen-packet.ts';
import { matches, type PacketMatcher, viewOf } from './matcher.ts';
import { fieldLines, listLines, nearestLines, PacketMismatch, packetLine } from './mismatch.ts';

/** Where packets are looked for: a run, or packets picked from it, in their order. */
export type Packets = { readonly packets: readonly SeenPacket[] } | readonly SeenPacket[];

/** A span or instant: ns, or a text with a unit such as `200ms`. */
export type Time = Nanos | string;

/** Both ends belong to it. Default: the whole run. */
export interface Window {
  readonly after?: Time;
  readonly before?: Time;
}

/** Exactly `times`, or at least and at most so many. Default: at least one. */
export interface HowMany extends Window {
  readonly times?: number;
  readonly atLeast?: number;
  readonly atMost?: number;
}

/** All packets that match, in order. */
export function findPackets(
  packets: Packets,
  matcher: PacketMatcher,
  window: Window = {},
): readonly SeenPacket[] {
  return within(packets, window).filter((packet) => matches(packet, matcher));
}

/** This packet looks so. @throws PacketMismatch field by field */
export function expectPacket(packet: SeenPacket | Pdu | undefined, matcher: PacketMatcher): void {
  if (packet === undefined) throw new PacketMismatch([`there is no packet to be ${matcher.text}`]);
  const view = viewOf(packet);
  const results = matcher.compare(view);
  if (results.every(({ ok }) => ok)) return;
  throw new PacketMismatch([
    `the packet is not ${matcher.text}`,
    `    ${packetLine(view)}`,
    ...fieldLines(results),
  ]);
}

/** So many packets match. @returns them @throws PacketMismatch */
export function expectPackets(
  packets: Packets,
  matcher: PacketMatcher,
  howMany: HowMany = {},
): readonly SeenPacket[] {
  const found = findPackets(packets, matcher, howMany);
  const least = howMany.times ?? howMany.atLeast ?? (howMany.atMost === undefined ? 1 : 0);
  const most = howMany.times ?? howMany.atMost ?? Number.POSITIVE_INFINITY;
  if (found.length >= least && found.length <= most) return found;
  const wanted =
    least === most ? `${least}` : most === Number.POSITIVE_INFINITY ? `at least ${least}` : `at most ${most}`;
  const shown = found.length > most ? listLines(found) : nearestLines(within(packets, howMany), matcher);
  throw new PacketMismatch([
    `expected ${wanted} of ${matcher.text}${windowText(howMany)}, found ${found.length}`,
    ...shown,
  ]);
}

/** No packet matches. @throws PacketMismatch with those that do */
export function expectNever(packets: Packets, matcher: PacketMatcher, window: Window = {}): void {
  const found = findPackets(packets, matcher, window);
  if (found.length === 0) return;
  throw new PacketMismatch([
    `expected never ${matcher.text}${windowText(window)}, found ${found.length}`,
    ...listLines(found),
  ]);
}

/**
 * A packet matches at the latest `within` after an instant, or after another packet.
 * @returns the first that does @throws PacketMismatch, telling a late one from none
 */
export function expectEventually(
  packets: Packets,
  matcher: PacketMatcher,
  { within: span, after = 0 }: { readonly within: Time; readonly after?: Time | SeenPacket },
): SeenPacket {
  const from = typeof after === 'object' ? after.time : timeOf(after);
  const limit = from + timeOf(span);
  const behind = typeof after === 'object' ? after.index : -1;
  const later = listOf(packets).filter(({ time, index }) => time >= from && index > behind);
  const found = later.find((packet) => matches(packet, matcher));
  if (found !== undefined && found.time <= limit) return found;
  const words = `expected ${matcher.text} within ${formatDuration(timeOf(span))} of ${formatDuration(from)}`;
  if (found !== undefined) {
    const late = formatDuration(found.time - limit);
    throw new PacketMismatch([`${words}; it came ${late} too late`, ...listLines([found])]);
  }
  throw new PacketMismatch([`${words}; it never came`, ...nearestLines(later, matcher)]);
}

/** A step of {@link expectSequence}: a packet, and how long after the one before it at the latest. */
export type Step = PacketMatcher | { readonly packet: PacketMatcher; readonly within: Time };

/**
 * Packets match these steps in this order; others may lie between, unless `strict`.
 * @returns one packet for each step @throws PacketMismatch with the steps that were found
 */
export function expectSequence(
  packets: Packets,
  steps: readonly Step[],
  { strict = false }: { readonly strict?: boolean } = {},
): readonly SeenPacket[] {
  const list = listOf(packets);
  const found: SeenPacket[] = [];
  let from = 0;
  for (const [number, step] of steps.entries()) {
    const matcher = 'packet' in step ? step.packet : step;
    const limit = 'packet' in step ? (found.at(-1)?.time ?? 0) + timeOf(step.within) : NEVER;
    const rest = strict && number > 0 ? list.slice(from, from + 1) : list.slice(from);
    const position = rest.findIndex((packet) => packet.time <= limit && matches(packet, matcher));
    if (position < 0) throw brokenSequence(steps, number, found, rest, matcher);
    found.push(rest[position]!);
    from += position + 1;
  }
  return found;
}

/**
 * Every packet that matches `when` is followed by one that matches `then`, at the latest `within` later: every request has
 * its answer. @param then a matcher, or a function that makes one for the packet at hand
 * @throws PacketMismatch with the first packet that has none
 */
export function expectLeadsTo(
  packets: Packets,
  when: PacketMatcher,
  then: PacketMatcher | ((cause: SeenPacket) => PacketMatcher),
  options: { readonly within: Time },
): void {
  for (const cause of findPackets(packets, when)) {
    const matcher = typeof then === 'function' ? then(cause) : then;
    try {
      expectEventually(packets, matcher, { ...options, after: cause });
    } catch (error) {
      if (!(error instanceof PacketMismatch)) throw error;
      throw new PacketMismatch([`after ${packetLine(cause)}`, error.message]);
    }
  }
}

/** ns of a time. @throws ConfigError for a text that is none */
function timeOf(time: Time): Nanos {
  return typeof time === 'number' ? time : parseDuration(time);
}

function listOf(packets: Packets): readonly SeenPacket[] {
  return 'packets' in packets ? packets.packets : packets;
}

function within(packets: Packets, { after = 0, before = NEVER }: Window): readonly SeenPacket[] {
  const [first, last] = [timeOf(after), timeOf(before)];
  return listOf(packets).filter(({ time }) => time >= first && time <= last);
}

function windowText({ after, before }: Window): string {
  const parts = [
    after === undefined ? [] : [` after ${formatDuration(timeOf(after))}`],
    before === undefined ? [] : [` before ${formatDuration(timeOf(before))}`],
  ];
  return parts.flat().join('');
}

function brokenSequence(
  steps: readonly Step[],
  number: number,
  found: readonly SeenPacket[],
  rest: readonly SeenPacket[],
  matcher: PacketMatcher,
): PacketMismatch {
  const words = steps[number]!;
  const span = 'packet' in words ? ` within ${formatDuration(timeOf(words.within))}` : '';
  return new PacketMismatch([
    `step ${number + 1} of ${steps.length} is missing: ${matcher.text}${span}`,
    ...found.map((packet, i) => `  ${i + 1}  ${packetLine(packet)}`),
    ...nearestLines(rest, matcher),
  ]);
}
