/**
 * Benchmark `demux`: how long the lookup of a connection takes with 10 to 1,000,000 connections on one port. Packets
 * come in a random order, so that no cache of the last hit helps; every lookup is checked to find its connection.
 */
import { IpAddress } from '../../packet/ip-address.ts';
import { RandomStreams } from '../../sim/random.ts';
import { EstablishedTable } from '../../sockets/demux/established-table.ts';

export interface DemuxFigure {
  readonly benchmark: 'demux';
  readonly connections: number;
  readonly nsPerLookup: number;
  readonly nsPerInsert: number;
}

interface Connection {
  readonly remote: IpAddress;
  readonly remotePort: number;
  twin: Connection | null;
}

const SIZES = [10, 1_000, 100_000, 1_000_000];
const PORTS_PER_CLIENT = 1000;
const FIRST_PORT = 10_000;
const LOOKUPS = 2_000_000;
/** Lookups are drawn from this many random positions, in order: a power of two. */
const DRAWS = 1 << 20;

/** @param sizes numbers of connections @param lookups per size */
export function* benchDemux(
  sizes: readonly number[] = SIZES,
  lookups: number = LOOKUPS,
): Generator<DemuxFigure> {
  for (const connections of sizes) {
    const random = new RandomStreams(1).stream('bench demux');
    const server = IpAddress.parse('10.0.0.1');
    const all = Array.from({ length: connections }, (_, i) => connection(i));
    const draws = Int32Array.from({ length: DRAWS }, () => random.int(0, connections - 1));
    const table = new EstablishedTable<Connection>();
    const startInsert = process.hrtime.bigint();
    for (const each of all) table.add(each, server, 80, each.remote, each.remotePort);
    const nsPerInsert = Number(process.hrtime.bigint() - startInsert) / connections;
    look(table, server, all, draws, Math.min(lookups, 200_000)); // lets the compiler see it
    const start = process.hrtime.bigint();
    const found = look(table, server, all, draws, lookups);
    const nsPerLookup = Number(process.hrtime.bigint() - start) / lookups;
    if (found !== lookups) throw new Error(`${lookups - found} lookups failed`);
    yield {
      benchmark: 'demux',
      connections,
      nsPerLookup: round(nsPerLookup),
      nsPerInsert: round(nsPerInsert),
    };
  }
}

function look(
  table: EstablishedTable<Connection>,
  server: IpAddress,
  all: readonly Connection[],
  draws: Int32Array,
  lookups: number,
): number {
  let found = 0;
  for (let i = 0; i < lookups; i++) {
    const wanted = all[draws[i & (DRAWS - 1)]!]!;
    if (table.find(server, 80, wanted.remote, wanted.remotePort) === wanted) found++;
  }
  return found;
}

function connection(i: number): Connection {
  const remote = IpAddress.v4(0x0b000000 + Math.floor(i / PORTS_PER_CLIENT));
  return { remote, remotePort: FIRST_PORT + (i % PORTS_PER_CLIENT), twin: null };
}

function round(ns: number): number {
  return Math.round(ns * 10) / 10;
}
