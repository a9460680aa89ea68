/** A counterexample as people read it: what failed, in which network, what happened, and how to see it again. */
import { dissect } from '../../observe/dissect.ts';
import { drawLadder } from '../../observe/ladder.ts';
import { drawTopology } from '../../observe/topology.ts';
import type { ScenarioInput } from '../../scenario/schema/scenario.ts';
import type { TestCase } from '../case.ts';
import type { TestRun } from '../run/test-run.ts';
import { dataText } from './data-text.ts';
import { decidingEvents } from './trace.ts';

export interface Failure {
  /** Of the property. */
  readonly name: string;
  readonly testCase: TestCase;
  readonly error: unknown;
  /** As far as it went, when a program threw or it never came to rest; null when it could not begin. */
  readonly run: TestRun | null;
  /** The same case without what goes wrong in it; null when nothing does. */
  readonly calm: TestRun | null;
  /** Cases that were tried, and steps by which this one was made smaller. */
  readonly numRuns: number;
  readonly numShrinks: number;
  readonly fingerprint: string | null;
}

/** How the failure is seen again: commands and places, in the order in which they are listed. */
export type Again = readonly (readonly [what: string, how: string])[];

export function failureText(failure: Failure, again: Again): string {
  const { name, numRuns, numShrinks, error, testCase, run } = failure;
  const cases = numRuns === 1 ? 'in the first case' : `after ${numRuns} cases`;
  const steps = numShrinks === 1 ? 'one step' : `${numShrinks} steps`;
  const sections: [string, string[]][] = [
    ['', [errorText(error)]],
    ['The smallest network in which it fails', run === null ? [] : drawTopology(run.network)],
    ['What goes wrong there', faultLines(testCase.scenario)],
    ['Input', testCase.input === null || testCase.input === undefined ? [] : [dataText(testCase.input, 2)]],
    ['What happened', run === null || run.packets.length === 0 ? [] : limited(ladderOf(run), LADDER_ROWS)],
    [eventsTitle(failure), run === null ? [] : limited(decidingEvents(run, failure.calm), TRACE_ROWS)],
    ['To see it again', columns(again)],
  ];
  const body = sections
    .filter(([, lines]) => lines.length > 0)
    .map(([title, lines]) => [title, ...indented(lines)].filter((line) => line !== '').join('\n'));
  return [`'${name}' does not hold: found ${cases}, made smaller in ${steps}`, ...body].join('\n\n');
}

/** Who sent what to whom, hosts only. ARP shows where it failed. */
export function ladderOf(run: TestRun): string[] {
  const nodes = run.network.hosts.filter(({ kind }) => kind === 'host').map(({ name }) => name);
  const filter = ({ frame, dropped }: TestRun['frames'][number]) =>
    dissect(frame).arp === null || dropped !== null;
  return drawLadder(run.frames, run.strayDrops, { nodes, filter });
}

export function errorText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const message = error.message.trim();
  return error.name === 'Error' ? message : `${error.name}: ${message}`;
}

function eventsTitle({ calm }: Failure): string {
  return calm === null
    ? 'What programs saw of it'
    : 'The events that decide: they do not happen when nothing goes wrong';
}

const LADDER_ROWS = 60;
const TRACE_ROWS = 40;

/** Impairments by link, and the timeline, in the words of scenario files. */
function faultLines({ links = {}, timeline = [] }: ScenarioInput): string[] {
  const impaired = Object.entries(links).flatMap(([name, link]) =>
    typeof link === 'string' ? [] : (link.impairments ?? []).map((rule) => `${name}: ${dataText(rule)}`),
  );
  return [...impaired, ...timeline.map((action) => dataText(action))];
}

function limited(lines: readonly string[], most: number): string[] {
  if (lines.length <= most) return [...lines];
  return [...lines.slice(0, most), `… and ${lines.length - most} more`];
}

function columns(rows: Again): string[] {
  const width = Math.max(...rows.map(([what]) => what.length));
  return rows.map(([what, how]) => `${what.padEnd(width)}  ${how}`);
}

function indented(lines: readonly string[]): string[] {
  return lines.flatMap((line) => line.split('\n')).map((line) => `  ${line}`.trimEnd());
}
