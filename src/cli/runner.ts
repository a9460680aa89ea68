/** Runs a scenario with progress on a terminal, and turns a defect of the program into a message that can be acted on. */
import { performance } from 'node:perf_hooks';
import { ForeignWaitError } from '../apps/async/async-programs.ts';
import { type RunSettings, ScenarioRun } from '../scenario/build/run.ts';
import { ActionError } from '../scenario/build/timeline.ts';
import type { Scenario } from '../scenario/schema/scenario.ts';
import { InvariantError } from '../sim/errors.ts';
import { formatTime } from '../sim/time.ts';
import { UndefinedByProfile } from '../sockets/profile.ts';
import { ProgramError } from '../sockets/program.ts';
import { EndlessError } from '../testing/run/endless.ts';
import { DefectError, UsageError } from './exit.ts';
import { Progress } from './progress.ts';
import { problemOfRun, type ScenarioFlags } from './scenario-file.ts';
import type { Terminal } from './terminal.ts';

/**
 * @param command what the user typed behind the program's name, for the message that says how to see a defect again
 * @param maxEvents a run with more is stopped
 * @throws UsageError for what only the engine can judge; DefectError
 */
export async function execute(
  scenario: Scenario,
  settings: RunSettings,
  command: string,
  flags: ScenarioFlags,
  terminal: Terminal,
  maxEvents: number = Number.MAX_SAFE_INTEGER,
): Promise<{ run: ScenarioRun; wallSeconds: number }> {
  const run = new ScenarioRun(scenario, settings);
  const started = performance.now();
  const progress = new Progress(terminal, 'simulated');
  try {
    while ((await run.slice(maxEvents)) === 'limit') {
      const { now, events } = run.network.simulator;
      if (events >= maxEvents) throw new EndlessError(run, `${events} events`);
      progress.show(`${events} events, ${formatTime(now).slice(0, -6)} s`);
    }
  } catch (error) {
    throw explained(error, run, replayCommand(command, flags, settings));
  } finally {
    progress.clear();
  }
  return { run, wallSeconds: (performance.now() - started) / 1000 };
}

function explained(error: unknown, run: ScenarioRun, replay: string): unknown {
  if (error instanceof UndefinedByProfile) return new UsageError(openQuestion(error, run));
  if (error instanceof ProgramError || error instanceof ForeignWaitError || error instanceof ActionError)
    return new UsageError(error.message);
  if (error instanceof EndlessError)
    return new UsageError(
      `${error.message}\n  let it go on with --max-events, or give it an end with --until`,
    );
  if (!(error instanceof InvariantError)) return error;
  const { simulator, random } = run.network;
  const message = [
    `A rule of fivetuple itself was broken: ${error.message}`,
    `  at ${formatTime(simulator.now)} s, in ${simulator.placeName(simulator.place)}, seed ${random.seed}`,
    `  to see it again: ${replay}`,
    'This is a defect of the program, not of your input. Please report it with these lines.',
  ].join('\n');
  return new DefectError(message, error);
}

/** What a profile leaves open, at the call of the scenario that asked, or at the host that a packet came to. */
function openQuestion(error: UndefinedByProfile, { scenario, programs }: ScenarioRun): string {
  const { at } = error;
  if (at === null) return problemOfRun(scenario, ['profile'], error.message, error.expected);
  if (at.program === null) {
    const isOwn = scenario.hosts[at.host]?.profile != null;
    const path = isOwn ? ['hosts', at.host, 'profile'] : ['profile'];
    return problemOfRun(scenario, path, error.message, error.expected);
  }
  const records = programs.runs.get(at.program)?.records ?? [];
  const call = records.length === 0 ? [] : ['calls', records.length - 1];
  return problemOfRun(scenario, ['programs', at.program, ...call], error.message, error.expected);
}

function replayCommand(command: string, flags: ScenarioFlags, settings: RunSettings): string {
  const options = [
    flags.seed === undefined ? '' : `--seed ${flags.seed}`,
    settings.until === undefined ? '' : `--until ${settings.until}ns`,
    flags.profile === undefined ? '' : `--profile ${flags.profile}`,
    ...flags.set.map((change) => `--set '${change}'`),
    settings.wire === true ? '--wire' : '',
  ];
  return ['fivetuple', command, ...options.filter((option) => option !== '')].join(' ');
}
