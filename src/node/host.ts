/**
 * A host, composed: devices below, the IP stack and the sockets on them, programs on top. A router is the same
 * machine with forwarding switched on. What a crash forgets is made anew by {@link Host.restart}; cables stay.
 */
import type { NetDevice } from '../link/device.ts';
import { EthernetDevice } from '../link/ethernet-device.ts';
import { LoopbackDevice } from '../link/loopback-device.ts';
import { parseVlanName, VlanDevice } from '../link/vlan-device.ts';
import { errnoName } from '../network/errno.ts';
import { IpStack } from '../network/ip-stack.ts';
import { NETWORK_SYSCTLS } from '../network/network-sysctls.ts';
import { Sysctls } from '../network/sysctls.ts';
import { DropCounters } from '../packet/drops.ts';
import type { MacAddress } from '../packet/mac-address.ts';
import { formatPrefix, type Prefix } from '../packet/prefix.ts';
import type { Tap } from '../packet/tap.ts';
import { ConfigError } from '../sim/errors.ts';
import { nearest } from '../sim/nearest.ts';
import type { RandomStreams } from '../sim/random.ts';
import type { Simulator } from '../sim/simulator.ts';
import type { Nanos } from '../sim/time.ts';
import type { Process } from '../sockets/api.ts';
import { type Printed, type Program, ProgramScheduler, type Task } from '../sockets/program.ts';
import { snapshotOf } from '../sockets/snapshot-of.ts';
import { SocketLayer } from '../sockets/socket-layer.ts';
import type { HostSnapshot } from '../sockets/spec/snapshot.ts';
import { SOCKET_SYSCTLS } from '../sockets/sysctls.ts';
import { TCP_SYSCTLS } from '../transport/tcp/sysctls.ts';
import { checkNames, type DropCount, type NetworkNode, sumDrops } from './node.ts';
import type { HostOptions, InterfaceOptions, RouteOptions } from './options.ts';

/** How a program is started. */
export interface StartOptions {
  /** Name of its process, as `ss -p` shows it. */
  readonly name: string;
  /** Effective user id. Default: 0, which may bind any port. */
  readonly uid?: number;
  /** When it takes its first step. Default: now. */
  readonly at?: Nanos;
}

/** What a boot brings up and a crash forgets. */
interface Kernel {
  readonly sysctls: Sysctls;
  readonly ip: IpStack;
  readonly sockets: SocketLayer;
}

/** Preference of computed routes: behind static ones, whose metric is 0. */
const COMPUTED_METRIC = 20;

type NamedInterface = InterfaceOptions & { readonly name: string };

export class Host implements NetworkNode {
  readonly name: string;
  readonly kind: 'host' | 'router';
  readonly loopback: LoopbackDevice;
  readonly ports: readonly EthernetDevice[];
  /** Interfaces over ports: `eth0.10`. */
  readonly vlans: readonly VlanDevice[];
  /** All addresses that it was declared with, but for that of the loopback device. */
  readonly addresses: readonly Prefix[];
  /** What its programs printed, in order. */
  readonly printed: Printed[] = [];
  isCrashed = false;
  /** Drops above the devices. */
  readonly #drops = new DropCounters();
  readonly #simulator: Simulator;
  readonly #random: RandomStreams;
  readonly #options: HostOptions;
  readonly #interfaces: readonly NamedInterface[];
  readonly #routes: RouteOptions[];
  readonly #programs: ProgramScheduler;
  #kernel: Kernel;
  #boots = 0;
  #started = 0;

  /**
   * @param nextMac gives an address to each interface that has none
   * @throws ConfigError for a sysctl, route, profile or MTU that is not possible
   */
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
    this.#options = options;
    this.#routes = [...(options.routes ?? [])];
    this.loopback = new LoopbackDevice(simulator, `${name}.lo`);
    const interfaces = options.interfaces.map((port, i) => ({ ...port, name: port.name ?? `eth${i}` }));
    checkNames(name, ['lo', ...interfaces.map((port) => port.name)]);
    const devices = devicesOf(name, interfaces, nextMac);
    this.ports = devices.filter((device) => device instanceof EthernetDevice);
    this.vlans = devices.filter((device) => device instanceof VlanDevice);
    this.#interfaces = interfaces;
    this.addresses = options.interfaces.flatMap((port) => port.addresses ?? []);
    this.#programs = new ProgramScheduler(simulator, name);
    this.#kernel = this.#boot();
  }

  /** Does it pass on packets that are not for it? */
  get forwards(): boolean {
    return this.kind === 'router';
  }

  get sysctls(): Sysctls {
    return this.#kernel.sysctls;
  }

  get ip(): IpStack {
    return this.#kernel.ip;
  }

  get sockets(): SocketLayer {
    return this.#kernel.sockets;
  }

  /** The sockets as they are now, for `explain`. */
  socketSnapshot(): HostSnapshot {
    const interfaces = this.devices.map((device) => ({
      name: device.name,
      loopback: device.isLoopback,
      addresses: this.ip.addresses(device).map(formatPrefix),
    }));
    return snapshotOf(this.sockets, interfaces);
  }

  /** Every program that was started, in that order. */
  get tasks(): readonly Task[] {
    return this.#programs.tasks;
  }

  /** A process without a program, for callers that drive its sockets themselves. */
  newProcess(name: string, uid: number = 0): Process {
    return this.sockets.createProcess(name, uid);
  }

  /** Starts a program in a process of its own. @throws ConfigError while the host is down */
  start(program: Program, options: StartOptions): Task {
    if (this.isCrashed) throw new ConfigError(`${this.name} is down: '${options.name}' cannot be started`);
    const owner = this.newProcess(options.name, options.uid);
    const random = this.#random.stream(`${this.name} program ${this.#started++}`);
    const at = options.at ?? this.#simulator.now;
    return this.#programs.start(program, owner, random, at, (line) => this.printed.push(line));
  }

  /** Ends a program where it stands; the kernel closes its sockets. */
  kill(task: Task): void {
    this.#programs.kill(task);
  }

  /** A route as a routing protocol would bring it: a static one for the same prefix is preferred. */
  addComputedRoute(route: RouteOptions): void {
    const computed = { ...route, metric: COMPUTED_METRIC };
    this.#routes.push(computed);
    this.#addRoute(this.ip, computed);
  }

  /** The addresses that it was declared with, each with its interface. */
  get interfaceAddresses(): { readonly device: string; readonly prefix: Prefix }[] {
    return this.#interfaces.flatMap(({ name, addresses = [] }) =>
      addresses.map((prefix) => ({ device: name, prefix })),
    );
  }

  /** All interfaces: `lo`, those that cables go into, and VLANs over them. */
  get devices(): readonly (EthernetDevice | LoopbackDevice | VlanDevice)[] {
    return [this.loopback, ...this.ports, ...this.vlans];
  }

  /** The interface called `name`, `lo` included. @throws ConfigError naming the nearest name */
  device(name: string): EthernetDevice | LoopbackDevice | VlanDevice {
    const { devices } = this;
    const found = devices.find((device) => device.name === name);
    if (found !== undefined) return found;
    const like = nearest(
      name,
      devices.map((device) => device.name),
    );
    throw new ConfigError(
      `${this.name} has no interface '${name}'`,
      [],
      like === null ? `one of ${devices.map((device) => device.name).join(', ')}` : `did you mean '${like}'?`,
    );
  }

  /** The power goes: programs and connections are gone without a word to anybody, and nothing is answered. */
  crash(): void {
    if (this.isCrashed) return;
    this.isCrashed = true;
    this.#programs.crash();
    for (const device of [this.loopback, ...this.ports]) device.setEnabled(false);
    this.sockets.crash();
  }

  /** Starts a crashed host again, with empty tables; its programs are started by whoever wants them. */
  restart(): void {
    if (!this.isCrashed) return;
    this.isCrashed = false;
    for (const device of this.devices) device.handler = null; // the old stack hears nothing of this
    for (const device of this.devices) device.setEnabled(true);
    this.#kernel = this.#boot();
  }

  dropped(): readonly DropCount[] {
    return sumDrops([this.#drops, ...this.devices.map((device) => device.drops)]);
  }

  observe(tap: Tap | null): void {
    this.#drops.tap = tap;
    for (const device of [this.loopback, ...this.ports]) device.tap = tap;
    for (const vlan of this.vlans) vlan.drops.tap = tap; // its frames show, with their tags, at the port beneath
  }

  #boot(): Kernel {
    // Secrets and jitter are drawn anew after every boot.
    const name = this.#boots++ === 0 ? this.name : `${this.name} boot ${this.#boots}`;
    const sysctls = new Sysctls([NETWORK_SYSCTLS, TCP_SYSCTLS, SOCKET_SYSCTLS]);
    const ip = new IpStack(this.#simulator, name, this.#random, sysctls, this.#drops);
    for (const device of this.devices) ip.addDevice(device);
    for (const [key, value] of Object.entries(this.#options.sysctls ?? {})) sysctls.set(key, value);
    for (const { name, addresses = [], detectDuplicates = false, slaac, advertise } of this.#interfaces) {
      const device = this.device(name);
      for (const prefix of addresses) this.#addAddress(ip, device, prefix, detectDuplicates);
      if (slaac === true) ip.autoconfigureIpv6(device);
      if (advertise === true) ip.advertiseIpv6(device);
    }
    for (const route of this.#routes) this.#addRoute(ip, route);
    const { profile } = this.#options;
    const sockets = new SocketLayer(this.#simulator, ip, this.#random, sysctls, this.#drops, name, profile);
    return { sysctls, ip, sockets };
  }

  #addAddress(ip: IpStack, device: NetDevice, prefix: Prefix, detectDuplicates: boolean): void {
    const result = ip.addAddress(device, prefix, { detectDuplicates });
    if (result < 0) {
      const what = `${formatPrefix(prefix)} at ${this.name}.${device.name}`;
      throw new ConfigError(`${what} is not possible (${errnoName(result)})`);
    }
  }

  #addRoute(ip: IpStack, { to, via, device, metric, kind }: RouteOptions): void {
    const result = ip.addRoute({
      prefix: to,
      via,
      device: device === undefined ? null : this.device(device),
      ...(kind === undefined ? {} : { type: kind }),
      ...(metric === undefined ? {} : { metric }),
    });
    if (result < 0) {
      const way = via === null ? `at ${device}` : `via ${via}`;
      throw new ConfigError(
        `${this.name}: route to ${formatPrefix(to)} ${way} is not possible (${errnoName(result)})`,
        [],
        via === null ? undefined : 'a gateway in the network of one of its interfaces',
      );
    }
  }
}

/** The devices of all interfaces; a VLAN may be declared before the interface beneath. */
function devicesOf(
  node: string,
  interfaces: readonly NamedInterface[],
  nextMac: () => MacAddress,
): (EthernetDevice | VlanDevice)[] {
  const ports = new Map<string, EthernetDevice>();
  for (const [position, { name, mac, mtu }] of interfaces.entries()) {
    if (parseVlanName(name) !== null) continue;
    const index = indexAt(position);
    const size = mtu === undefined ? {} : { mtu };
    ports.set(name, new EthernetDevice({ name, index, mac: mac ?? nextMac(), ...size }));
  }
  return interfaces.map(({ name, mac, mtu }, position) => {
    const vlan = parseVlanName(name);
    if (vlan === null) return ports.get(name)!;
    const parent = ports.get(vlan.parent);
    if (parent === undefined)
      throw new ConfigError(`${node} has no interface '${vlan.parent}' beneath '${name}'`);
    if (mac !== undefined)
      throw new ConfigError(`${node}.${name} has the MAC address of ${vlan.parent}`, ['mac']);
    const size = mtu === undefined ? {} : { mtu };
    return new VlanDevice({ name, index: indexAt(position), parent, vid: vlan.vid, ...size });
  });
}

/** The loopback device is 1. */
function indexAt(position: number): number {
  return position + 2;
}
