/**
 * Benchmark `pcap`: W1 with a capture on every link. The run keeps what passed; then one pcapng file is written, to the
 * null device unless another path is given. Bytes are made there: every header in full, with its checksums.
 */
import { devNull } from 'node:os';
import { Network } from '../../node/network.ts';
import { capturedInterfaces, writeCapture } from '../../observe/capture.ts';
import { Recorder } from '../../observe/recorder.ts';
import { FileSink } from '../../observe/sinks/file-sink.ts';
import { SECOND } from '../../sim/time.ts';
import { type Cost, costOf, measureNetwork, type NetworkFigures } from './measure.ts';
import { addChain } from './udp-chain.ts';

export interface PcapOptions {
  /** Default 4. */
  readonly routers?: number;
  /** Simulated time that is recorded; default 0.8 s: about 500,000 frames, each seen where it left and where it came. */
  readonly seconds?: number;
  readonly path?: string;
}

export interface PcapResult extends NetworkFigures {
  readonly workload: 'pcap';
  readonly routers: number;
  /** Enhanced packet blocks. */
  readonly packetsWritten: number;
  readonly bytesWritten: number;
  /** CPU time and share of garbage collection of the writing alone. */
  readonly writing: Cost;
  readonly packetsWrittenPerSecond: number;
}

export function pcap(options: PcapOptions = {}): PcapResult {
  const seconds = options.seconds ?? 0.8;
  const routers = options.routers ?? 4;
  capture(seconds / 8, routers, options.path ?? devNull); // lets the compiler see it
  return capture(seconds, routers, options.path ?? devNull);
}

function capture(seconds: number, routers: number, path: string): PcapResult {
  const network = new Network();
  addChain(network, 0, routers);
  const { simulator } = network;
  const recorder = new Recorder(simulator);
  for (const host of network.hosts) host.observe(recorder.tap(host.name));
  const figures = measureNetwork(network, () => {
    simulator.run({ until: Math.round(seconds * SECOND) });
  });
  const sink = new FileSink(path);
  let bytesWritten = 0;
  const counted = {
    write: (piece: Uint8Array): void => {
      bytesWritten += piece.length;
      sink.write(piece);
    },
  };
  const { frames } = recorder;
  const writing = costOf(() => writeCapture(frames, capturedInterfaces(frames), counted));
  sink.close();
  return {
    workload: 'pcap',
    routers,
    ...figures,
    packetsWritten: frames.length,
    bytesWritten,
    writing,
    packetsWrittenPerSecond: Math.round(frames.length / writing.cpuSeconds),
  };
}
