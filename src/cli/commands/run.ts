/** `fivetuple run`: a scenario from its file to its report. */
import { writeCaptureFiles } from '../../observe/sinks/capture-files.ts';
import type { RunSettings, ScenarioRun } from '../../scenario/build/run.ts';
import { checkExpectations } from '../../scenario/expect/check.ts';
import type { Verdict } from '../../scenario/expect/verdict.ts';
import type { Scenario } from '../../scenario/schema/scenario.ts';
import { NEVER } from '../../sim/time.ts';
import { type CoverageGoal, ProtocolCoverage } from '../../testing/reach/protocol-coverage.ts';
import { EXIT_FAILED, EXIT_OK, UsageError } from '../exit.ts';
import { requireFile } from '../input-file.ts';
import { instantOf, wholeNumber } from '../option-values.ts';
import { jsonText, writeResult } from '../output.ts';
import { coverageGoal, coverageText, reportCoverage } from '../report/coverage.ts';
import { runDocument } from '../report/json.ts';
import { printReport } from '../report/report.ts';
import { execute } from '../runner.ts';
import { openScenario, type ScenarioFlags } from '../scenario-file.ts';
import { shippedScenarios } from '../shipped.ts';
import type { Terminal } from '../terminal.ts';

/** Options as the command line gives them. */
export interface RunFlags extends ScenarioFlags {
  readonly until?: string;
  /** Events after which the run is stopped. */
  readonly maxEvents?: string;
  readonly pcap?: string;
  readonly json?: string;
  readonly wire?: true;
  readonly quiet?: true;
  /** A file for what of the protocols was reached; true: it is only shown. */
  readonly coverage?: string | true;
  readonly minCoverage?: string;
}

/** What `npm start`, or `fivetuple` alone, shows to someone who has just cloned or installed the project. */
export async function runFlagship(terminal: Terminal): Promise<number> {
  const [flagship] = shippedScenarios();
  if (flagship === undefined) throw new UsageError('there are no scenarios beside the program');
  const exitCode = await run(flagship, { set: [] }, terminal);
  const self = import.meta.url.endsWith('.ts') ? 'npm start --' : 'fivetuple';
  terminal.out(`\nThis was ${flagship}. More of them: ${self} scenarios. Help: ${self} --help.\n`);
  return exitCode;
}

/** @returns 0 when all expectations hold, else 1 @throws UsageError when the input is wrong */
export async function run(file: string, flags: RunFlags, terminal: Terminal): Promise<number> {
  if (file.endsWith('.pkt')) return runScript(file, flags, terminal);
  const { verdicts, isCovered } = await runAndReport(
    await openScenario(file, flags),
    file,
    `run ${file}`,
    flags,
    terminal,
  );
  return isCovered && verdicts.every(({ ok }) => ok) ? EXIT_OK : EXIT_FAILED;
}

/**
 * Runs a scenario and says what happened, as the options want it.
 * @param file what the scenario is called in documents
 * @param command that runs it, without its options
 */
export async function runAndReport(
  scenario: Scenario,
  file: string,
  command: string,
  flags: RunFlags,
  terminal: Terminal,
): Promise<{ fingerprint: string; verdicts: readonly Verdict[]; isCovered: boolean }> {
  const goal = flags.minCoverage === undefined ? null : coverageGoal(flags.minCoverage);
  const coverage = flags.coverage === undefined && goal === null ? null : new ProtocolCoverage();
  const settings: RunSettings = {
    wire: flags.wire ?? false,
    records:
      flags.quiet === undefined || flags.pcap !== undefined || flags.json !== undefined || coverage !== null,
    ...(coverage === null ? {} : { disguise: (owner) => coverage.disguise(owner) }),
    ...(flags.until === undefined ? {} : { until: instantOf('--until', flags.until, NEVER) }),
  };
  const { run, wallSeconds } = await execute(
    scenario,
    settings,
    command,
    flags,
    terminal,
    mostEvents(scenario, flags),
  );
  const fingerprint = run.network.simulator.fingerprint.toString();
  const verdicts = checkExpectations(run);
  if (flags.json !== '-') printReport(run, verdicts, terminal, flags.quiet ?? false);
  if (flags.pcap !== undefined) writeCaptures(flags.pcap, run, terminal);
  if (flags.json !== undefined)
    writeResult(flags.json, jsonText(runDocument(run, verdicts, file, wallSeconds)), terminal);
  const isCovered = coverage === null || covered(run, coverage, goal, flags, terminal);
  return { fingerprint, verdicts, isCovered };
}

/** Counterexamples are small, and some of them never end; other scenarios may be as large as they like. */
const EVENTS_OF_PROPERTY = 1_000_000;

function mostEvents({ expect }: Scenario, { maxEvents }: RunFlags): number {
  if (maxEvents !== undefined) return wholeNumber('--max-events', maxEvents, 1);
  return expect.some(({ check }) => check === 'holds') ? EVENTS_OF_PROPERTY : Number.MAX_SAFE_INTEGER;
}

/** Shows and writes what was reached. @returns whether it is enough */
function covered(
  run: ScenarioRun,
  coverage: ProtocolCoverage,
  goal: CoverageGoal | null,
  flags: RunFlags,
  terminal: Terminal,
): boolean {
  coverage.add(run);
  if (typeof flags.coverage === 'string') writeResult(flags.coverage, coverageText(coverage), terminal);
  return reportCoverage(coverage, goal, terminal, flags.quiet ?? flags.json === '-');
}

/** A packetdrill script brings its own host, times and settings. */
async function runScript(file: string, flags: RunFlags, terminal: Terminal): Promise<number> {
  const { seed, until, maxEvents, profile, wire, set, coverage } = flags;
  const given = Object.entries({
    seed,
    until,
    'max-events': maxEvents,
    profile,
    wire,
    coverage,
    set: set[0],
  }).find(([, value]) => value !== undefined);
  if (given !== undefined)
    throw new UsageError(
      `error: --${given[0]} means nothing for a script\n  expected: --pcap, --json or --quiet`,
    );
  requireFile(file, 'a packetdrill script');
  return (await import('./run-script.ts')).runScriptFile(file, flags, terminal);
}

function writeCaptures(folder: string, run: ScenarioRun, terminal: Terminal): void {
  const wishes = run.scenario.outputs.captures?.map((end) => run.directory.interfaceName(end));
  const files = writeCaptureFiles(folder, run.recorder.frames, wishes);
  terminal.err(`${files.length} captures in ${folder}\n`);
}
