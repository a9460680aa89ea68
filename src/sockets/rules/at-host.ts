/** On hosts that are not Linux: says of a refusal that a packet met at which host and when it was. */
import type { IpPacket } from '../../network/ip-packet.ts';
import type { Arrival, IcmpErrorReport, TransportHandler } from '../../network/ports.ts';
import type { Simulator } from '../../sim/simulator.ts';
import { UndefinedByProfile } from '../profile.ts';

export class RefusalsAtHost implements TransportHandler {
  readonly #inner: TransportHandler;
  readonly #simulator: Simulator;
  readonly #host: string;

  constructor(inner: TransportHandler, simulator: Simulator, host: string) {
    this.#inner = inner;
    this.#simulator = simulator;
    this.#host = host;
  }

  /** @throws UndefinedByProfile with the place */
  onPacket(packet: IpPacket, arrival: Arrival): void {
    this.#placed(() => this.#inner.onPacket(packet, arrival));
  }

  /** @throws UndefinedByProfile with the place */
  onIcmpError(error: IcmpErrorReport): boolean {
    return this.#placed(() => this.#inner.onIcmpError(error));
  }

  #placed<T>(act: () => T): T {
    try {
      return act();
    } catch (error) {
      if (!(error instanceof UndefinedByProfile)) throw error;
      throw error.placed({ host: this.#host, time: this.#simulator.now, program: null });
    }
  }
}
