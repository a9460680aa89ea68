/**
 * Workload W4: C connections to one server port: server - router - 4 clients, links of 10 Gb/s and 1 ms. Connection j
 * lives on client j mod 4 and connects at j / C seconds; it sends 100 bytes, the server answers with 100 bytes, and
 * 100 ms after the answer it sends again. 2.5 simulated seconds. What a segment costs should not grow with C.
 */
import { PPP_FRAMING } from '../../link/framing.ts';
import { Network } from '../../node/network.ts';
import { ANY_V4 } from '../../packet/ip-address.ts';
import { Payload } from '../../packet/payload.ts';
import type { Prefix } from '../../packet/prefix.ts';
import { invariant } from '../../sim/errors.ts';
import type { EventHandler, Simulator } from '../../sim/simulator.ts';
import { MILLISECOND, SECOND } from '../../sim/time.ts';
import type { Endpoint, Process, Socket } from '../../sockets/api.ts';
import { cpuSeconds, peakRssMib } from './measure.ts';
import { defaultRoute, openSocket, prefix, transmittedFrames } from './topology.ts';

export interface ManyConnectionsOptions {
  /** Default 1,000. */
  readonly connections?: number;
  /** Simulated; default 2.5. */
  readonly seconds?: number;
  /** Runs it small first, so that compilation is not measured; default true. */
  readonly warmUp?: boolean;
}

export interface ManyConnectionsResult {
  readonly workload: 'many-connections';
  readonly connections: number;
  readonly simulatedSeconds: number;
  readonly cpuSeconds: number;
  readonly packetHops: number;
  readonly events: number;
  /** Answers that clients read. */
  readonly transactions: number;
  /** Half the hops: every segment takes two of them. */
  readonly segments: number;
  readonly usPerSegment: number;
  readonly hopsPerSecond: number;
  readonly eventsPerSecond: number;
  /** Growth of the heap from before the sockets to the end, both ends of a connection together. */
  readonly bytesPerConnection: number;
  readonly peakRssMib: number;
}

const CLIENTS = 4;
const PORT = 80;
const MESSAGE_SIZE = 100;
const PAUSE = 100 * MILLISECOND;
const BACKLOG = 65535;
const CONNECT = 0;
const REQUEST = 1;
const MESSAGE = Payload.zeros(MESSAGE_SIZE);
const WARM_UP: ManyConnectionsOptions = { connections: 1000, seconds: 2.5, warmUp: false };

export function manyConnections(options: ManyConnectionsOptions = {}): ManyConnectionsResult {
  const connections = options.connections ?? 1000;
  const seconds = options.seconds ?? 2.5;
  if (options.warmUp ?? true) manyConnections(WARM_UP);
  const network = build();
  const { simulator } = network;
  const heapBefore = heapUsed();
  const server = new Server(network.host('server').newProcess('server'));
  const target = { address: address(CLIENTS, 1).address, port: PORT };
  const clients = Array.from(
    { length: CLIENTS },
    (_, i) => new Client(simulator, network.host(`client${i}`).newProcess(`client ${i}`), target),
  );
  for (let j = 0; j < connections; j++)
    clients[j % CLIENTS]!.connectAt(Math.round((j / connections) * SECOND));
  const cpu = cpuSeconds(() => {
    simulator.run({ until: Math.round(seconds * SECOND) });
  });
  const bytes = heapUsed() - heapBefore;
  invariant(server.accepted === connections || seconds < 2, 'every connection is accepted');
  const packetHops = transmittedFrames(network);
  return {
    workload: 'many-connections',
    connections,
    simulatedSeconds: seconds,
    cpuSeconds: cpu,
    packetHops,
    events: simulator.events,
    transactions: clients.reduce((sum, client) => sum + client.answers, 0),
    segments: packetHops / 2,
    usPerSegment: Math.round((cpu / (packetHops / 2)) * 1e8) / 100,
    hopsPerSecond: Math.round(packetHops / cpu),
    eventsPerSecond: Math.round(simulator.events / cpu),
    bytesPerConnection: Math.round(bytes / connections),
    peakRssMib: peakRssMib(),
  };
}

/** Bytes that live objects take, exact where the garbage collector can be called (`node --expose-gc`). */
function heapUsed(): number {
  globalThis.gc?.();
  const { heapUsed: heap, external } = process.memoryUsage();
  return heap + external;
}

function build(): Network {
  const network = new Network();
  const sysctls = { 'net.core.somaxconn': BACKLOG };
  const names = Array.from({ length: CLIENTS + 1 }, (_, i) => (i < CLIENTS ? `client${i}` : 'server'));
  for (const [i, name] of names.entries()) {
    network.addHost(name, {
      interfaces: [{ addresses: [address(i, 1)] }],
      routes: [defaultRoute(address(i, 2))],
      sysctls,
    });
  }
  network.addRouter('router', { interfaces: names.map((_, i) => ({ addresses: [address(i, 2)] })) });
  for (const [i, name] of names.entries()) {
    network.connect({
      ends: [
        { node: name, device: 'eth0' },
        { node: 'router', device: `eth${i}` },
      ],
      rate: 10_000_000_000,
      delay: MILLISECOND,
      queue: { packets: 100_000 },
      framing: PPP_FRAMING,
    });
  }
  return network;
}

function address(link: number, end: number): Prefix {
  return prefix(10, 1, link, end, 24);
}

/** Answers every message. */
class Server {
  accepted = 0;
  readonly #listener: Socket;

  constructor(process: Process) {
    this.#listener = openSocket(process, 'tcp');
    invariant(
      this.#listener.bind({ address: ANY_V4, port: PORT }) === 0,
      'a fresh host has every port to give',
    );
    this.#listener.listen(BACKLOG);
    this.#listener.wait(this.#accept);
  }

  readonly #accept = (): void => {
    for (;;) {
      const socket = this.#listener.accept();
      if (typeof socket === 'number') break;
      this.accepted++;
      const serve = (): void => {
        while (typeof socket.recv(MESSAGE_SIZE) !== 'number') socket.send(MESSAGE);
        socket.wait(serve);
      };
      serve();
    }
    this.#listener.wait(this.#accept);
  };
}

/** The connections of one host. */
class Client implements EventHandler {
  answers = 0;
  readonly #simulator: Simulator;
  readonly #process: Process;
  readonly #place: number;
  readonly #target: Endpoint;

  constructor(simulator: Simulator, process: Process, target: Endpoint) {
    this.#simulator = simulator;
    this.#process = process;
    this.#place = simulator.addPlace(process.name, this);
    this.#target = target;
  }

  connectAt(time: number): void {
    this.#simulator.at(time, this.#place, CONNECT, null);
  }

  onEvent(kind: number, arg: unknown): void {
    if (kind === REQUEST) (arg as Socket).send(MESSAGE);
    else this.#connect();
  }

  #connect(): void {
    const socket = openSocket(this.#process, 'tcp');
    socket.connect(this.#target);
    const read = (): void => {
      while (typeof socket.recv(MESSAGE_SIZE) !== 'number') {
        this.answers++;
        this.#simulator.after(PAUSE, this.#place, REQUEST, socket);
      }
      socket.wait(read);
    };
    socket.wait(() => {
      socket.send(MESSAGE);
      socket.wait(read);
    });
  }
}
