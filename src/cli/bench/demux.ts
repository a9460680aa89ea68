/**
 * Benchmark `demux`: how long the lookup of a connection takes with 10 to 1,000,000 connections on one port. Packets
 * come in a random order, so that no cache of the last hit helps; every lookup is checked to find its connection.
 */
import { IpAddress } from '../../packet/ip-address.ts';
import { RandomStreams } from '../../sim/random.ts';
import { EstablishedTable } from '../../sockets/demux/established-table.ts';
import { type Cost, costOf, peakRssMib, rounded } from './measure.ts';

export interface DemuxFigure extends Cost {
  readonly workload: 'demux';
  readonly connections: number;
  readonly lookups: number;
  /** CPU time, ns. */
  readonly nsPerLookup: number;
  readonly lookupsPerSecond: number;
  readonly nsPerInsert: number;
  readonly peakRssMib: number;
}

interface Connection {
  readonly remote: IpAddress;
  readonly remotePort: number;
  twin: Connection | null;
}

const PORTS_PER_CLIENT = 1000;
const FIRST_PORT = 10_000;
const LOOKUPS = 5_000_000;
/** Lookups are drawn from this many random positions, in order: a power of two. */
const DRAWS = 1 << 20;

/** @param connections in the table */
export function benchDemux(connections: number, lookups: number = LOOKUPS): DemuxFigure {
  const random = new RandomStreams(1).stream('bench demux');
  const server = IpAddress.parse('10.0.0.1');
  const all = Array.from({ length: connections }, (_, i) => connection(i));
  const draws = Int32Array.from({ length: DRAWS }, () => random.int(0, connections - 1));
  const table = new EstablishedTable<Connection>();
  const inserting = costOf(() => {
    for (const each of all) table.add(each, server, 80, each.remote, each.remotePort);
  });
  look(table, server, all, draws, Math.min(lookups, 200_000)); // lets the compiler see it
  let found = 0;
  const cost = costOf(() => {
    found = look(table, server, all, draws, lookups);
  });
  if (found !== lookups) throw new Error(`${lookups - found} lookups failed`);
  return {
    workload: 'demux',
    connections,
    lookups,
    ...cost,
    nsPerLookup: rounded((cost.cpuSeconds * 1e9) / lookups),
    lookupsPerSecond: Math.round(lookups / cost.cpuSeconds),
    nsPerInsert: rounded((inserting.cpuSeconds * 1e9) / connections),
    peakRssMib: peakRssMib(),
  };
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
