/** The report of a run for a person at a terminal: the network, what happened, who got what and why, and what holds. */
import { dropCounters, formatDropCounters } from '../../observe/counters.ts';
import { drawLadder } from '../../observe/ladder.ts';
import { RelativeNumbers } from '../../observe/relative-numbers.ts';
import { formatFrame } from '../../observe/text.ts';
import { drawTopology } from '../../observe/topology.ts';
import type { ScenarioRun } from '../../scenario/build/run.ts';
import type { Verdict } from '../../scenario/expect/verdict.ts';
import { formatDuration } from '../../sim/time.ts';
import { painter, type Terminal } from '../terminal.ts';
import { demuxRows, readingRows } from './deliveries.ts';
import { programLines } from './programs.ts';
import { socketSections } from './sockets.ts';

const LADDER_ROWS = 60;
const TEXT_ROWS = 200;
const PROGRAM_ROWS = 120;
const READING_ROWS = 30;
const DEMUX_ROWS = 30;

/** @param verdicts of all expectations @param isQuiet failures and the closing line only */
export function printReport(
  run: ScenarioRun,
  verdicts: readonly Verdict[],
  terminal: Terminal,
  isQuiet: boolean,
): void {
  const report = new Report(run, terminal);
  if (!isQuiet) report.everything();
  report.expectations(isQuiet ? verdicts.filter(({ ok }) => !ok) : verdicts);
  report.closing(verdicts);
}

class Report {
  readonly #run: ScenarioRun;
  readonly #terminal: Terminal;
  readonly #paint: ReturnType<typeof painter>;

  constructor(run: ScenarioRun, terminal: Terminal) {
    this.#run = run;
    this.#terminal = terminal;
    this.#paint = painter(terminal);
  }

  everything(): void {
    const { scenario, recorder, programs } = this.#run;
    this.#terminal.out(`${this.#paint('bold', scenario.title)}\n`);
    if (scenario.teaches !== '')
      this.#terminal.out(`${scenario.teaches.trim().replaceAll(/^(?=.)/gm, '  ')}\n`);
    this.#section('The network', drawTopology(this.#run.network));
    this.#section('What happened', this.#ladder());
    for (const { title, lines } of this.#texts()) this.#section(title, lines);
    this.#section(
      'What the programs did',
      limited(programLines(this.#run, this.#paint), PROGRAM_ROWS, 'lines'),
    );
    this.#section('Who read what', limited(readingRows(programs.readings), READING_ROWS, 'rows'));
    this.#section('Which socket got the packets, and why', limited(demuxRows(recorder), DEMUX_ROWS, 'rows'));
    for (const { title, lines } of socketSections(this.#run)) this.#section(title, lines);
    this.#section('What was dropped', this.#drops());
  }

  expectations(verdicts: readonly Verdict[]): void {
    const lines = verdicts.map(({ name, ok, detail }) => {
      const mark = ok ? this.#paint('green', '✓') : this.#paint('red', '✗');
      return `${mark} ${name}${ok ? '' : `\n      ${this.#paint('red', detail)}`}`;
    });
    this.#section('What was expected', lines);
  }

  closing(verdicts: readonly Verdict[]): void {
    const { network } = this.#run;
    const { simulator } = network;
    const failed = verdicts.filter(({ ok }) => !ok).length;
    const figures = `${formatDuration(simulator.now)} simulated, ${simulator.events} events, seed ${network.random.seed}, fingerprint ${simulator.fingerprint}`;
    const result =
      failed === 0
        ? this.#paint(
            'green',
            verdicts.length === 1 ? '1 expectation holds' : `${verdicts.length} expectations hold`,
          )
        : this.#paint('red', `${failed} of ${verdicts.length} expectations failed`);
    this.#terminal.out(`\n${result} (${figures})\n`);
  }

  #ladder(): string[] {
    const { scenario, recorder, directory } = this.#run;
    const { ladder } = scenario.outputs;
    if (ladder === null) return [];
    const matches = directory.matcher(ladder.match);
    const nodes = ladder.nodes ?? Object.keys(scenario.hosts);
    const rows = drawLadder(recorder.frames, recorder.strayDrops, {
      nodes,
      filter: ({ frame }) => matches(frame),
    });
    return rows.length <= 1 ? [] : limited(rows, LADDER_ROWS + 1, 'packets');
  }

  #texts(): { title: string; lines: string[] }[] {
    const { scenario, recorder, directory } = this.#run;
    return scenario.outputs.text.map(({ where, match }) => {
      const place = directory.interfaceName(where);
      const matches = directory.matcher(match);
      const numbers = new RelativeNumbers();
      const events = recorder.frames.filter((event) => event.interfaceName === place && matches(event.frame));
      const lines = events.map((event) => formatFrame(event, numbers));
      return { title: `Packets at ${place}`, lines: limited(lines, TEXT_ROWS, 'packets') };
    });
  }

  #drops(): string[] {
    const counters = dropCounters(this.#run.network);
    return counters.length === 0 ? [] : formatDropCounters(counters);
  }

  #section(title: string, lines: readonly string[]): void {
    if (lines.length === 0) return;
    this.#terminal.out(`\n${this.#paint('cyan', title)}\n${lines.map((line) => `  ${line}\n`).join('')}`);
  }
}

function limited(lines: readonly string[], most: number, what: string): string[] {
  if (lines.length <= most) return [...lines];
  return [...lines.slice(0, most), `… and ${lines.length - most} more ${what}`];
}
