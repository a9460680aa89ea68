/**
 * The socket floor of one host: composes UDP and TCP on the IP layer, makes processes, and lists what there is.
 * The rules are in the folders beside it: `ports` (who may bind), `demux` (who gets a packet), `tcp`, `udp`, `options`.
 */

import type { NetDevice } from '../link/device.ts';
import { PROTOCOL_ICMP, PROTOCOL_ICMPV6, PROTOCOL_TCP, PROTOCOL_UDP } from '../network/ip-packet.ts';
import type { IpLayer, SendOptions } from '../network/ports.ts';
import type { Sysctls } from '../network/sysctls.ts';
import type { DropCounters } from '../packet/drops.ts';
import { endpointText } from '../packet/endpoint-text.ts';
import type { RandomStream, RandomStreams } from '../sim/random.ts';
import type { Simulator } from '../sim/simulator.ts';
import { TcpHost } from '../transport/tcp/host.ts';
import { TcpConfig } from '../transport/tcp/sysctls.ts';
import type { Process } from './api.ts';
import { FlowHash } from './demux/flow-hash.ts';
import type { InetSocket } from './inet-socket.ts';
import { SocketLimits } from './limits.ts';
import { PingLayer } from './ping/ping-layer.ts';
import { LocalPorts } from './ports/port-range.ts';
import { defined, type ProfileName } from './profile.ts';
import { rowOf, type SocketRow, timeWaitRow } from './rows.ts';
import { RefusalsAtHost } from './rules/at-host.ts';
import { rulesOf } from './rules/by-profile.ts';
import type { SocketRules } from './rules/socket-rules.ts';
import { SocketProcess } from './socket-owner.ts';
import { drop } from './tcp/endings.ts';
import { TcpInput } from './tcp/tcp-input.ts';
import { TcpLayer } from './tcp/tcp-layer.ts';
import { TcpSocket } from './tcp/tcp-socket.ts';
import { UdpLayer } from './udp/udp-layer.ts';
import type { UdpSocket } from './udp/udp-socket.ts';

const FIRST_PID = 1000;

export class SocketLayer {
  readonly simulator: Simulator;
  readonly ip: IpLayer;
  readonly drops: DropCounters;
  readonly hostName: string;
  readonly profile: ProfileName;
  /** What replaces Linux's rules; null = nothing. */
  readonly rules: SocketRules | null;
  readonly limits: SocketLimits;
  readonly localPorts: LocalPorts;
  /** Choices of ports. */
  readonly random: RandomStream;
  readonly flowHash: FlowHash;
  readonly tcpHost: TcpHost;
  readonly tcp: TcpLayer;
  readonly udp: UdpLayer;
  readonly ping: PingLayer;
  /** How packets go that belong to no socket. */
  readonly replyOptions: SendOptions = {
    ttl: 0,
    tos: 0,
    pmtuDiscovery: 'do',
    device: null,
    dontRoute: false,
    multicastLoop: true,
    foreignSource: false,
    ipOptions: null,
    flow: 0,
  };
  readonly #sockets = new Set<InetSocket>();
  readonly #processes: Process[] = [];
  #lastSocketId = 0;
  #lastPid = FIRST_PID - 1;

  /**
   * @param streams of the run: the host draws from streams named after itself
   * @param sysctls with the tables of the network, transport and socket floors
   */
  constructor(
    simulator: Simulator,
    ip: IpLayer,
    streams: RandomStreams,
    sysctls: Sysctls,
    drops: DropCounters,
    hostName: string,
    profile: ProfileName = 'linux',
  ) {
    this.simulator = simulator;
    this.ip = ip;
    this.drops = drops;
    this.hostName = hostName;
    this.profile = profile;
    this.rules = rulesOf(profile);
    this.limits = new SocketLimits(sysctls);
    this.localPorts = new LocalPorts(sysctls, this.rules?.profile.ephemeral);
    this.random = streams.stream(`${hostName} ports`);
    this.flowHash = new FlowHash(streams.stream(`${hostName} flow hash`));
    this.tcpHost = new TcpHost(simulator, new TcpConfig(sysctls), streams.stream(`${hostName} tcp`));
    this.udp = new UdpLayer(this);
    this.ping = new PingLayer(this);
    this.tcp = new TcpLayer(this);
    ip.addRaw(PROTOCOL_ICMP, this.ping);
    ip.addRaw(PROTOCOL_ICMPV6, this.ping);
    const tcpInput = new TcpInput(this.tcp);
    const isLinux = this.rules === null;
    ip.register(PROTOCOL_UDP, isLinux ? this.udp : new RefusalsAtHost(this.udp, simulator, hostName));
    ip.register(PROTOCOL_TCP, isLinux ? tcpInput : new RefusalsAtHost(tcpInput, simulator, hostName));
  }

  /** A new process without sockets. @param uid effective user id; 0 may do everything */
  createProcess(name: string, uid: number = 0): SocketProcess {
    const made = new SocketProcess(this, ++this.#lastPid, name, uid);
    this.#processes.push(made);
    return made;
  }

  /** Processes that have not exited, oldest first. */
  get processes(): readonly Process[] {
    return this.#processes;
  }

  /**
   * Replaces the hash by which SO_REUSEPORT groups choose, to repeat choices that were recorded elsewhere.
   * @param chooser gets the members that could be chosen; null from it, or no chooser, leaves the choice to the hash
   */
  chooseInGroups(
    udp: ((members: readonly UdpSocket[]) => UdpSocket | null) | null,
    tcp: ((members: readonly TcpSocket[]) => TcpSocket | null) | null,
  ): void {
    this.udp.lookup.chooser = udp;
    this.tcp.listeners.chooser = tcp;
  }

  /** The socket table as netstat and ss show it: sockets in the order in which they were made, then TIME-WAIT. */
  rows(): SocketRow[] {
    return [...[...this.#sockets].map(rowOf), ...[...this.tcp.timeWaits].map(timeWaitRow)];
  }

  /** All TCP and UDP sockets there are, in the order in which they were made; closed ones that are still ending, too. */
  get sockets(): readonly InetSocket[] {
    return [...this.#sockets];
  }

  /** How people name a socket: `tcp 0.0.0.0:80 fd 3 (httpd)`. */
  nameOf(socket: InetSocket): string {
    const { address, port } = socket.localName();
    const peer =
      socket.remotePort === 0
        ? ''
        : ` <- ${endpointText(socket.shown(socket.remoteAddress), socket.remotePort)}`;
    const holder = socket.owner === null ? '' : ` fd ${socket.fd} (${socket.owner.name})`;
    return `${socket.kind} ${endpointText(address, port)}${peer}${holder}`;
  }

  /** Nothing is left of any socket, connection or process: the host has crashed. */
  crash(): void {
    for (const socket of [...this.#sockets]) {
      if (socket instanceof TcpSocket && socket.queue === null && socket.connection !== null) drop(socket);
    }
    for (const entry of [...this.tcp.timeWaits]) this.tcp.forgetTimeWait(entry);
    for (const owner of [...this.#processes]) owner.exit();
  }

  // --- for the sockets ---

  nextSocketId(): number {
    return ++this.#lastSocketId;
  }

  opened(socket: InetSocket): void {
    this.#sockets.add(socket);
  }

  closed(socket: InetSocket): void {
    this.#sockets.delete(socket);
  }

  exited(owner: Process): void {
    const index = this.#processes.indexOf(owner);
    if (index >= 0) this.#processes.splice(index, 1);
  }

  /** listen() on an unbound socket binds it to any free port; systems that do not say EINVAL. */
  get mayListenUnbound(): boolean {
    if (this.rules === null) return true;
    const { profile } = this.rules;
    return defined(profile, profile.listenUnbound, 'listen() on an unbound socket') === 'autobind';
  }

  /** Reply options with a device to leave by. */
  replyOptionsOn(device: NetDevice | null): SendOptions {
    return device === null ? this.replyOptions : { ...this.replyOptions, device };
  }
}
