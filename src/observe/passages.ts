/**
 * Which departure belongs to which arrival: recorded frames of chosen nodes paired into passages, also across nodes
 * that were not chosen, on whose way link headers and TTL change. Every departure, every arrival and every drop at a
 * chosen node is in exactly one passage.
 */
import type { Pdu } from '../packet/pdu.ts';
import type { Nanos } from '../sim/time.ts';
import { TcpSegment } from '../transport/tcp/header.ts';
import { UdpDatagram } from '../transport/udp.ts';
import { dissect } from './dissect.ts';
import type { RecordedDrop, RecordedFrame } from './recorder.ts';

export interface Passage {
  /** The departure; null when the packet came from a node that was not chosen. */
  readonly departure: RecordedFrame | null;
  /** The arrival; null when it never came, or came elsewhere. */
  arrival: RecordedFrame | null;
  /** Where and why it was lost on the way, when no arrival is there to explain it. */
  lost: { readonly node: string; readonly reason: string } | null;
  /** The node that was not chosen and had it last; null when there was none. */
  elsewhere: { readonly node: string; readonly direction: 'in' | 'out' } | null;
  /** Another copy of the departure has an arrival of its own: duplicated on the way, or flooded. */
  readonly isCopy: boolean;
}

/**
 * @param frames of all nodes, chosen or not: losses on the way show at others
 * @returns passages in the order of their departures
 */
export function passagesBetween(frames: readonly RecordedFrame[], nodes: readonly string[]): Passage[] {
  const pairing = new Pairing(new Set(nodes));
  for (const event of frames) pairing.add(event);
  return pairing.passages;
}

/** When a passage begins, for order: its departure, or its arrival when it has none. */
export function beginningOf(passage: Passage): Nanos {
  return (passage.departure ?? passage.arrival)!.time;
}

/** Drops of chosen nodes that no frame explains. */
export function strayDropsOf(drops: readonly RecordedDrop[], nodes: readonly string[]): RecordedDrop[] {
  return drops.filter((drop) => nodes.includes(drop.node));
}

/** What is known of one packet, wherever it shows. */
interface Known {
  /** Those that began at a chosen node. */
  readonly passages: Passage[];
  lastElsewhere: Passage['elsewhere'];
}

class Pairing {
  readonly passages: Passage[] = [];
  readonly #nodes: ReadonlySet<string>;
  /** Passages of one packet, by what stays the same on its way. */
  readonly #byKey = new Map<string, Known>();

  constructor(nodes: ReadonlySet<string>) {
    this.#nodes = nodes;
  }

  add(event: RecordedFrame): void {
    const key = identityOf(event.frame);
    const known = this.#byKey.get(key) ?? { passages: [], lastElsewhere: null };
    this.#byKey.set(key, known);
    if (!this.#nodes.has(event.node)) addElsewhere(event, known);
    else if (event.direction === 'out') this.#depart(event, known);
    else this.#arrive(event, known);
  }

  #depart(event: RecordedFrame, known: Known): void {
    const passage = { departure: event, arrival: null, lost: lossOf(event), elsewhere: null, isCopy: false };
    known.passages.push(passage);
    this.passages.push(passage);
  }

  #arrive(event: RecordedFrame, { passages, lastElsewhere }: Known): void {
    const candidates = passages.filter(
      ({ departure }) => departure !== null && departure.node !== event.node && departure.time <= event.time,
    );
    const expected =
      candidates.find(({ arrival, lost }) => arrival === null && lost === null) ??
      candidates.find(({ arrival }) => arrival === null); // one copy was lost, another came
    if (expected !== undefined) {
      expected.arrival = event;
      expected.lost = null;
      return;
    }
    // Another copy: duplicated on the way, or flooded to several. Or it came from outside.
    const original =
      candidates.findLast(({ departure }) => departure!.frame === event.frame) ?? candidates.at(-1);
    const departure = original?.departure ?? null;
    this.passages.push({
      departure,
      arrival: event,
      lost: null,
      elsewhere: lastElsewhere,
      isCopy: departure !== null,
    });
  }
}

/** An event at a node between the chosen ones. */
function addElsewhere(event: RecordedFrame, known: Known): void {
  known.lastElsewhere = { node: event.node, direction: event.direction };
  const open = known.passages.find(({ arrival, lost }) => arrival === null && lost === null);
  if (open === undefined) return;
  open.elsewhere = known.lastElsewhere;
  open.lost = lossOf(event);
}

function lossOf(event: RecordedFrame): Passage['lost'] {
  return event.dropped === null ? null : { node: event.node, reason: event.dropped };
}

/** A text that is the same for one packet at every node on its way: everything but link header and TTL. */
function identityOf(frame: Pdu): string {
  const { arp, ip, transport } = dissect(frame);
  if (arp !== null) return arp.format();
  if (ip === null) return frame.format();
  const packet = `${ip.src} ${ip.dst} ${ip.protocol} ${ip.id} ${ip.offset} ${ip.size}`;
  if (transport instanceof TcpSegment) return `${packet} ${transport.format()}`;
  if (transport instanceof UdpDatagram) return `${packet} ${transport.srcPort} ${transport.dstPort}`;
  if (transport === null) return packet;
  if ('rest' in transport) return `${packet} ${transport.type} ${transport.code} ${transport.rest}`;
  return `${packet} ${transport.format()}`;
}
