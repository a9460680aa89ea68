/** A sender without end and its receiver, directly on sockets: the least a program can do. */
import { Payload } from '../../packet/payload.ts';
import { invariant } from '../../sim/errors.ts';
import type { EventHandler, Simulator } from '../../sim/simulator.ts';
import type { Nanos } from '../../sim/time.ts';
import type { Endpoint, Process, Socket } from '../../sockets/api.ts';
import { openSocket } from './topology.ts';

const WRITE_SIZE = 1448;
const READ_SIZE = 65536;
const START = 0;

/** Connects at a given time, and writes whenever the socket takes more. */
export class BulkSource implements EventHandler {
  readonly #simulator: Simulator;
  readonly #place: number;
  readonly #socket: Socket;
  readonly #target: Endpoint;
  readonly #piece = Payload.zeros(WRITE_SIZE);

  constructor(simulator: Simulator, process: Process, target: Endpoint) {
    this.#simulator = simulator;
    this.#place = simulator.addPlace(process.name, this);
    this.#socket = openSocket(process, 'tcp');
    this.#target = target;
  }

  startAt(time: Nanos): void {
    this.#simulator.at(time, this.#place, START, null);
  }

  onEvent(): void {
    this.#socket.connect(this.#target);
    this.#socket.wait(this.#write);
  }

  /** Segments sent again (tcpi_total_retrans). */
  get retransmissions(): number {
    const info = this.#socket.tcpInfo();
    return typeof info === 'number' ? 0 : info.tcpi_total_retrans;
  }

  readonly #write = (): void => {
    let sent = WRITE_SIZE;
    while (sent === WRITE_SIZE) sent = this.#socket.send(this.#piece);
    this.#socket.wait(this.#write);
  };
}

/** Takes one connection and reads all that comes. */
export class BulkSink {
  bytes = 0;
  readonly #listener: Socket;
  #connection: Socket | null = null;

  /** @param window offered at most, bytes */
  constructor(process: Process, local: Endpoint, window: number) {
    this.#listener = openSocket(process, 'tcp');
    this.#listener.setOption('TCP_WINDOW_CLAMP', window);
    invariant(this.#listener.bind(local) === 0, 'a fresh host has every port to give');
    this.#listener.listen(8);
    this.#listener.wait(this.#accept);
  }

  readonly #accept = (): void => {
    const connection = this.#listener.accept();
    if (typeof connection === 'number') {
      this.#listener.wait(this.#accept);
      return;
    }
    this.#connection = connection;
    this.#read();
  };

  readonly #read = (): void => {
    const connection = this.#connection!;
    for (;;) {
      const received = connection.recv(READ_SIZE);
      if (typeof received === 'number' || received.data.size === 0) break;
      this.bytes += received.data.size;
    }
    connection.wait(this.#read);
  };
}
