/**
 * What happened besides packets going their way: what was done to the network, what was lost, what programs read and
 * printed, how they ended. Of these, the events that decide are those that do not happen when nothing goes wrong.
 */
import { dissect } from '../../observe/dissect.ts';
import { passagesBetween } from '../../observe/passages.ts';
import { RelativeNumbers } from '../../observe/relative-numbers.ts';
import { formatMicros, shortText } from '../../observe/text.ts';
import type { ActionSpec } from '../../scenario/schema/scenario.ts';
import { NEVER } from '../../sim/time.ts';
import type { TestRun } from '../run/test-run.ts';

interface TracedEvent {
  readonly time: number;
  readonly node: string;
  readonly what: string;
}

/** One line for each event, in order. */
export function traceOf(run: TestRun): string[] {
  return linesOf(eventsOf(run));
}

/** Those that decide. @param calm the run of the same case without its faults; null: all of them decide */
export function decidingEvents(run: TestRun, calm: TestRun | null): string[] {
  if (calm === null) return traceOf(run);
  const usual = new Map<string, number>();
  for (const event of eventsOf(calm)) usual.set(nameOf(event), (usual.get(nameOf(event)) ?? 0) + 1);
  return linesOf(
    eventsOf(run).filter((event) => {
      const left = usual.get(nameOf(event)) ?? 0;
      usual.set(nameOf(event), left - 1);
      return left <= 0;
    }),
  );
}

function eventsOf(run: TestRun): TracedEvent[] {
  const events = [...actions(run), ...fates(run), ...readings(run), ...prints(run), ...ends(run)];
  return events.sort((a, b) => a.time - b.time);
}

/** The same event at another time is the same. */
function nameOf({ node, what }: TracedEvent): string {
  return `${node} ${what}`;
}

function linesOf(events: readonly TracedEvent[]): string[] {
  const width = Math.max(0, ...events.map(({ node }) => node.length));
  return events.map(
    ({ time, node, what }) => `${formatMicros(time).padStart(11)}  ${node.padEnd(width)}  ${what}`,
  );
}

function actions({ scenario, now }: TestRun): TracedEvent[] {
  return scenario.timeline
    .filter((action) => action.at <= now && action.do !== 'call')
    .map((action) => ({ time: action.at, node: subjectOf(action), what: action.do }));
}

function subjectOf(action: ActionSpec): string {
  if ('link' in action) return action.link;
  if ('host' in action) return action.host;
  return 'program' in action ? action.program : '';
}

/** Packets to which something happened on their way. */
function fates(run: TestRun): TracedEvent[] {
  const numbers = new RelativeNumbers();
  const nodes = run.network.hosts.map(({ name }) => name);
  return passagesBetween(run.frames, nodes).flatMap(({ departure, arrival, lost, isCopy }) => {
    const event = (departure ?? arrival)!;
    if (isCopy && isArp(event.frame)) return []; // flooded, as it should be
    const packet = shortText(event.frame, numbers);
    const { time, node } = event;
    if (arrival === null && lost !== null) return [{ time, node, what: `${packet}: lost (${lost.reason})` }];
    if (isCopy) return [{ time: arrival!.time, node: arrival!.node, what: `${packet}: arrives again` }];
    if (arrival !== null && arrival.dropped !== null)
      return [{ time: arrival.time, node: arrival.node, what: `${packet}: dropped (${arrival.dropped})` }];
    return [];
  });
}

function isArp(frame: TestRun['frames'][number]['frame']): boolean {
  return dissect(frame).arp !== null;
}

function readings(run: TestRun): TracedEvent[] {
  return run.readings.map(({ time, program, data, from }) => {
    const sender = from === null ? '' : ` from ${from.address}:${from.port}`;
    return {
      time,
      node: program,
      what: `reads ${data.size} ${data.size === 1 ? 'byte' : 'bytes'}${quoted(data.view())}${sender}`,
    };
  });
}

function prints(run: TestRun): TracedEvent[] {
  return run.printed().map(({ time, program, line }) => ({ time, node: program, what: `prints: ${line}` }));
}

function ends(run: TestRun): TracedEvent[] {
  return run.network.hosts
    .flatMap(({ tasks }) => tasks)
    .filter(({ endedAt }) => endedAt < NEVER)
    .map(({ name, endedAt, state, status }) => ({
      time: endedAt,
      node: name,
      what: state === 'exited' ? `exits with status ${status}` : state,
    }));
}

const SHOWN = 40;

/** The bytes as text when they are text. */
function quoted(bytes: Uint8Array): string {
  const shown = bytes.subarray(0, SHOWN);
  if (shown.some((byte) => byte < 9 || (byte > 13 && byte < 32) || byte > 126)) return '';
  return ` ${JSON.stringify(`${new TextDecoder().decode(shown)}${bytes.length > SHOWN ? '…' : ''}`)}`;
}
