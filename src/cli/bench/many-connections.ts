/**
 * Workload W4: C connections to one server port: server - router - 4 clients, links of 10 Gb/s and 1 ms. Connection j
 * lives on client j mod 4 and connects at j / C seconds; it sends 100 bytes, the server answers with 100 bytes, and
 * 100 ms after the answer it sends again. 2.5 simulated seconds. What a segment costs should not grow with C.
 *
 * `million` is the same with 20 clients, connections that begin within one minute, and a request a minute each.
 */
import { Network } from '../../node/network.ts';
import type { IpFamily } from '../../packet/ip-address.ts';
import { invariant } from '../../sim/errors.ts';
import { MILLISECOND, SECOND } from '../../sim/time.ts';
import {
  type Cost,
  costOf,
  liveBytes,
  type NetworkFigures,
  networkFigures,
  transmittedFrames,
} from './measure.ts';
import { AnsweringServer, AskingClient } from './requests.ts';
import { addressInStar, buildStar } from './star.ts';

export interface ManyConnectionsOptions {
  /** Default 4. */
  readonly family?: IpFamily;
  /** Default 1,000. */
  readonly connections?: number;
  /** Hosts that connect; default 4. */
  readonly clients?: number;
  /** Simulated seconds within which all of them connect; default 1. */
  readonly connectSeconds?: number;
  /** Between an answer and the next request, simulated seconds; default 0.1. */
  readonly pauseSeconds?: number;
  /** Simulated; default 2.5. */
  readonly seconds?: number;
  /** Few connections are over too soon to be measured: the sum of so many runs is; default 1. */
  readonly repeats?: number;
  /** Runs it small first, so that compilation is not measured; default true. */
  readonly warmUp?: boolean;
}

export interface ManyConnectionsResult extends NetworkFigures {
  readonly workload: 'many-connections';
  readonly family: IpFamily;
  readonly connections: number;
  readonly simulatedSeconds: number;
  readonly repeats: number;
  /** Answers that clients read. */
  readonly transactions: number;
  /** Half the hops: every segment takes two of them. */
  readonly segments: number;
  readonly usPerSegment: number;
  /** Growth of the heap from before the sockets to the end, both ends of a connection together. */
  readonly bytesPerConnection: number;
}

const PORT = 80;

interface Run extends Cost {
  readonly packetHops: number;
  readonly events: number;
  readonly transactions: number;
  readonly bytes: number;
  /** Kept until all is measured: the code that was compiled for it lives no longer. */
  readonly network: Network;
}

export function manyConnections(options: ManyConnectionsOptions = {}): ManyConnectionsResult {
  const family = options.family ?? 4;
  const warm = (options.warmUp ?? true) ? runOnce(1000, { family, seconds: 2.5 }, false) : null;
  const connections = options.connections ?? 1000;
  const repeats = options.repeats ?? 1;
  const runs = Array.from({ length: repeats }, (_, i) => runOnce(connections, options, i === repeats - 1));
  const sum = (value: (run: Run) => number): number => runs.reduce((total, run) => total + value(run), 0);
  const cpuSeconds = sum((run) => run.cpuSeconds);
  const gcShare = sum((run) => run.gcShare) / repeats;
  const packetHops = sum((run) => run.packetHops);
  invariant(warm === null || warm.network.hosts.length > 0, 'what was warmed up is still there');
  return {
    workload: 'many-connections',
    family,
    connections,
    simulatedSeconds: options.seconds ?? 2.5,
    repeats,
    ...networkFigures(
      { cpuSeconds, gcShare },
      packetHops,
      sum((run) => run.events),
    ),
    transactions: sum((run) => run.transactions),
    segments: packetHops / 2,
    usPerSegment: Math.round((cpuSeconds / (packetHops / 2)) * 1e8) / 100,
    bytesPerConnection: Math.round(runs.at(-1)!.bytes / connections),
  };
}

/** @param weighs says how much memory the connections take, which costs time, if not theirs */
function runOnce(connections: number, options: ManyConnectionsOptions, weighs: boolean): Run {
  const family = options.family ?? 4;
  const clientHosts = options.clients ?? 4;
  const seconds = options.seconds ?? 2.5;
  const network = new Network();
  buildStar(network, clientHosts, family);
  const { simulator } = network;
  const before = weighs ? liveBytes() : 0;
  const server = new AnsweringServer(network.host('server').newProcess('server'), PORT, family);
  const target = { address: addressInStar(clientHosts, 1, family).address, port: PORT };
  const pause = (options.pauseSeconds ?? 0.1) * SECOND;
  const clients = Array.from({ length: clientHosts }, (_, i) => {
    const process = network.host(`client${i}`).newProcess(`client ${i}`);
    return new AskingClient(simulator, process, target, pause);
  });
  // Every client connects again and again, so that the events to come are few.
  const gap = ((options.connectSeconds ?? 1) * SECOND) / connections;
  for (const [i, client] of clients.entries()) {
    const own = Math.ceil((connections - i) / clientHosts);
    client.connect(own, (n) => Math.round((i + n * clientHosts) * gap));
  }
  const cost = costOf(() => {
    simulator.run({ until: Math.round(seconds * SECOND) });
  });
  const bytes = weighs ? liveBytes() - before : 0;
  const arrived = clients.reduce((sum, client) => sum + client.connected, 0);
  const isOver = seconds * SECOND > connections * gap + 10 * MILLISECOND;
  invariant(
    !isOver || (server.accepted === connections && arrived === connections),
    'every connection is accepted',
  );
  return {
    ...cost,
    packetHops: transmittedFrames(network),
    events: simulator.events,
    transactions: clients.reduce((sum, client) => sum + client.answers, 0),
    bytes,
    network,
  };
}
