/**
 * A host, composed: devices below, the IP stack and the sockets on them, programs on top. A router is the same
 * machine with forwarding switched on.
 */
import { EthernetDevice } from '../link/ethernet-device.ts';
import { LoopbackDevice } from '../link/loopback-device.ts';
import type { MacAddress } from '../packet/mac-address.ts';
import type { Prefix } from '../packet/prefix.ts';
import type { Tap } from '../packet/tap.ts';
import type { RandomStreams } from '../sim/random.ts';
import type { Simulator } from '../sim/simulator.ts';
import type { Nanos } from '../sim/time.ts';
import type { Process } from '../sockets/api.ts';
import { type Printed, type Program, ProgramScheduler, type Task } from '../sockets/program.ts';
import { type DropCount, type NetworkNode, sumDrops } from './node.ts';
import type { HostOptions, RouteOptions } from './options.ts';

/** How a program is started. */
export interface StartOptions {
  /** Name of its process, as `ss -p` shows it. */
  readonly name: string;
  /** Effective user id. Default: 0, which may bind any port. */
  readonly uid?: number;
  /** When it takes its first step. Default: now. */
  readonly at?: Nanos;
}

export class Host implements NetworkNode {
  readonly name: string;
  readonly kind: 'host' | 'router';
  readonly loopback: LoopbackDevice;
  readonly ports: readonly EthernetDevice[];
  /** All addresses that it was declared with, but for those of the loopback device. */
  readonly addresses: readonly Prefix[];
  /** What its programs printed, in order. */
  readonly printed: Printed[] = [];
  readonly #simulator: Simulator;
  readonly #random: RandomStreams;
  readonly #programs: ProgramScheduler;
  #started = 0;

  constructor(
    simulator: Simulator,
    random: RandomStreams,
    name: string,
    kind: 'host' | 'router',
    options: HostOptions,
    nextMac: () => MacAddress,
  ) {
    this.name = name;
    this.kind = kind;
    this.#simulator = simulator;
    this.#random = random;
    this.loopback = new LoopbackDevice(simulator, `${name}.lo`);
    this.ports = options.interfaces.map(
      (port, i) =>
        new EthernetDevice({
          name: port.name ?? `eth${i}`,
          index: i + 2,
          mac: port.mac ?? nextMac(),
          ...(port.mtu === undefined ? {} : { mtu: port.mtu }),
        }),
    );
    this.addresses = options.interfaces.flatMap((port) => port.addresses ?? []);
    this.#programs = new ProgramScheduler(simulator, name);
  }

  /** Does it pass on packets that are not for it? */
  get forwards(): boolean {
    return this.kind === 'router';
  }

  /** Every program that was started, in that order. */
  get tasks(): readonly Task[] {
    return this.#programs.tasks;
  }

  /** A process without a program, for callers that drive its sockets themselves. */
  newProcess(_name: string, _uid: number = 0): Process {
    throw new Error('no sockets yet');
  }

  /** Starts a program in a process of its own. */
  start(program: Program, options: StartOptions): Task {
    const owner = this.newProcess(options.name, options.uid);
    const random = this.#random.stream(`${this.name} program ${this.#started++}`);
    const at = options.at ?? this.#simulator.now;
    return this.#programs.start(program, owner, random, at, (line) => this.printed.push(line));
  }

  /** Ends a program where it stands; the kernel closes its sockets. */
  kill(task: Task): void {
    this.#programs.kill(task);
  }

  /** A route as a routing protocol would bring it: it gives way to a static one for the same prefix. */
  addComputedRoute(_route: RouteOptions): void {}

  /** The power goes: programs and connections are gone without a word to anybody, and nothing is answered. */
  crash(): void {
    this.#programs.crash();
    for (const port of this.ports) port.setEnabled(false);
  }

  /** Starts a crashed host again, with empty tables; its programs are started by whoever wants them. */
  restart(): void {
    for (const port of this.ports) port.setEnabled(true);
  }

  dropped(): readonly DropCount[] {
    return sumDrops([this.loopback.drops, ...this.ports.map((port) => port.drops)]);
  }

  observe(tap: Tap | null): void {
    for (const device of [this.loopback, ...this.ports]) device.tap = tap;
  }
}
