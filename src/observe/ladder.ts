/**
 * A ladder diagram in text: a column per node, a row per packet, time going down. Left of a row stands when the
 * packet was sent, right of it when it arrived; packets that were lost end in an X.
 */
import { formatDuration } from '../sim/time.ts';
import { beginningOf, type Passage, passagesBetween, strayDropsOf } from './passages.ts';
import type { RecordedDrop, RecordedFrame } from './recorder.ts';
import { RelativeNumbers } from './relative-numbers.ts';
import { formatMicros, shortText } from './text.ts';

export interface LadderOptions {
  /** The columns, from left to right. */
  readonly nodes: readonly string[];
  /** Which packets are shown; default: all. */
  readonly filter?: (event: RecordedFrame) => boolean;
  /** Characters in a row, about: 80 to 110 read well. Default: 100. */
  readonly width?: number;
}

/** Where columns stand and labels go. */
interface Layout {
  readonly nodes: readonly string[];
  readonly columns: readonly number[];
  /** Labels are written into the arrows; else to the right of the diagram. */
  readonly isWide: boolean;
  /** Behind the last column. */
  readonly margin: number;
}

const TIME_WIDTH = 11;
const WIDEST_TIME = 13;

/** The diagram, one string per row; the first row names the columns. */
export function drawLadder(
  frames: readonly RecordedFrame[],
  strayDrops: readonly RecordedDrop[],
  options: LadderOptions,
): string[] {
  const { nodes, filter, width = 100 } = options;
  const layout = layoutOf(nodes, width);
  const shown = filter === undefined ? frames : frames.filter(filter);
  const numbers = new RelativeNumbers();
  const rows = passagesBetween(shown, nodes).map((passage) => ({
    time: beginningOf(passage),
    text: drawPassage(passage, layout, numbers),
  }));
  const drops = strayDropsOf(strayDrops, nodes).map((drop) => ({
    time: drop.time,
    text: drawDrop(drop, layout, numbers),
  }));
  const inOrder = [...rows, ...drops].sort((a, b) => a.time - b.time);
  return [drawHeader(layout), ...inOrder.map(({ text }) => text)];
}

function layoutOf(nodes: readonly string[], width: number): Layout {
  const isWide = nodes.length <= 2;
  const lanes = Math.max(1, nodes.length - 1);
  const room = isWide ? width - TIME_WIDTH - WIDEST_TIME - 2 : Math.floor(width * 0.45);
  const lane = Math.max(10, Math.floor(room / lanes));
  const first = TIME_WIDTH + 1;
  const columns = nodes.map((_, i) => first + i * lane);
  return { nodes, columns, isWide, margin: (columns.at(-1) ?? first) + 3 };
}

function drawHeader({ nodes, columns }: Layout): string {
  const row = new Row();
  nodes.forEach((name, i) => {
    const room = (columns[1] ?? 100) - (columns[0] ?? 0) - 2;
    const text = name.slice(0, Math.max(room, 1));
    row.write(Math.max(0, columns[i]! - Math.floor(text.length / 2)), text);
  });
  return row.text();
}

function drawPassage(passage: Passage, layout: Layout, numbers: RelativeNumbers): string {
  const event = (passage.departure ?? passage.arrival)!;
  const label = shortText(event.frame, numbers);
  const row = rowWithColumns(layout, event.time);
  const from = columnOf(layout, passage.departure);
  const to = columnOf(layout, passage.arrival);
  if (from === null && to !== null && passage.arrival!.device === 'lo') drawSelf(row, layout, to, label);
  else drawArrow(row, layout, { from, to: to ?? towards(passage, layout, from), isLost: to === null }, label);
  const fate = fateOf(passage);
  row.write(layout.margin, layout.isWide || from === null ? fate : `${label}  ${fate}`);
  return row.text();
}

interface Arrow {
  /** Column of the sender; null = from outside. */
  readonly from: number | null;
  readonly to: number;
  readonly isLost: boolean;
}

function drawArrow(row: Row, { isWide, columns }: Layout, { from, to, isLost }: Arrow, label: string): void {
  const start = from ?? (to === columns[0] && columns.length > 1 ? columns[1]! : columns[0]!);
  const [left, right] = start < to ? [start, to] : [to, start];
  const isRightward = start < to;
  const first = isRightward || !isLost ? left + 1 : left + Math.floor((right - left) / 5);
  const last = isRightward && isLost ? right - Math.floor((right - left) / 5) : right - 1;
  for (let x = first; x <= last; x++) row.put(x, from === null ? '.' : '-');
  if (isRightward) row.put(last, isLost ? 'X' : '>');
  else row.put(first, isLost ? 'X' : '<');
  const room = last - first - 6;
  if (isWide && room > 0) row.write(first + 4, ` ${shortened(label, room - 2)} `);
}

/** A packet over the loopback device stays in its column. */
function drawSelf(row: Row, { isWide, margin }: Layout, column: number, label: string): void {
  row.write(column + 1, '<>');
  row.write(isWide ? column + 4 : margin, ` ${label} `);
}

function drawDrop(drop: RecordedDrop, layout: Layout, numbers: RelativeNumbers): string {
  const row = rowWithColumns(layout, drop.time);
  row.put(layout.columns[layout.nodes.indexOf(drop.node)]!, 'X');
  const what = drop.pdu === null ? '' : `${shortText(drop.pdu, numbers)}  `;
  row.write(layout.margin, `${layout.isWide ? '' : what}dropped: ${drop.reason}`);
  if (layout.isWide)
    row.write(layout.columns[0]! + 4, ` ${shortened(what.trim(), layout.margin - layout.columns[0]! - 12)} `);
  return row.text();
}

function rowWithColumns({ columns }: Layout, time: number): Row {
  const row = new Row();
  row.write(0, formatMicros(time).padStart(TIME_WIDTH - 1));
  for (const x of columns) row.put(x, '|');
  return row;
}

function fateOf({ departure, arrival, lost }: Passage): string {
  if (arrival === null) return lost === null ? 'under way' : `lost: ${lost.reason}`;
  const refused = arrival.dropped === null ? '' : `, dropped: ${arrival.dropped}`;
  if (departure === null) return `${arrival.device === 'lo' ? '' : 'from outside'}${refused}`;
  return `+${formatDuration(arrival.time - departure.time)}${refused}`;
}

function columnOf({ nodes, columns }: Layout, event: RecordedFrame | null): number | null {
  return event === null ? null : (columns[nodes.indexOf(event.node)] ?? null);
}

/** Where a packet without an arrival was going, as far as the diagram can tell: to the other side. */
function towards({ departure }: Passage, { nodes, columns }: Layout, from: number | null): number {
  const i = departure === null ? 0 : nodes.indexOf(departure.node);
  const next = i + 1 < columns.length ? i + 1 : i - 1;
  return columns[next] ?? (from ?? 0) + 12;
}

function shortened(text: string, room: number): string {
  return text.length <= room ? text : `${text.slice(0, Math.max(0, room - 1))}…`;
}

/** A row of characters that can be written to anywhere. */
class Row {
  readonly #characters: string[] = [];

  put(x: number, character: string): void {
    while (this.#characters.length <= x) this.#characters.push(' ');
    this.#characters[x] = character;
  }

  write(x: number, text: string): void {
    [...text].forEach((character, i) => {
      this.put(x + i, character);
    });
  }

  text(): string {
    return this.#characters.join('').trimEnd();
  }
}
