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
/** Room for a label beside a single column. */
const LABEL_BESIDE = 60;
/** Length of an arrow beside a single column. */
const LONE_ARROW = 12;

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
  else drawArrow(row, layout, arrowOf(passage, layout, from, to), label);
  const fate = fateOf(passage);
  row.write(marginOf(layout, label), layout.isWide ? fate : `${label}  ${fate}`);
  return row.text();
}

interface Arrow {
  readonly from: number;
  readonly to: number;
  readonly isLost: boolean;
  /** One end is no column: the line is dotted. */
  readonly isOutside: boolean;
}

function arrowOf(passage: Passage, layout: Layout, from: number | null, to: number | null): Arrow {
  if (from !== null && to !== null) return { from, to, isLost: false, isOutside: false };
  const here = (from ?? to)!;
  const there = neighbourOf(layout, here);
  if (from === null) return { from: there, to: here, isLost: false, isOutside: true };
  const isOutside = passage.lost === null && passage.elsewhere?.direction === 'in'; // it stayed there
  return { from: here, to: there, isLost: !isOutside, isOutside };
}

/** Where words begin behind the diagram: behind the label, if a single column leaves it beside itself. */
function marginOf({ isWide, columns, margin }: Layout, label: string): number {
  return isWide && columns.length === 1 ? margin + Math.min(label.length, LABEL_BESIDE) + 4 : margin;
}

function drawArrow(row: Row, layout: Layout, { from, to, isLost, isOutside }: Arrow, label: string): void {
  const [left, right] = from < to ? [from, to] : [to, from];
  const isRightward = from < to;
  const cut = isLost ? Math.floor((right - left) / 5) : 0; // a lost packet does not get there
  const first = left + 1 + (isRightward ? 0 : cut);
  const last = right - 1 - (isRightward ? cut : 0);
  for (let x = first; x <= last; x++) row.put(x, isOutside ? '.' : '-');
  if (isRightward) row.put(last, isLost ? 'X' : '>');
  else row.put(first, isLost ? 'X' : '<');
  const room = last - first - 6;
  if (layout.isWide && room > 0) row.write(first + 4, ` ${shortened(label, room - 2)} `);
}

/** A packet over the loopback device stays in its column; its label stands where there is room for it. */
function drawSelf(row: Row, { isWide, columns }: Layout, column: number, label: string): void {
  const isLast = columns.length > 1 && column === columns.at(-1);
  row.write(isLast ? column - 2 : column + 1, '<>');
  if (!isWide) return; // the label stands beside the diagram
  const room = columns.length > 1 ? columns.at(-1)! - columns[0]! - 8 : LABEL_BESIDE;
  const text = shortened(label, room);
  row.write(isLast ? column - 3 - text.length : column + 4, text);
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

function fateOf({ departure, arrival, lost, elsewhere, isCopy }: Passage): string {
  if (arrival === null) return fateUnderWay(departure, lost, elsewhere);
  const came = departure === null ? '' : `+${formatDuration(arrival.time - departure.time)}`;
  const words = [
    came,
    departure === null && elsewhere !== null ? `from ${elsewhere.node}` : '',
    isCopy ? 'a copy' : '',
    arrival.dropped === null ? '' : `dropped: ${arrival.dropped}`,
  ];
  return words.filter((word) => word !== '').join(', ');
}

function fateUnderWay(
  departure: Passage['departure'],
  lost: Passage['lost'],
  elsewhere: Passage['elsewhere'],
): string {
  if (lost !== null) {
    return lost.node === departure?.node ? `lost: ${lost.reason}` : `lost at ${lost.node}: ${lost.reason}`;
  }
  if (elsewhere === null) return 'not seen again';
  return elsewhere.direction === 'in' ? `to ${elsewhere.node}` : `not seen behind ${elsewhere.node}`;
}

function columnOf({ nodes, columns }: Layout, event: RecordedFrame | null): number | null {
  return event === null ? null : (columns[nodes.indexOf(event.node)] ?? null);
}

/** The column to which a packet goes, or from which it comes, as far as the diagram can tell: the next one. */
function neighbourOf({ columns }: Layout, here: number): number {
  const i = columns.indexOf(here);
  return columns[i + 1] ?? columns[i - 1] ?? here + LONE_ARROW;
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
