/**
 * A TCP socket (tcp(7)): the calls of a program, as Linux answers them in every state. The connection itself is the
 * machine in `transport/tcp`; this file decides which calls reach it. Kernel: af_inet.c, tcp.c; rules L13-L24.
 */
import {
  EADDRNOTAVAIL,
  EAGAIN,
  EALREADY,
  EBADF,
  ECONNABORTED,
  EINPROGRESS,
  EINVAL,
  EISCONN,
  EMFILE,
  ENETUNREACH,
  ENOTCONN,
  EOPNOTSUPP,
  EPIPE,
} from '../../network/errno.ts';
import type { IpPacket } from '../../network/ip-packet.ts';
import { EMPTY, type Payload } from '../../packet/payload.ts';
import { type Nanos, NEVER } from '../../sim/time.ts';
import { MSG_DONTWAIT, MSG_FASTOPEN } from '../../transport/message-flags.ts';
import type { TcpConnection } from '../../transport/tcp/connection.ts';
import type { TcpSegment } from '../../transport/tcp/header.ts';
import type { TcpInfo } from '../../transport/tcp/info.ts';
import { TcpSettings } from '../../transport/tcp/settings.ts';
import type { TcpState } from '../../transport/tcp/state.ts';
import { DEFAULT_MSS } from '../../transport/tcp/tcb.ts';
import type { TimeWait } from '../../transport/tcp/time-wait.ts';
import type { TcpUser } from '../../transport/tcp/user.ts';
import {
  type Endpoint,
  type OptionValue,
  POLLERR,
  POLLHUP,
  POLLIN,
  POLLOUT,
  POLLPRI,
  POLLRDHUP,
  type QueueRequest,
  type Received,
  type ShutdownHow,
  type Socket,
} from '../api.ts';
import type { ListenerEntry } from '../demux/listeners.ts';
import type { ListNode } from '../demux/newest-first.ts';
import type { ReusePortGroup } from '../demux/reuseport-group.ts';
import { InetSocket, SHUT_BOTH, SHUT_READ, SHUT_WRITE } from '../inet-socket.ts';
import { applyRule, findRule, readRule } from '../options/rule.ts';
import { TCP_OPTIONS } from '../options/tcp-level.ts';
import type { PortSeat } from '../ports/bind-buckets.ts';
import type { PortSeeker } from '../ports/tcp-ports.ts';
import { shutdownBits } from '../shutdown.ts';
import type { SocketLayer } from '../socket-layer.ts';
import type { TcpFlow } from './flow.ts';
import { ListenQueue } from './listen-queue.ts';
import { queuedBytes, socketInfo } from './socket-info.ts';

/** How far connect() has come, as calls see it; it is not the TCP state: a connection that was reset stays 'connected'. */
export type ConnectPhase = 'unconnected' | 'connecting' | 'connected' | 'disconnecting';

export class TcpSocket extends InetSocket implements PortSeeker, ListenerEntry<TcpSocket>, TcpUser {
  readonly kind = 'tcp';
  state: TcpState = 'CLOSED';
  phase: ConnectPhase = 'unconnected';
  settings: TcpSettings;
  /** The present connection, or one that has ended by itself: its data and its error can still be read. */
  connection: TcpConnection | null = null;
  /** Not null while listening. */
  queue: ListenQueue | null = null;
  /** A SYN-RECEIVED child: the listener that it came from. Null once it is a socket of its own. */
  halfOpenOf: TcpSocket | null = null;
  /** The listener's id, for accepted connections; -1 otherwise. */
  parentId = -1;
  /** close() was called, or nobody ever accepted it. */
  isOrphan = false;
  boundByConnect = false;
  readonly isTimeWait = false;
  readonly isConnected = false;
  seat: PortSeat | null = null;
  listenSeat: ListNode<TcpSocket> | null = null;
  group: ReusePortGroup<TcpSocket> | null = null;
  twin: TcpFlow | null = null;
  /** In the table of connections. */
  isFiled = false;
  /** When the one timer event that counts is due. */
  timerQueuedAt: Nanos = NEVER;
  /** The error that disconnecting left pending. */
  #error = 0;
  /** ISS for the next connection, 0 = any: a socket that is used again goes on counting where it was. */
  #nextIss = 0;
  /** The last connection had timestamps: they tell its segments from those of a next one with the same peer only. */
  #hadTimestamps = false;

  constructor(layer: SocketLayer, uid: number, settings: TcpSettings = new TcpSettings()) {
    super(layer, uid);
    this.settings = settings;
  }

  get isListening(): boolean {
    return this.state === 'LISTEN';
  }

  // --- names ---

  protected get isBusy(): boolean {
    return this.state !== 'CLOSED' || this.localPort !== 0;
  }

  protected getPort(port: number): number {
    return this.layer.tcp.ports.bind(this, port);
  }

  override peerName(): Endpoint | number {
    if (this.state === 'CLOSED' || this.state === 'SYN-SENT' || this.state === 'LISTEN') return -ENOTCONN;
    return super.peerName();
  }

  // --- connect ---

  /** The states of a non-blocking connect(): EALREADY, the one 0, EISCONN; a failure is told once and then undone. */
  protected connectEarly(): number | null {
    if (this.phase === 'disconnecting') return -EINVAL;
    if (this.phase === 'connected') return -EISCONN;
    if (this.phase === 'unconnected') return this.state === 'CLOSED' ? null : -EISCONN;
    if (this.state === 'SYN-SENT' || this.state === 'SYN-RECEIVED') return -EALREADY;
    if (this.state !== 'CLOSED') {
      this.phase = 'connected';
      return 0;
    }
    const error = this.#takeHardError();
    this.phase = 'unconnected';
    this.#reset();
    return error === 0 ? -ECONNABORTED : -error;
  }

  protected connectTo(remote: Endpoint): number {
    const result = this.#open(remote, null);
    return result === 0 && !this.connection!.isDeferred ? -EINPROGRESS : result;
  }

  /** @param data for the SYN (MSG_FASTOPEN), or null @returns the bytes that the SYN carries, or minus an errno */
  #open(remote: Endpoint, data: Payload | null): number {
    const found = this.routeToPeer(remote.address, this.boundSource, this.sendOptions);
    if (typeof found === 'number') return found;
    const { route, address } = found;
    if (route.kind === 'broadcast' || route.kind === 'multicast') return -ENETUNREACH;
    if (this.sourceAddress.isUnspecified) this.sourceAddress = route.source;
    this.localAddress = this.sourceAddress;
    this.layer.tcp.ports.buckets.moved(this);
    if (this.#hadTimestamps && this.remoteAddress !== address) this.#nextIss = 0;
    this.remoteAddress = address;
    this.remotePort = remote.port;
    this.state = 'SYN-SENT';
    const iss = this.layer.tcp.claimFlow(this);
    if (iss < 0) {
      this.state = 'CLOSED';
      this.#releasePort();
      this.#clearAddress();
      this.remotePort = 0;
      return -EADDRNOTAVAIL;
    }
    this.shownPort = this.localPort;
    this.phase = 'connecting';
    this.#error = 0;
    this.connection = this.layer.tcp.newConnection(this, route);
    const first = iss === 0 ? this.#nextIss : iss;
    const taken = data === null ? 0 : this.connection.openFast(data, first);
    if (data === null) this.connection.openActive(first);
    this.layer.tcp.transmit(this);
    return taken;
  }

  /** connect(AF_UNSPEC): ends a connection by RST, or the listening; keeps what bind() named (L24). */
  disconnect(): number {
    this.phase = 'unconnected';
    this.#reset();
    return 0;
  }

  // --- listen and accept ---

  listen(backlog: number): number {
    if (this.phase !== 'unconnected') return -EINVAL;
    const limit = this.layer.limits.somaxconn;
    const admitted = backlog < 0 ? limit : Math.min(backlog, limit);
    if (this.queue !== null) {
      this.queue.backlog = admitted;
      return 0;
    }
    if (this.state !== 'CLOSED') return -EINVAL;
    this.state = 'LISTEN';
    const { ports, listeners } = this.layer.tcp;
    const result = this.localPort === 0 ? ports.bind(this, 0) : ports.listenAgain(this);
    if (result < 0) {
      this.state = 'CLOSED';
      return result;
    }
    this.shownPort = this.localPort;
    this.queue = new ListenQueue(admitted);
    listeners.add(this);
    return 0;
  }

  accept(): Socket | number {
    if (this.queue === null) return -EINVAL;
    if (this.queue.waiting === 0) return -EAGAIN;
    if (this.owner!.isFull) return -EMFILE;
    const child = this.queue.shift()!;
    child.uid = this.owner!.uid;
    child.isOrphan = false;
    child.phase = 'connected';
    child.connection?.accepted();
    this.owner!.adopt(child);
    return child;
  }

  /** A child has been completed. */
  enqueueChild(child: TcpSocket): void {
    this.queue!.push(child);
    this.wake();
  }

  // --- data ---

  /** @param to is ignored, as Linux does on a stream */
  send(data: Payload, flags: number = 0, to: Endpoint | null = null): number {
    const { connection } = this;
    if ((flags & MSG_FASTOPEN) !== 0 && to !== null && !(connection?.isDeferred ?? false)) {
      const taken = this.#sendWithConnect(data, to);
      this.#noteWriter(taken, data, flags);
      return taken;
    }
    if (connection === null || this.queue !== null) {
      const error = this.#takeHardError();
      return error === 0 ? -EPIPE : -error;
    }
    if (this.#isWriteShut) return this.#writeRefused();
    const result = connection.write(data, flags);
    this.layer.tcp.transmit(this);
    this.#noteWriter(result, data, flags);
    return result;
  }

  /** A SYN took some of the data and a program waits to write the rest: that will carry the ACK of the SYN,ACK. */
  #noteWriter(taken: number, data: Payload, flags: number): void {
    if (this.state !== 'SYN-SENT' || taken <= 0 || taken === data.size) return;
    if ((flags & MSG_DONTWAIT) === 0) this.connection!.expectWriter();
  }

  /** send(2) with MSG_FASTOPEN: connect() and as much data as the SYN takes (RFC 7413 4.2.1). */
  #sendWithConnect(data: Payload, to: Endpoint): number {
    if ((this.layer.tcpHost.config.fastOpen & 1) === 0) return -EOPNOTSUPP;
    if (this.phase === 'connecting') return -EALREADY;
    if (this.state !== 'CLOSED' || this.queue !== null) return -EISCONN;
    return this.#open(to, data) || -EINPROGRESS;
  }

  recv(size: number, flags: number = 0): Received | number {
    if (this.queue !== null) return -ENOTCONN;
    const { connection } = this;
    if (connection === null) return this.#endOrNotConnected();
    const result = connection.read(size, flags);
    this.layer.tcp.transmit(this);
    if (result === -ENOTCONN || (result === -EAGAIN && (this.shut & SHUT_READ) !== 0)) {
      return this.#endOrNotConnected();
    }
    return typeof result === 'number' ? result : { data: result, from: null, fullSize: result.size };
  }

  shutdown(how: ShutdownHow | number): number {
    const bits = shutdownBits(how);
    if (bits < 0) return bits;
    if (this.phase === 'connecting') {
      const isUnderWay =
        this.state === 'SYN-SENT' || this.state === 'SYN-RECEIVED' || this.state === 'CLOSED';
      this.phase = isUnderWay ? 'disconnecting' : 'connected';
    }
    if (this.state === 'SYN-SENT' || (this.state === 'LISTEN' && (bits & SHUT_READ) !== 0)) {
      this.#reset();
      this.phase = 'unconnected';
    } else if (this.state !== 'LISTEN') {
      this.shut |= bits;
      if (this.state === 'CLOSED') {
        this.wake();
        return -ENOTCONN;
      }
      if ((bits & SHUT_READ) !== 0) this.connection!.shutdownRead();
      if ((bits & SHUT_WRITE) !== 0) this.connection!.shutdownWrite();
      this.layer.tcp.transmit(this);
    }
    this.wake();
    return 0;
  }

  takeError(): number {
    const error = this.#error;
    this.#error = 0;
    return error !== 0 ? error : (this.connection?.takeError() ?? 0);
  }

  poll(): number {
    if (this.queue !== null) return this.queue.waiting > 0 ? POLLIN : 0;
    const { connection, state } = this;
    const readClosed = (this.shut & SHUT_READ) !== 0 || (connection?.isReadClosed ?? false);
    const writeClosed = (this.shut & SHUT_WRITE) !== 0 || (connection?.isWriteClosed ?? false);
    let events = 0;
    if (state === 'CLOSED' || (readClosed && writeClosed)) events |= POLLHUP;
    if (readClosed) events |= POLLIN | POLLRDHUP;
    if (connection?.isDeferred ?? false) events |= POLLOUT;
    const isOpen = state !== 'SYN-SENT' && (state !== 'SYN-RECEIVED' || connection!.isFastOpenChild);
    if (isOpen) {
      if ((connection?.readable ?? 0) >= this.settings.rcvLowat) events |= POLLIN;
      if (writeClosed || (connection?.isWritable ?? true)) events |= POLLOUT;
      if (connection?.hasUrgent ?? false) events |= POLLPRI;
    }
    if (this.#error !== 0 || (connection?.error ?? 0) !== 0) events |= POLLERR;
    return events;
  }

  override tcpInfo(): TcpInfo | number {
    return this.fd < 0 ? -EBADF : socketInfo(this);
  }

  override ioctl(request: QueueRequest): number {
    return this.fd < 0 ? -EBADF : queuedBytes(this, request);
  }

  // --- life ---

  protected release(): void {
    this.isOrphan = true;
    const { tcp } = this.layer;
    if (this.queue !== null) this.#stopListening();
    else if (this.connection !== null && this.state !== 'CLOSED') {
      if (this.linger === 0) this.connection.abort();
      else this.connection.close();
      tcp.transmit(this);
    }
    if (this.state === 'CLOSED') this.#vanish();
  }

  // --- children of a listener ---

  /** The child of a listener begins: the SYN names both ends. */
  startAsChild(listener: TcpSocket, packet: IpPacket, segment: TcpSegment): void {
    this.localAddress = packet.dst;
    this.sourceAddress = packet.dst;
    this.localPort = segment.dstPort;
    this.shownPort = segment.dstPort;
    this.remoteAddress = packet.src;
    this.remotePort = segment.srcPort;
    this.device = listener.device;
    Object.assign(this.sendOptions, listener.sendOptions);
    this.parentId = listener.id;
    this.isOrphan = true;
  }

  /** The child is completed: it has the listener's options, and waits for accept(). */
  inheritFrom(listener: TcpSocket): void {
    listener.queue!.halfOpen--;
    this.halfOpenOf = null;
    this.isOrphan = false;
    this.uid = listener.uid;
    this.shut = listener.shut;
    this.reuseAddr = listener.reuseAddr;
    this.reusePort = listener.reusePort;
    this.broadcast = listener.broadcast;
    this.linger = listener.linger;
    this.bindNoPort = listener.bindNoPort;
    this.ownPortRange = listener.ownPortRange;
    this.freebind = listener.freebind;
    this.transparent = listener.transparent;
    this.isAddressBound = listener.isAddressBound;
    this.device = listener.device;
    Object.assign(this.sendOptions, listener.sendOptions);
  }

  /** A half-open child whose listener has stopped listening. */
  get isForsaken(): boolean {
    return this.halfOpenOf !== null && this.halfOpenOf.queue === null;
  }

  /** The half-open child is gone without a word. */
  drop(): void {
    this.state = 'CLOSED';
    this.connection = null;
    this.#over();
  }

  /** The host crashes: no segment says so. */
  vanishSilently(): void {
    if (this.queue === null && this.connection !== null) this.drop();
  }

  /** The listener closes before anybody accepted this connection. */
  abandon(): void {
    this.isOrphan = true;
    if (this.state === 'CLOSED') this.#vanish();
    else {
      this.connection!.disconnect();
      this.layer.tcp.transmit(this);
    }
  }

  // --- what the connection tells (TcpUser) ---

  onStateChange(from: TcpState, to: TcpState): void {
    if (to === 'TIME-WAIT') return; // onTimeWait is told, too
    this.state = to;
    if (to === 'CLOSED') this.#over();
    // shutdown(SHUT_WR) came before the connection, and waited for a simultaneous or passive open to be over.
    if (from === 'SYN-RECEIVED' && to === 'ESTABLISHED' && (this.shut & SHUT_WRITE) !== 0) {
      this.connection!.shutdownWrite();
    }
    this.wake();
  }

  onReadable(): void {
    this.wake();
  }

  onWritable(): void {
    this.wake();
  }

  onError(_errno: number): void {
    this.wake();
  }

  /** The record takes the connection's place; the socket, if somebody still has it, is closed. */
  onTimeWait(record: TimeWait): void {
    this.layer.tcp.keepTimeWait(this, record);
    this.state = 'CLOSED';
    this.#over();
    this.wake();
  }

  mayEstablish(): 'yes' | 'drop' | 'reset' {
    return this.halfOpenOf === null ? 'yes' : this.layer.tcp.completeChild(this, this.halfOpenOf);
  }

  // --- options ---

  override setOption(name: string, value: OptionValue): number {
    const own = findRule(TCP_OPTIONS, name);
    return own === undefined ? super.setOption(name, value) : applyRule<TcpSocket>(own, this, value);
  }

  override getOption(name: string): OptionValue {
    const own = findRule(TCP_OPTIONS, name);
    return own === undefined ? super.getOption(name) : readRule<TcpSocket>(own, this);
  }

  /** Sets one of TCP's options. @param apply what a live connection does about it at once */
  changeSetting<K extends keyof TcpSettings>(
    name: K,
    value: TcpSettings[K],
    apply: ((connection: TcpConnection) => void) | null = null,
  ): void {
    this.settings[name] = value;
    if (apply === null || this.connection === null) return;
    apply(this.connection);
    this.layer.tcp.transmit(this);
  }

  /** TCP_MAXSEG: what was asked for before there is a connection, then what segments really carry (tcp(7)). */
  get segmentSize(): number {
    const isOpen = this.connection !== null && this.state !== 'CLOSED' && this.state !== 'LISTEN';
    if (isOpen) return this.connection!.mss;
    return this.settings.maxseg > 0 ? this.settings.maxseg : (this.connection?.mss ?? DEFAULT_MSS);
  }

  get rcvbuf(): number {
    return this.connection?.rcvbuf || this.settings.rcvbufOr(this.layer.tcpHost.config);
  }

  set rcvbuf(bytes: number) {
    this.changeSetting('rcvbuf', bytes, (connection) => connection.setRcvbuf(bytes));
  }

  get sndbuf(): number {
    return this.connection?.sndbuf ?? this.settings.sndbufOr(this.layer.tcpHost.config);
  }

  set sndbuf(bytes: number) {
    this.changeSetting('sndbuf', bytes, (connection) => connection.setSndbuf(bytes));
  }

  deviceChanged(): void {}

  // --- ends ---

  /** Whatever the socket was, it is closed now and may be used anew. Kernel: tcp_disconnect. */
  #reset(): void {
    this.#nextIss = this.connection?.successorIss ?? ((this.#nextIss + 2) >>> 0 || 1);
    this.#hadTimestamps = this.connection?.hasTimestamps ?? this.#hadTimestamps;
    if (this.queue !== null) this.#stopListening();
    else if (this.connection !== null) {
      this.connection.disconnect();
      this.layer.tcp.transmit(this);
      this.#error = this.connection.takeError();
      this.connection = null;
    }
    this.remotePort = 0;
    this.#clearAddress();
    this.shut = 0;
    this.wake();
  }

  #stopListening(): void {
    const queue = this.queue!;
    this.state = 'CLOSED';
    this.queue = null;
    this.layer.tcp.listeners.remove(this);
    this.#releasePort();
    this.layer.tcp.dropQueue(queue);
  }

  /** The connection has ended: no four-tuple, and no port unless bind() named it. */
  #over(): void {
    this.layer.tcp.forgetFlow(this);
    if (this.halfOpenOf?.queue != null) this.halfOpenOf.queue.halfOpen--;
    this.halfOpenOf = null;
    this.shut = SHUT_BOTH;
    this.#releasePort();
    if (this.isOrphan) this.#vanish();
  }

  #releasePort(): void {
    if (this.seat === null || this.isPortBound) return;
    this.layer.tcp.ports.buckets.remove(this);
    this.localPort = 0;
    this.boundByConnect = false;
  }

  #clearAddress(): void {
    if (this.isAddressBound) return;
    this.clearLocalAddress();
    this.layer.tcp.ports.buckets.moved(this);
  }

  /** Nobody has the socket any more, and nothing goes on. */
  #vanish(): void {
    this.isPortBound = false;
    this.#releasePort();
    this.layer.closed(this);
  }

  /** shutdown(SHUT_WR) was called before there was a connection: it holds for the connection, too. */
  get #isWriteShut(): boolean {
    return (this.shut & SHUT_WRITE) !== 0 && this.state !== 'CLOSED' && !this.connection!.isWriteClosed;
  }

  #writeRefused(): number {
    if (this.state === 'SYN-SENT' || this.state === 'SYN-RECEIVED') return -EAGAIN;
    const error = this.#takeHardError();
    return error === 0 ? -EPIPE : -error;
  }

  /** The pending error; soft ICMP errors are for SO_ERROR only. */
  #takeHardError(): number {
    return this.#error !== 0 || (this.connection?.error ?? 0) !== 0 ? this.takeError() : 0;
  }

  #endOrNotConnected(): Received | number {
    const error = this.#takeHardError();
    if (error !== 0) return -error;
    return (this.shut & SHUT_READ) !== 0 ? { data: EMPTY, from: null, fullSize: 0 } : -ENOTCONN;
  }
}
