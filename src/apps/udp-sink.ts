/** Receives measured datagrams and counts: how many came, in what order, after what delay, from whom. */
import { ANY_V4 } from '../packet/ip-address.ts';
import type { Nanos } from '../sim/time.ts';
import { recv } from '../sockets/blocking.ts';
import { app, fail } from './app.ts';
import { readSample } from './flow-sample.ts';
import { boundDatagramSocket } from './sockets.ts';

type UdpSinkStatistics = {
  received: number;
  /** Bytes of payload. */
  bytes: number;
  /** Different senders. */
  peers: number;
  /** Datagrams whose number was below one that had come before from the same peer. */
  reordered: number;
  /** Delay from send call to receive call, ns; 0 before the first. */
  delayMin: Nanos;
  delayMean: Nanos;
  delayMax: Nanos;
};

const BUFFER_SIZE = 65536;
const PORTS = 65536;

export const udpSink = app({
  name: 'udp-sink',
  doc: 'Receives UDP datagrams and measures them.',
  parameters: {
    address: {
      type: 'address',
      default: ANY_V4,
      doc: 'Local address; 0.0.0.0 takes all of IPv4, :: those of both families.',
    },
    port: { type: 'port', default: 9, doc: 'Local port.' },
  },
  statistics: (): UdpSinkStatistics => ({
    received: 0,
    bytes: 0,
    peers: 0,
    reordered: 0,
    delayMin: 0,
    delayMean: 0,
    delayMax: 0,
  }),
  *run(context, { address, port }, statistics) {
    const socket = boundDatagramSocket(context, address, port);
    if (typeof socket === 'number') return fail(context, 'bind', socket);
    /** Highest number by sender; address and port as one number. */
    const highest = new Map<number, number>();
    let measured = 0;
    let delaySum = 0;
    for (;;) {
      const received = yield* recv(socket, BUFFER_SIZE);
      if (typeof received === 'number') return fail(context, 'recvfrom', received);
      statistics.received++;
      statistics.bytes += received.data.size;
      const sample = readSample(received.data);
      if (sample === null || sample.sentAt > context.now()) continue; // not one of ours
      const peer = received.from!.address.id * PORTS + received.from!.port;
      const before = highest.get(peer) ?? -1;
      if (sample.number < before) statistics.reordered++;
      highest.set(peer, Math.max(before, sample.number));
      statistics.peers = highest.size;
      const delay = context.now() - sample.sentAt;
      delaySum += delay;
      statistics.delayMin = measured === 0 ? delay : Math.min(statistics.delayMin, delay);
      statistics.delayMax = Math.max(statistics.delayMax, delay);
      statistics.delayMean = Math.round(delaySum / ++measured);
    }
  },
});
