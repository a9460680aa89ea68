/** What programs did: how they ended, what they counted, what they printed, and what every call of a list came to. */

import { formatDuration } from '../../sim/time.ts';
import type { ProgramRun } from '../build/programs.ts';
import type { ScenarioRun } from '../build/run.ts';
import { formatExpected, formatResult, meets } from '../calls/result.ts';
import type { ExpectationSpec } from '../schema/scenario.ts';
import { boundsText, isWithin, type Verdict } from './verdict.ts';

export function checkProgram(
  { program, is, status }: Extract<ExpectationSpec, { check: 'program' }>,
  run: ScenarioRun,
): Verdict {
  const { task } = run.programs.runs.get(program)!;
  const wanted = status === null ? is : `${is} with status ${status}`;
  const found = task.state === 'exited' ? `exited with status ${task.status}` : task.state;
  const waits = task.waitsIn === null ? '' : `, waits in ${task.waitsIn}`;
  return {
    name: `${program} is ${is === 'running' ? 'still running' : wanted}`,
    ok: task.state === is && (status === null || task.status === status),
    detail: `${found}${waits}`,
  };
}

export function checkPrinted(
  expectation: Extract<ExpectationSpec, { check: 'printed' }>,
  run: ScenarioRun,
): Verdict {
  const { program, text, count, min, max } = expectation;
  const lines = run.programs.runs
    .get(program)!
    .host.printed.filter((line) => line.program === program)
    .map(({ line }) => line);
  const found = lines.filter((line) => line.includes(text)).length;
  const bounds = count === null && min === null && max === null ? { count, max, min: 1 } : expectation;
  return {
    name: `${program} printed ${JSON.stringify(text)}${bounds === expectation ? ` ${boundsText(bounds)} times` : ''}`,
    ok: isWithin(found, bounds),
    detail:
      lines.length === 0 ? 'it printed nothing' : `${found} of ${lines.length} lines; last: ${lines.at(-1)}`,
  };
}

export function checkStatistic(
  { program, statistic, is, min, max }: Extract<ExpectationSpec, { check: 'statistic' }>,
  run: ScenarioRun,
): Verdict {
  const value = run.programs.runs.get(program)!.statistics?.[statistic];
  const isExact = is === null || value === is;
  const number = typeof value === 'number' ? value : Number.NaN;
  const isBounded = (min === null || number >= min) && (max === null || number <= max);
  const bounds = [
    is === null ? '' : ` is ${is}`,
    min === null ? '' : ` is at least ${figure(statistic, min)}`,
    max === null ? '' : ` is at most ${figure(statistic, max)}`,
  ].filter((part) => part !== '');
  return {
    name: `${statistic} of ${program}${bounds.join(' and')}`,
    ok: isExact && isBounded,
    detail: typeof value === 'number' ? figure(statistic, value) : String(value),
  };
}

/** Statistics whose names speak of time are ns. */
function figure(name: string, value: number): string {
  return /^(rtt|delay)|At$/.test(name) ? formatDuration(Math.round(value)) : String(value);
}

/** Every call of an inline program came to what is written behind it: an expectation of its own. */
export function checkCalls(program: ProgramRun, run: ScenarioRun): Verdict | null {
  const calls = program.spec.calls;
  if (calls === undefined) return null;
  const wrong = calls.findIndex((call, index) => {
    const record = program.records[index];
    if (record === undefined) return true;
    return !meets(call.expected, record.result, (end) => run.directory.endpoint(end, record.family));
  });
  const name = `${program.name} on ${program.spec.host}: all ${calls.length} calls come to what they should`;
  if (wrong < 0) return { name, ok: true, detail: `${calls.length} of ${calls.length}` };
  const call = calls[wrong]!;
  const record = program.records[wrong];
  const came = record === undefined ? 'was never reached' : `came to ${formatResult(record.result)}`;
  const detail = `call ${wrong + 1}, ${call.text}: ${came}, not ${formatExpected(call.expected)}`;
  return { name, ok: false, detail };
}
