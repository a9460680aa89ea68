/** The real thing that a model is held against: hosts with one process each, whose sockets commands call without waiting. */
import type { Cable } from '../../node/cable.ts';
import type { Network } from '../../node/network.ts';
import type { Nanos } from '../../sim/time.ts';
import type { Endpoint, Process, Socket, SocketKind } from '../../sockets/api.ts';

export class Bench {
  readonly network: Network;
  /** Hosts, without routers. */
  readonly hosts: readonly string[];
  readonly #processes = new Map<string, Process>();
  readonly #heals = new Map<string, () => void>();

  constructor(network: Network) {
    this.network = network;
    this.hosts = network.hosts.filter(({ kind }) => kind === 'host').map(({ name }) => name);
  }

  get now(): Nanos {
    return this.network.simulator.now;
  }

  /** The host that a drawn number means. */
  host(number: number): string {
    return this.hosts[number % this.hosts.length]!;
  }

  /** A new socket of the process of a host. @throws when the host has none to give */
  socket(host: string, kind: SocketKind): Socket {
    const owner = this.#processes.get(host) ?? this.network.host(host).newProcess('model');
    this.#processes.set(host, owner);
    const socket = owner.socket(kind);
    if (typeof socket === 'number') throw new Error(`${host}: socket(${kind}) failed (${socket})`);
    return socket;
  }

  /** Where a port of a host is reached. */
  endpoint(host: string, port: number): Endpoint {
    const { address } = this.network.host(host).addresses[0]!;
    return { address, port };
  }

  /** The cable that a drawn number means, among those whose packets can be harmed; null when there is none. */
  cable(number: number): Cable | null {
    const cables = this.network.cables.filter(({ link }) => link !== null);
    return cables[number % cables.length] ?? null;
  }

  /** Loses the next packets that leave one end of a cable, ARP among them. */
  dropNext(cable: Cable, end: 0 | 1, packets: number): void {
    const indexes = Array.from({ length: packets }, (_, i) => i);
    cable.impair([{ rule: 'loss', indexes }], end);
  }

  /** Nothing passes, and nobody is told. */
  partition(cable: Cable): void {
    if (this.#heals.has(cable.name)) return;
    this.#heals.set(cable.name, cable.impair([{ rule: 'partition' }], null));
  }

  heal(cable: Cable): void {
    this.#heals.get(cable.name)?.();
    this.#heals.delete(cable.name);
  }

  crash(host: string): void {
    this.network.host(host).crash();
    this.#processes.delete(host);
  }

  restart(host: string): void {
    this.network.host(host).restart();
  }
}
