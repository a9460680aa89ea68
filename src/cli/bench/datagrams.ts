/** A source of datagrams at a fixed interval and its sink, directly on sockets. */
import type { IpFamily } from '../../packet/ip-address.ts';
import { Payload } from '../../packet/payload.ts';
import { invariant } from '../../sim/errors.ts';
import type { EventHandler, Simulator } from '../../sim/simulator.ts';
import type { Nanos } from '../../sim/time.ts';
import type { Endpoint, Process, Socket } from '../../sockets/api.ts';
import { anyOf, openSocket } from './topology.ts';

const SEND = 0;
const READ_SIZE = 65536;

export class DatagramSource implements EventHandler {
  readonly #simulator: Simulator;
  readonly #place: number;
  readonly #socket: Socket;
  readonly #target: Endpoint;
  readonly #payload: Payload;
  readonly #interval: Nanos;

  constructor(simulator: Simulator, process: Process, target: Endpoint, size: number, interval: Nanos) {
    this.#simulator = simulator;
    this.#place = simulator.addPlace(process.name, this);
    this.#socket = openSocket(process, target.address.family === 6 ? 'udp6' : 'udp');
    this.#target = target;
    this.#payload = Payload.zeros(size);
    this.#interval = interval;
  }

  startAt(time: Nanos): void {
    this.#simulator.at(time, this.#place, SEND, null);
  }

  onEvent(): void {
    this.#socket.send(this.#payload, 0, this.#target);
    this.#simulator.after(this.#interval, this.#place, SEND, null);
  }
}

/** Reads datagrams as they come. */
export class DatagramSink {
  received = 0;
  readonly #socket: Socket;

  constructor(process: Process, port: number, family: IpFamily = 4) {
    this.#socket = openSocket(process, family === 6 ? 'udp6' : 'udp');
    const bound = this.#socket.bind({ address: anyOf(family), port });
    invariant(bound === 0, 'a fresh host has every port to give');
    this.#socket.wait(this.#read);
  }

  readonly #read = (): void => {
    while (typeof this.#socket.recv(READ_SIZE) !== 'number') this.received++;
    this.#socket.wait(this.#read);
  };
}
