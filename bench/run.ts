/**
 * `npm run bench [-- names] [--runs N] [--json file] [--gate]`: all workloads, or those named, each run in a process of
 * its own; the middle one of several runs counts. Figures are per CPU second: wall time on a shared machine says little.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { BENCH_CASES } from '../src/cli/workloads.ts';
import { gate } from './gate.ts';
import { middleRun, runInTurn } from './measure.ts';
import { type Figures, TARGETS, tellingFigure } from './plan.ts';
import { markdown, short } from './table.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    runs: { type: 'string', default: '3' },
    json: { type: 'string' },
    gate: { type: 'boolean', default: false },
  },
});

if (values.gate) {
  process.exitCode = gate() ? 0 : 1;
} else {
  const names = BENCH_CASES.map(({ name }) => name).filter(isChosen);
  if (names.length === 0) throw new Error(`no benchmark is called ${positionals.join(' or ')}`);
  const results = runInTurn(names, Number(values.runs), (name, run, figures) => {
    process.stderr.write(`${name} run ${run + 1}: ${figures.cpuSeconds.toFixed(2)} CPU s\n`);
  });
  const middle = names.map((name) => middleRun(results.get(name)!));
  const lines = middle.map((figures) => `${JSON.stringify(figures)}\n`).join('');
  if (values.json !== undefined) writeFileSync(values.json, lines);
  process.stdout.write(`${lines}\n${table(names, results)}`);
}

function isChosen(name: string): boolean {
  return positionals.length === 0 || positionals.some((each) => name === each || name.startsWith(`${each}/`));
}

/** A table for people: the middle run, the least and the largest value of all runs, and what is asked for. */
function table(names: readonly string[], results: ReadonlyMap<string, readonly Figures[]>): string {
  const rows = names.map((name) => {
    const runs = results.get(name)!;
    const middle = middleRun(runs);
    const figure = tellingFigure(name, middle);
    const all = runs.map((run) => Number(run[figure]));
    const target = TARGETS[name];
    const asked = target === undefined ? '' : short(target.value);
    const range = `${short(Math.min(...all))}–${short(Math.max(...all))}`;
    return [
      name,
      figure,
      short(Number(middle[figure])),
      range,
      asked,
      verdict(name, Number(middle[figure])),
      String(middle.peakRssMib),
      `${Math.round(middle.gcShare * 100)} %`,
    ];
  });
  return markdown(['case', 'figure', 'median', 'range', 'asked', '', 'peak RSS MiB', 'GC'], rows);
}

function verdict(name: string, value: number): string {
  const target = TARGETS[name];
  if (target === undefined) return '';
  const isMet = target.isCost === true ? value <= target.value : value >= target.value;
  return isMet ? 'met' : 'short';
}
