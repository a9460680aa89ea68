/** Many short conversations, directly on sockets: clients that ask now and then, and a server that answers. */
import type { IpFamily } from '../../packet/ip-address.ts';
import { Payload } from '../../packet/payload.ts';
import { invariant } from '../../sim/errors.ts';
import type { EventHandler, Simulator } from '../../sim/simulator.ts';
import type { Nanos } from '../../sim/time.ts';
import type { Endpoint, Process, Socket } from '../../sockets/api.ts';
import { anyOf, openSocket } from './topology.ts';

const MESSAGE_SIZE = 100;
const MESSAGE = Payload.zeros(MESSAGE_SIZE);
const BACKLOG = 65535;
const CONNECT = 0;
const REQUEST = 1;

/** Answers every message. */
export class AnsweringServer {
  accepted = 0;
  readonly #listener: Socket;

  constructor(process: Process, port: number, family: IpFamily = 4) {
    this.#listener = openSocket(process, family === 6 ? 'tcp6' : 'tcp');
    const bound = this.#listener.bind({ address: anyOf(family), port });
    invariant(bound === 0, 'a fresh host has every port to give');
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

/** The connections of one host, each of which asks, waits for the answer, pauses, and asks again. */
export class AskingClient implements EventHandler {
  connected = 0;
  answers = 0;
  readonly #simulator: Simulator;
  readonly #process: Process;
  readonly #place: number;
  readonly #target: Endpoint;
  readonly #pause: Nanos;
  #opened = 0;
  #wanted = 0;
  #timeOf: (n: number) => Nanos = () => 0;

  constructor(simulator: Simulator, process: Process, target: Endpoint, pause: Nanos) {
    this.#simulator = simulator;
    this.#process = process;
    this.#place = simulator.addPlace(process.name, this);
    this.#target = target;
    this.#pause = pause;
  }

  /** Opens so many connections, the nth at `timeOf(n)`. */
  connect(connections: number, timeOf: (n: number) => Nanos): void {
    this.#wanted = connections;
    this.#timeOf = timeOf;
    this.#scheduleNext();
  }

  #scheduleNext(): void {
    if (this.#opened >= this.#wanted) return;
    this.#simulator.at(this.#timeOf(this.#opened), this.#place, CONNECT, null);
  }

  onEvent(kind: number, arg: unknown): void {
    if (kind === REQUEST) (arg as Socket).send(MESSAGE);
    else this.#connect();
  }

  #connect(): void {
    this.#opened++;
    const socket = openSocket(this.#process, this.#target.address.family === 6 ? 'tcp6' : 'tcp');
    socket.connect(this.#target);
    const read = (): void => {
      while (typeof socket.recv(MESSAGE_SIZE) !== 'number') {
        this.answers++;
        this.#simulator.after(this.#pause, this.#place, REQUEST, socket);
      }
      socket.wait(read);
    };
    socket.wait(() => {
      this.connected++;
      socket.send(MESSAGE);
      socket.wait(read);
    });
    this.#scheduleNext();
  }
}
