/**
 * TCP of one host: the tables, the way down, the timers, and what is left of connections. The way up is in
 * `tcp-input.ts`, listening in `listener.ts`. Rules L13, L16, L22.
 */
import { EADDRNOTAVAIL, ENOBUFS, errnoNumber } from '../../network/errno.ts';
import { flowOfSocket } from '../../network/flow-label.ts';
import { type IpPacket, PROTOCOL_TCP } from '../../network/ip-packet.ts';
import type { Route, SendOptions } from '../../network/ports.ts';
import type { IpAddress, IpFamily } from '../../packet/ip-address.ts';
import type { EventHandler } from '../../sim/simulator.ts';
import { MILLISECOND, type Nanos, NEVER, SECOND } from '../../sim/time.ts';
import { TcpConnection } from '../../transport/tcp/connection.ts';
import type { TcpSegment } from '../../transport/tcp/header.ts';
import type { TcpPath } from '../../transport/tcp/path.ts';
import type { TimeWait } from '../../transport/tcp/time-wait.ts';
import { EstablishedTable } from '../demux/established-table.ts';
import { ListenerTable } from '../demux/listeners.ts';
import { TcpPorts } from '../ports/tcp-ports.ts';
import { defined } from '../profile.ts';
import type { SocketRules } from '../rules/socket-rules.ts';
import type { SocketLayer } from '../socket-layer.ts';
import { drop } from './endings.ts';
import { flowOnDevice, type TcpFlow } from './flow.ts';
import { completeChild } from './listener.ts';
import { SynCookies } from './syn-cookies.ts';
import type { TcpSocket } from './tcp-socket.ts';
import { TimeWaitEntry } from './time-wait-entry.ts';

/** Kinds of timer events. */
const CONNECTION_TIMER = 0;
const TIME_WAIT_TIMER = 1;

const IPV4_HEADER_SIZE = 20;
const IPV6_HEADER_SIZE = 40;
const ECN_MASK = 3;
/** The kernel confirms with every such segment; a neighbour is believed for 15 seconds at least. */
const CONFIRM_INTERVAL: Nanos = SECOND;
/** The order in which connect() tries ports changes with this period. */
const SHUFFLE_PERIOD: Nanos = 10 * SECOND;

export class TcpLayer implements EventHandler {
  readonly layer: SocketLayer;
  readonly flows: EstablishedTable<TcpFlow> = new EstablishedTable();
  readonly listeners: ListenerTable<TcpSocket>;
  readonly ports: TcpPorts;
  readonly cookies: SynCookies;
  /** Records in TIME-WAIT (and orphans in FIN-WAIT-2), in the order in which they came. */
  readonly timeWaits = new Set<TimeWaitEntry>();
  /** The host's devices cut chunks of data into segments (TSO, GSO): several leave at one instant. */
  hasSegmentationOffload = true;
  readonly #place: number;
  /** The path that was told last: most connections of a host can share it. */
  #path: TcpPath | null = null;

  constructor(layer: SocketLayer) {
    this.layer = layer;
    this.listeners = new ListenerTable(layer.flowHash);
    this.ports = new TcpPorts(layer.localPorts, layer.random, () => layer.limits.autobindReuse, layer.rules);
    this.cookies = new SynCookies(layer.flowHash);
    this.#place = layer.simulator.addPlace(`${layer.hostName} tcp`, this);
  }

  // --- four-tuples ---

  /** Who has the four-tuple, as seen by a packet from `device`. */
  find(
    local: IpAddress,
    localPort: number,
    remote: IpAddress,
    remotePort: number,
    device: SendOptions['device'],
  ): TcpFlow | null {
    return flowOnDevice(this.flows.find(local, localPort, remote, remotePort), device);
  }

  /**
   * connect() has fixed both addresses: finds a port if need be, and enters the four-tuple into the table.
   * @returns the ISS to use, 0 for any; or -EADDRNOTAVAIL, on other systems another errno
   */
  claimFlow(socket: TcpSocket): number {
    const isBound = socket.localPort !== 0;
    if (!isBound) {
      const result = this.ports.connect(socket, this.#portHash(socket), (port) =>
        this.#isFree(socket, port, false),
      );
      if (result < 0) return result;
    } else if (!this.#isFree(socket, socket.localPort, true)) {
      return quadTaken(this.layer.rules);
    }
    const previous = this.find(
      socket.localAddress,
      socket.localPort,
      socket.remoteAddress,
      socket.remotePort,
      socket.device,
    );
    this.fileFlow(socket);
    if (previous instanceof TimeWaitEntry) {
      this.forgetTimeWait(previous);
      return previous.record.reopenIss;
    }
    return 0;
  }

  fileFlow(socket: TcpSocket): void {
    const { localAddress, localPort, remoteAddress, remotePort } = socket;
    this.flows.add(socket, localAddress, localPort, remoteAddress, remotePort);
    socket.isFiled = true;
  }

  forgetFlow(socket: TcpSocket): void {
    if (!socket.isFiled) return;
    const { localAddress, localPort, remoteAddress, remotePort } = socket;
    this.flows.remove(socket, localAddress, localPort, remoteAddress, remotePort);
    socket.isFiled = false;
  }

  /** The four-tuple with `port` is nobody's, or a TIME-WAIT's that may be taken over. */
  #isFree(socket: TcpSocket, port: number, isBound: boolean): boolean {
    const { localAddress, remoteAddress, remotePort, device } = socket;
    const holder = this.find(localAddress, port, remoteAddress, remotePort, device);
    if (holder === null) return true;
    const mayGiveWay = this.layer.rules === null && holder instanceof TimeWaitEntry;
    return mayGiveWay && this.#mayTakeOver(holder, isBound);
  }

  /** L13: timestamps tell old segments from new; a port that was not named by bind() needs tcp_tw_reuse as well. */
  #mayTakeOver(entry: TimeWaitEntry, isBound: boolean): boolean {
    const { record } = entry;
    if (!record.hasTimestamps) return false;
    if (isBound) return true;
    const { twReuse, twReuseDelay } = this.layer.tcpHost.config;
    if (twReuse === 0 || record.substate === 'FIN-WAIT-2') return false;
    const isLoopback =
      entry.remoteAddress.isLoopback || entry.localAddress.isLoopback || (entry.device?.isLoopback ?? false);
    if (twReuse === 2 && !isLoopback) return false;
    return this.layer.simulator.now > record.since + twReuseDelay;
  }

  #portHash(socket: TcpSocket): number {
    const period = Math.floor(this.layer.simulator.now / SHUFFLE_PERIOD);
    const { localAddress, remoteAddress, remotePort } = socket;
    return this.layer.flowHash.of(localAddress, period & 0xffff, remoteAddress, remotePort);
  }

  // --- connections ---

  newConnection(socket: TcpSocket, route: Route): TcpConnection {
    const { localAddress, localPort, remoteAddress, remotePort } = socket;
    const quad = { localAddress, localPort, remoteAddress, remotePort };
    return new TcpConnection(
      this.layer.tcpHost,
      socket.settings,
      quad,
      this.#pathOf(route, remoteAddress.family, socket.optionsTo(remoteAddress)),
      socket,
    );
  }

  /** Sends what the connection has to say now, and sees to its timer. Called after everything that happens to it. */
  transmit(socket: TcpSocket): void {
    const { connection } = socket;
    if (connection === null) return;
    const { localAddress, remoteAddress } = socket.mappedFlow ?? connection.quad;
    const options = socket.optionsTo(remoteAddress);
    const { bytesAcked, rehashes } = connection.tcb.counters;
    if (bytesAcked !== socket.confirmedBytes && this.layer.simulator.now >= socket.confirmAt) {
      socket.confirmedBytes = bytesAcked;
      socket.confirmAt = this.layer.simulator.now + CONFIRM_INTERVAL;
      this.layer.ip.confirm(remoteAddress);
    }
    // Whom a timeout tells that a path is broken tries another one. Kernel: sk_rethink_txhash.
    options.flow = flowOfSocket(socket.id, rehashes);
    for (let segment = connection.pollTransmit(); segment !== null; segment = connection.pollTransmit()) {
      options.tos = (options.tos & ~ECN_MASK) | connection.transmitEcn;
      const result = this.layer.ip.send(localAddress, remoteAddress, PROTOCOL_TCP, segment, options);
      if (result === -ENOBUFS) connection.onTransmitFailed(segment);
    }
    const next = connection.nextTimeout();
    if (next < socket.timerQueuedAt) this.#queueTimer(socket, next);
  }

  /** Sends a segment that belongs to no connection: a RST, or the ACK of a TIME-WAIT record. */
  reply(packet: IpPacket, segment: TcpSegment, options: SendOptions): void {
    this.layer.ip.reply(packet, PROTOCOL_TCP, segment, options);
  }

  /** A half-open child's handshake is being completed: is there room for it? */
  completeChild(child: TcpSocket, listener: TcpSocket): 'yes' | 'drop' | 'reset' {
    return completeChild(this, child, listener);
  }

  // --- TIME-WAIT ---

  /** `record` takes over the four-tuple and the port of `socket`. */
  keepTimeWait(socket: TcpSocket, record: TimeWait): void {
    if (socket.seat === null) return;
    if (this.timeWaits.size >= this.layer.limits.maxTimeWaits) {
      this.layer.drops.drop('tcp.time-wait-overflow', null);
      return;
    }
    const entry = new TimeWaitEntry(socket, record, this.layer.nextSocketId());
    this.ports.buckets.add(entry, socket.seat.port);
    this.flows.add(entry, entry.localAddress, entry.localPort, entry.remoteAddress, entry.remotePort);
    this.timeWaits.add(entry);
    this.scheduleExpiry(entry);
  }

  forgetTimeWait(entry: TimeWaitEntry): void {
    if (!this.timeWaits.delete(entry)) return;
    this.layer.drops.tap?.transition?.(entry.record.substate, 'CLOSED');
    this.flows.remove(entry, entry.localAddress, entry.localPort, entry.remoteAddress, entry.remotePort);
    this.ports.buckets.remove(entry);
  }

  /** The record's deadline may have moved. */
  scheduleExpiry(entry: TimeWaitEntry): void {
    const { expiresAt } = entry.record;
    if (expiresAt >= entry.timerQueuedAt) return;
    entry.timerQueuedAt = expiresAt;
    this.layer.simulator.at(expiresAt, this.#place, TIME_WAIT_TIMER, entry);
  }

  /** The host's timestamp clock, ms, without a connection's offset. */
  get timestampClock(): number {
    return Math.floor(this.layer.simulator.now / MILLISECOND) >>> 0;
  }

  // --- timers ---

  onEvent(kind: number, arg: unknown): void {
    if (kind === TIME_WAIT_TIMER) this.#onExpiry(arg as TimeWaitEntry);
    else this.#onTimer(arg as TcpSocket);
  }

  #onTimer(socket: TcpSocket): void {
    const { now } = this.layer.simulator;
    if (now !== socket.timerQueuedAt) return; // overtaken by an earlier one
    socket.timerQueuedAt = NEVER;
    const { connection } = socket;
    if (connection === null) return;
    if (socket.isForsaken) {
      drop(socket); // a half-open child whose listener has closed is not cared for any more
      return;
    }
    if (connection.nextTimeout() <= now) connection.onTimeout();
    this.transmit(socket);
  }

  #onExpiry(entry: TimeWaitEntry): void {
    const { now } = this.layer.simulator;
    if (now !== entry.timerQueuedAt) return;
    entry.timerQueuedAt = NEVER;
    if (entry.record.expiresAt <= now) this.forgetTimeWait(entry);
    else if (this.timeWaits.has(entry)) this.scheduleExpiry(entry);
  }

  /** Routes have changed: the connection of `socket` goes the new way from its next segment on. */
  refreshPath(socket: TcpSocket): void {
    const { connection, remoteAddress, localAddress } = socket;
    if (connection === null || connection.isOver) return;
    const options = socket.optionsTo(remoteAddress);
    const route = this.layer.ip.route(remoteAddress, localAddress, options);
    if (typeof route !== 'number') connection.setPath(this.#pathOf(route, remoteAddress.family, options));
  }

  #pathOf(route: Route, family: IpFamily, options: SendOptions): TcpPath {
    const path: TcpPath = {
      mtu: route.mtu,
      ipHeaderSize: family === 6 ? IPV6_HEADER_SIZE : IPV4_HEADER_SIZE,
      advmss: route.metrics?.advmss ?? 0,
      initcwnd: route.metrics?.initcwnd ?? 0,
      initrwnd: route.metrics?.initrwnd ?? 0,
      hasSegmentationOffload: this.hasSegmentationOffload,
      discoversMtu:
        options.pmtuDiscovery === 'want' ||
        options.pmtuDiscovery === 'do' ||
        options.pmtuDiscovery === 'probe',
      isMtuLocked: route.metrics?.isMtuLocked ?? false,
    };
    if (this.#path === null || !isSamePath(path, this.#path)) this.#path = path;
    return this.#path;
  }

  #queueTimer(socket: TcpSocket, time: Nanos): void {
    const at = Math.max(time, this.layer.simulator.now);
    socket.timerQueuedAt = at;
    this.layer.simulator.at(at, this.#place, CONNECTION_TIMER, socket);
  }
}

function isSamePath(a: TcpPath, b: TcpPath): boolean {
  return (
    a.mtu === b.mtu &&
    a.ipHeaderSize === b.ipHeaderSize &&
    a.advmss === b.advmss &&
    a.initcwnd === b.initcwnd &&
    a.initrwnd === b.initrwnd &&
    a.hasSegmentationOffload === b.hasSegmentationOffload &&
    a.discoversMtu === b.discoversMtu &&
    a.isMtuLocked === b.isMtuLocked
  );
}

/** connect() from a bound port to where it is connected already (L22; FreeBSD: F12). */
function quadTaken(rules: SocketRules | null): number {
  if (rules === null) return -EADDRNOTAVAIL;
  return -errnoNumber(
    defined(rules.profile, rules.profile.quadTaken, 'connect() to a four-tuple that exists'),
  );
}
