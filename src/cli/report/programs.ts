/** What programs did: the calls of inline lists with their results, and what built-in programs printed and counted. */

import type { ProgramRun } from '../../scenario/build/programs.ts';
import type { ScenarioRun } from '../../scenario/build/run.ts';
import type { CallRecord } from '../../scenario/calls/program.ts';
import { formatExpected, formatResult, meets } from '../../scenario/calls/result.ts';
import { formatDuration, formatTime } from '../../sim/time.ts';
import type { painter } from '../terminal.ts';

type Paint = ReturnType<typeof painter>;

/** A heading and its lines for every program. */
export function programLines(run: ScenarioRun, paint: Paint): string[] {
  return [...run.programs.runs.values()].flatMap((program) => {
    const { name, spec, task } = program;
    const state = task.state === 'exited' ? `exit status ${task.status}` : task.state;
    const waits = task.waitsIn === null ? '' : ` in ${task.waitsIn}`;
    const heading = `${paint('bold', name)} on ${spec.host} (${spec.run}): ${state}${waits}`;
    const lines = spec.calls === undefined ? appLines(program) : callLines(program, run, paint);
    return [heading, ...lines.map((line) => `  ${line}`)];
  });
}

function callLines({ spec, records }: ProgramRun, run: ScenarioRun, paint: Paint): string[] {
  return (spec.calls ?? []).map((call, index) => {
    const record: CallRecord | undefined = records[index];
    if (record === undefined) return `${paint('red', '✗')} ${' '.repeat(8)}  ${call.text}  never reached`;
    const ok = meets(call.expected, record.result, (end) => run.directory.endpoint(end, record.family));
    const mark = ok ? paint('green', '✓') : paint('red', '✗');
    const time = formatTime(record.startedAt).slice(0, -3).padStart(9);
    const isTold =
      'kind' in call.expected && call.expected.kind !== 'success' && call.expected.kind !== 'anything';
    const came = formatResult(record.result);
    const result = ok && isTold ? '' : ` → ${came}`;
    const wanted = ok ? '' : paint('red', ` (expected ${formatExpected(call.expected)})`);
    return `${mark} ${time}  ${call.text}${result}${wanted}`;
  });
}

const PRINTED_AT_MOST = 20;

function appLines({ name, host, statistics }: ProgramRun): string[] {
  const printed = host.printed.filter((line) => line.program === name);
  const shown = printed
    .slice(0, PRINTED_AT_MOST)
    .map(({ time, line }) => `${formatTime(time).slice(0, -3).padStart(11)}  ${line}`);
  if (printed.length > PRINTED_AT_MOST) shown.push(`… ${printed.length - PRINTED_AT_MOST} more lines`);
  const figures = Object.entries(statistics ?? {})
    .filter(([, value]) => value !== null && value !== '' && value !== 0)
    .map(([key, value]) => `${key} ${figure(key, value)}`);
  return figures.length === 0 ? shown : [...shown, figures.join(', ')];
}

function figure(key: string, value: unknown): string {
  if (typeof value === 'number' && /^(rtt|delay)|At$/.test(key)) return formatDuration(Math.round(value));
  return String(value);
}
