/**
 * A TCP socket (tcp(7)): the calls of a program, as Linux answers them in every state. The connection itself is the
 * machine in `transport/tcp`; this file decides which calls reach it. Kernel: af_inet.c, tcp.c; rules L13-L24.
 */
import { EBADF, ENOPROTOOPT, ENOTCONN, EOPNOTSUPP } from '../../network/errno.ts';
import type { IpAddress, IpFamily } from '../../packet/ip-address.ts';
import type { Payload } from '../../packet/payload.ts';
import { type Nanos, NEVER } from '../../sim/time.ts';
import type { TcpConnection } from '../../transport/tcp/connection.ts';
import type { TcpInfo } from '../../transport/tcp/info.ts';
import { TcpSettings } from '../../transport/tcp/settings.ts';
import type { TcpState } from '../../transport/tcp/state.ts';
import { DEFAULT_MSS } from '../../transport/tcp/tcb.ts';
import type { TimeWait } from '../../transport/tcp/time-wait.ts';
import type { TcpUser } from '../../transport/tcp/user.ts';
import type { Endpoint, OptionValue, QueueRequest, Received, ShutdownHow, Socket } from '../api.ts';
import type { ListenerEntry } from '../demux/listeners.ts';
import type { ListNode } from '../demux/newest-first.ts';
import type { ReusePortGroup } from '../demux/reuseport-group.ts';
import { InetSocket, SHUT_WRITE } from '../inet-socket.ts';
import { systemHasOption } from '../options/by-system.ts';
import { applyRule, findRule, type OptionRule, readRule } from '../options/rule.ts';
import { TCP_OPTIONS, TCP6_OPTIONS } from '../options/tcp-level.ts';
import type { PortSeat } from '../ports/bind-buckets.ts';
import type { PortSeeker } from '../ports/tcp-ports.ts';
import { defined } from '../profile.ts';
import { shutdownBits } from '../shutdown.ts';
import type { SocketLayer } from '../socket-layer.ts';
import { continueConnect, startConnect } from './connect-call.ts';
import { closeForGood, over, reset } from './endings.ts';
import type { TcpFlow } from './flow.ts';
import { acceptChild, startListening } from './listen-call.ts';
import type { ListenQueue } from './listen-queue.ts';
import { connectEarlyBy, connectOutcome, errorBy, refusesTcpPeer } from './other-systems.ts';
import { tcpEvents } from './readiness.ts';
import { shutDown } from './shutdown-call.ts';
import { queuedBytes, socketInfo } from './socket-info.ts';
import { receiveOn, sendOn } from './transfer-calls.ts';

/** How far connect() has come, as calls see it; it is not the TCP state: a connection that was reset stays 'connected'. */
export type ConnectPhase = 'unconnected' | 'connecting' | 'connected' | 'disconnecting';

/** What stays when a connection is disconnected from its socket. */
export interface PastConnections {
  /** The error that disconnecting left pending; positive, 0 = none. */
  error: number;
  /** The last soft ICMP error, which neither the end of the connection nor a disconnect clears (sk_err_soft). */
  softError: number;
  /** ISS of the next connection, 0 = any: a socket that is used again goes on counting where it was. */
  nextIss: number;
  /** The last connection had timestamps: with the same peer they tell its segments from those of a next one. */
  hadTimestamps: boolean;
}

const DISCONNECT = 'connect(AF_UNSPEC) on a TCP socket';

/** Two IPv4 addresses. */
export interface MappedFlow {
  readonly localAddress: IpAddress;
  readonly remoteAddress: IpAddress;
}

export class TcpSocket extends InetSocket implements PortSeeker, ListenerEntry<TcpSocket>, TcpUser {
  readonly kind: 'tcp' | 'tcp6';
  state: TcpState = 'CLOSED';
  phase: ConnectPhase = 'unconnected';
  settings: TcpSettings;
  /** The present connection, or one that has ended by itself: its data and its error can still be read. */
  connection: TcpConnection | null = null;
  /** Not null while listening. */
  queue: ListenQueue | null = null;
  /** A SYN-RECEIVED child: the listener that it came from. Null once it is a socket of its own. */
  halfOpenOf: TcpSocket | null = null;
  /** Half-open children of a listener that stopped: while they last they count in its next queue, too. */
  forsakenChildren = 0;
  /** When it last answered with a SYN cookie. */
  cookieGivenAt: Nanos = Number.NEGATIVE_INFINITY;
  /** The listener's id, for accepted connections; -1 otherwise. */
  parentId = -1;
  /** close() was called, or nobody ever accepted it. */
  isOrphan = false;
  boundByConnect = false;
  readonly isTimeWait = false;
  readonly isStream = true;
  readonly isConnected = false;
  seat: PortSeat | null = null;
  listenSeat: ListNode<TcpSocket> | null = null;
  group: ReusePortGroup<TcpSocket> | null = null;
  twin: TcpFlow | null = null;
  /**
   * AF_INET6: the addresses of the last connection over IPv4. Linux never takes back the choice of IPv4 for what a socket
   * sends: when it is connected over IPv6 later, its segments go out as IPv4 packets of the old flow, and are lost.
   */
  mappedFlow: MappedFlow | null = null;
  /** In the table of connections. */
  isFiled = false;
  /** When the one timer event that counts is due. */
  timerQueuedAt: Nanos = NEVER;
  /** How much the peer had acknowledged when the neighbour was confirmed last, and when it may be again. */
  confirmedBytes = 0;
  confirmAt: Nanos = 0;
  /** What earlier connections left to calls and to the next connection. */
  readonly past: PastConnections = { error: 0, softError: 0, nextIss: 0, hadTimestamps: false };

  constructor(
    layer: SocketLayer,
    uid: number,
    domain: IpFamily = 4,
    settings: TcpSettings = new TcpSettings(),
  ) {
    super(layer, uid, domain);
    this.kind = domain === 6 ? 'tcp6' : 'tcp';
    this.settings = settings;
  }

  get isListening(): boolean {
    return this.state === 'LISTEN';
  }

  // --- names ---

  get isBusy(): boolean {
    if (this.state !== 'CLOSED' || this.localPort !== 0) return true;
    return this.connection !== null && this.layer.rules !== null; // it had a name, and POSIX gives it no other
  }

  protected getPort(port: number): number {
    return this.layer.tcp.ports.bind(this, port);
  }

  override peerName(): Endpoint | number {
    if (this.state === 'CLOSED' || this.state === 'SYN-SENT' || this.state === 'LISTEN') return -ENOTCONN;
    return super.peerName();
  }

  // --- connect ---

  /** Another peer than the last one need not be spared the numbers of that connection (tcp_v4_connect). */
  override aimAt(peer: IpAddress): void {
    if (this.past.hadTimestamps && this.remoteAddress !== peer) this.past.nextIss = 0;
    this.remoteAddress = peer;
  }

  protected connectEarly(): number | null {
    const { rules } = this.layer;
    return rules === null ? continueConnect(this) : connectEarlyBy(rules.profile, this);
  }

  protected connectTo(remote: Endpoint): number {
    const { rules } = this.layer;
    const refused = rules === null ? 0 : refusesTcpPeer(rules.profile, this, remote);
    return refused === 0 ? startConnect(this, remote) : refused;
  }

  override resumeConnect(remote: Endpoint): number {
    return this.layer.rules === null ? this.connect(remote) : connectOutcome(this);
  }

  disconnect(): number {
    const { rules } = this.layer;
    if (rules !== null) defined(rules.profile, rules.profile.calls.tcpDisconnect, DISCONNECT);
    this.phase = 'unconnected';
    reset(this);
    return 0;
  }

  // --- listen and accept ---

  listen(backlog: number): number {
    return startListening(this, backlog);
  }

  accept(): Socket | number {
    return acceptChild(this);
  }

  /** A child has been completed. */
  enqueueChild(child: TcpSocket): void {
    this.queue!.push(child);
    this.wake();
  }

  // --- data ---

  /** @param to is ignored, as Linux does on a stream, but for MSG_FASTOPEN */
  send(data: Payload, flags: number = 0, to: Endpoint | null = null): number {
    return sendOn(this, data, flags, to);
  }

  recv(size: number, flags: number = 0): Received | number {
    return receiveOn(this, size, flags);
  }

  shutdown(how: ShutdownHow | number): number {
    const bits = shutdownBits(how);
    return bits < 0 ? bits : shutDown(this, bits);
  }

  takeError(): number {
    const { past } = this;
    const error = past.error || (this.connection?.takeError() ?? 0);
    if (error !== 0) {
      past.error = 0;
      return this.layer.rules === null ? error : errorBy(this.layer.rules.profile, error);
    }
    const { softError } = past;
    past.softError = 0;
    return softError;
  }

  /** The pending error; soft ICMP errors are for SO_ERROR only. */
  takeHardError(): number {
    return this.past.error !== 0 || (this.connection?.error ?? 0) !== 0 ? this.takeError() : 0;
  }

  poll(): number {
    return tcpEvents(this);
  }

  override tcpInfo(): TcpInfo | number {
    return this.fd < 0 ? -EBADF : socketInfo(this);
  }

  override ioctl(request: QueueRequest): number {
    return this.fd < 0 ? -EBADF : queuedBytes(this, request);
  }

  protected release(): void {
    closeForGood(this);
  }

  /** A half-open child whose listener has stopped listening. */
  get isForsaken(): boolean {
    return this.halfOpenOf !== null && this.halfOpenOf.queue === null;
  }

  // --- what the connection tells (TcpUser) ---

  onStateChange(from: TcpState, to: TcpState): void {
    this.layer.drops.tap?.transition?.(from, to);
    if (to === 'TIME-WAIT') return; // onTimeWait is told, too
    this.state = to;
    // Linux waits for the next connect() to see that (K33); elsewhere it says EISCONN at once.
    const isOpen = to === 'ESTABLISHED' || to === 'CLOSE-WAIT';
    if (isOpen && this.phase === 'connecting' && this.layer.rules !== null) this.phase = 'connected';
    if (to === 'CLOSED') over(this);
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
    over(this);
    this.wake();
  }

  mayEstablish(): 'yes' | 'drop' | 'reset' {
    return this.halfOpenOf === null ? 'yes' : this.layer.tcp.completeChild(this, this.halfOpenOf);
  }

  // --- options ---

  override setOption(name: string, value: OptionValue): number {
    if (!systemHasOption(this.layer.profile, name)) return -ENOPROTOOPT;
    const own = this.#ownRule(name);
    return own === undefined ? super.setOption(name, value) : applyRule<TcpSocket>(own, this, value);
  }

  override getOption(name: string): OptionValue {
    if (!systemHasOption(this.layer.profile, name)) return -ENOPROTOOPT;
    const own = this.#ownRule(name);
    if (name.startsWith('UDP_')) return -EOPNOTSUPP; // another protocol's level
    return own === undefined ? super.getOption(name) : readRule<TcpSocket>(own, this);
  }

  #ownRule(name: string): OptionRule<TcpSocket> | undefined {
    return findRule(this.domain === 6 ? TCP6_OPTIONS : TCP_OPTIONS, name);
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

  override onPathOptions(): void {
    this.layer.tcp.refreshPath(this);
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
}
