/**
 * `npm run bench:ns3 [-- names] [--runs N]`: the workloads that both can run, fivetuple and ns-3 in turn on this machine, and
 * how many times more fivetuple does per CPU second. The programs are ours (bench/peers/ns3), compiled against the
 * system's ns-3. Without one (Debian: apt install libns3-dev g++ make) it says so and has nothing to compare.
 *
 * What each does per frame differs: ns-3 writes headers into byte buffers and computes no checksums; fivetuple moves
 * header objects, and computes checksums wherever bytes are made. Debian's ns-3 has its log statements compiled in; one
 * built without is 1.3 to 1.75 times as fast.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { middleRun, ROOT, runCase } from './measure.ts';
import type { Figures } from './plan.ts';
import { markdown, short } from './table.ts';

/** Our case, and the peer's program with its options. */
const PAIRS: readonly (readonly [ours: string, program: string, ...options: string[]])[] = [
  ['udp-chain/1', 'udp-chain', 'routers=1'],
  ['udp-chain/4', 'udp-chain', 'routers=4'],
  ['udp-chain/16', 'udp-chain', 'routers=16'],
  ['many-devices/256', 'udp-chain', 'routers=16', 'chains=256'],
  ['tcp-slow/1', 'tcp-dumbbell', 'flows=1'],
  ['tcp-slow/10', 'tcp-dumbbell', 'flows=10'],
  ['tcp-slow/100', 'tcp-dumbbell', 'flows=100'],
  ['tcp-fast/1', 'tcp-dumbbell', 'fast=1', 'flows=1'],
  ['tcp-fast/10', 'tcp-dumbbell', 'fast=1', 'flows=10'],
  ['tcp-fast/100', 'tcp-dumbbell', 'fast=1', 'flows=100'],
  ['ethernet-lan/16', 'ethernet-lan', 'hosts=16'],
  ['ethernet-lan/64', 'ethernet-lan', 'hosts=64'],
  ['lan-large/1000', 'ethernet-lan', 'hosts=1000', 'switches=20'],
  ['many-connections/100', 'many-connections', 'connections=100'],
  ['many-connections/1000', 'many-connections', 'connections=1000'],
  ['many-connections/5000', 'many-connections', 'connections=5000'],
  ['many-connections/10000', 'many-connections', 'connections=10000'],
  ['hold/1000', 'timer-churn', 'pending=1000'],
  ['hold/100000', 'timer-churn', 'pending=100000'],
  ['cancel/1000', 'timer-churn', 'mode=cancel', 'pending=1000'],
  ['cancel/100000', 'timer-churn', 'mode=cancel', 'pending=100000'],
];

interface PeerFigures {
  readonly cpuSeconds: number;
  readonly hopsPerSecond: number;
  /** Of the timer workloads. */
  readonly firings?: number;
}

const SOURCES = join(ROOT, 'bench/peers/ns3');
const PROGRAMS = join(ROOT, 'dist/bench-ns3');

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { runs: { type: 'string', default: '3' } },
});

const absence = build();
if (absence === null) compare(Number(values.runs));
else process.stdout.write(`Nothing is compared: ${absence}.\n`);

/** @returns why there is nothing to compare with; null when all programs are there */
function build(): string | null {
  if (!existsSync('/usr/include/ns3/core-module.h')) return 'there is no ns-3 here (Debian: libns3-dev)';
  const made = spawnSync('make', ['-s', '-C', SOURCES, `OUT=${PROGRAMS}`], { stdio: 'inherit' });
  return made.status === 0 ? null : 'its programs could not be compiled (Debian: g++ and make)';
}

function compare(runs: number): void {
  const chosen = PAIRS.filter(
    ([ours]) =>
      positionals.length === 0 || positionals.some((name) => ours === name || ours.startsWith(`${name}/`)),
  );
  const rows = chosen.map(([ours, program, ...options]) => {
    const own: Figures[] = [];
    const theirs: PeerFigures[] = [];
    for (let run = 0; run < runs; run++) {
      own.push(runCase(ours));
      theirs.push(runPeer(program, options));
      process.stderr.write(`${ours} run ${run + 1}\n`);
    }
    const mine = rateOf(middleRun(own));
    const peer = peerRate(middleRun(theirs));
    return [ours, short(mine), short(peer), `${(mine / peer).toFixed(1)}x`];
  });
  const head = ['case', 'fivetuple, per CPU second', 'ns-3, per CPU second', 'ratio'];
  process.stdout.write(`Packet-hops; of hold and cancel firings.\n\n${markdown(head, rows)}`);
}

function rateOf(figures: Figures): number {
  return Number(figures['hopsPerSecond'] ?? figures['eventsPerSecond']);
}

function peerRate(figures: PeerFigures): number {
  return figures.firings === undefined ? figures.hopsPerSecond : figures.firings / figures.cpuSeconds;
}

function runPeer(program: string, options: readonly string[]): PeerFigures {
  const out = execFileSync(join(PROGRAMS, program), options, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return JSON.parse(out) as PeerFigures;
}
