/**
 * Makes one fault at a time in a copy of the sources and looks whether the protocol properties notice, and how small a
 * case they show: `npm run mutants`, or `npm run mutants -- L5 T1` for some. Exit code 1 when a fault survives or does
 * not apply, or when the cases are not small: in the median at most two hosts and ten packets.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { FAULTS, type Fault } from './mutants/faults.ts';
import type { Found } from './mutants/hunt.ts';

const ROOT = resolve(import.meta.dirname, '..');
const COPIED = ['src', 'test/protocol', 'test/support', 'tools/mutants', 'package.json', 'tsconfig.json'];
const MOST_HOSTS = 2;
const MOST_PACKETS = 10;

const wanted = process.argv.slice(2);
const chosen = FAULTS.filter(({ id }) => wanted.length === 0 || wanted.includes(id));

const copy = mkdtempSync(join(tmpdir(), 'fivetuple-mutants-'));
const results: { readonly fault: Fault; readonly found: Found | null }[] = [];
try {
  for (const path of COPIED) cpSync(join(ROOT, path), join(copy, path), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
  print('fault', 'hosts', 'packets', 'what is wrong', 'caught by');
  for (const fault of chosen) {
    const found = judge(fault);
    results.push({ fault, found });
    const { hosts, packets, property } = found ?? { hosts: '-', packets: '-', property: 'NOBODY' };
    print(fault.id, String(hosts), String(packets), fault.breaks, property);
  }
} finally {
  rmSync(copy, { recursive: true, force: true });
}

const caught = results.flatMap(({ found }) => (found === null ? [] : [found]));
const hosts = median(caught.map((found) => found.hosts));
const packets = median(caught.map((found) => found.packets));
process.stdout.write(
  `${caught.length} of ${chosen.length} caught; in the median ${hosts} hosts and ${packets} packets\n`,
);
process.exitCode = caught.length === chosen.length && hosts <= MOST_HOSTS && packets <= MOST_PACKETS ? 0 : 1;

function judge({ file, from, to }: Fault): Found | null {
  const path = join(copy, file);
  const original = readFileSync(path, 'utf8');
  if (original.split(from).length !== 2) throw new Error(`the fault no longer applies: ${file}: ${from}`);
  try {
    writeFileSync(
      path,
      original.replace(from, () => to),
    );
    const run = spawnSync(process.execPath, ['--import', 'tsx', 'tools/mutants/hunt.ts', file], {
      cwd: copy,
      encoding: 'utf8',
      timeout: 240_000,
    });
    const line = run.stdout.trim().split('\n').at(-1) ?? '';
    if (line === '')
      return { property: `it does not run: ${firstLine(run.stderr)}`, hosts: 0, packets: 0, what: '' };
    return JSON.parse(line) as Found | null;
  } finally {
    writeFileSync(path, original);
  }
}

function firstLine(text: string): string {
  return text.split('\n').find((line) => line.includes('Error')) ?? 'no output in time';
}

function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[numbers.length >> 1] ?? 0;
}

function print(id: string, hosts: string, packets: string, breaks: string, property: string): void {
  process.stdout.write(
    `${id.padEnd(6)}${hosts.padEnd(7)}${packets.padEnd(9)}${breaks.padEnd(76)} ${property}\n`,
  );
}
