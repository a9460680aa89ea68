/** Runs benchmark cases of the built package, each in a process of its own, and takes the middle one of several runs. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Figures } from './plan.ts';

export const ROOT: string = join(import.meta.dirname, '..');
const PROGRAM = join(ROOT, 'dist/cli/main.js');
/** Packets in flight survive many small collections of the youngest objects: room for them saves copying. */
const NODE_FLAGS = ['--max-semi-space-size=64'];
const MILLION_FLAGS = ['--max-old-space-size=20000'];

/** One run. @throws when the benchmark fails */
export function runCase(name: string): Figures {
  if (!existsSync(PROGRAM)) throw new Error('there is no built package: npm run build');
  const flags = name.startsWith('million/') ? [...NODE_FLAGS, ...MILLION_FLAGS] : NODE_FLAGS;
  const out = execFileSync(process.execPath, [...flags, PROGRAM, 'bench', name], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return JSON.parse(out) as Figures;
}

/** Runs all cases once, then all of them again: a neighbour that comes and goes meets every case alike. */
export function runInTurn(
  names: readonly string[],
  runs: number,
  done: (name: string, run: number, figures: Figures) => void,
): Map<string, Figures[]> {
  const results = new Map<string, Figures[]>(names.map((name) => [name, []]));
  for (let run = 0; run < runs; run++) {
    for (const name of names) {
      const figures = runCase(name);
      results.get(name)!.push(figures);
      done(name, run, figures);
    }
  }
  return results;
}

/** The run whose CPU time is in the middle; of an even number, the cheaper one of the two. */
export function middleRun<T extends { readonly cpuSeconds: number }>(runs: readonly T[]): T {
  return runs.toSorted((a, b) => a.cpuSeconds - b.cpuSeconds)[(runs.length - 1) >> 1]!;
}
