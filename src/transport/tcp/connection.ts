/**
 * One TCP connection (RFC 9293): the face of the sans-IO machine. It starts no timers and sends nothing by itself.
 *
 * After every input (a segment, an ICMP error, a timeout, a call of the user) the owner calls {@link pollTransmit}
 * until it returns null, sends what it got, and looks at {@link nextTimeout}. Calls return 0 or more, or minus an errno.
 */
import type { IcmpErrorReport } from '../../network/ports.ts';
import type { Payload } from '../../packet/payload.ts';
import { invariant } from '../../sim/errors.ts';
import { type Nanos, NEVER } from '../../sim/time.ts';
import type { TcpSegment } from './header.ts';
import type { TcpHost } from './host.ts';
import type { TcpInfo } from './info.ts';
import type { TcpQuad } from './isn.ts';
import type { TcpSettings } from './settings.ts';
import type { TcpState } from './state.ts';
import type { TcpUser } from './user.ts';

/** What routing says about the way to the peer. */
export interface TcpPath {
  /** Path MTU, bytes. */
  readonly mtu: number;
  /** IP header and options of every packet, bytes: 20 or 40 without options. */
  readonly ipHeaderSize: number;
  /** Metric advmss of the route, bytes; 0 = from the device's MTU. */
  readonly advmss: number;
  /** Metric initcwnd, segments; 0 = 10. */
  readonly initcwnd: number;
  /** Metric initrwnd, segments; 0 = from the buffer. */
  readonly initrwnd: number;
  /** `mtu lock`: path MTU discovery is off. */
  readonly isMtuLocked: boolean;
}

export class TcpConnection {
  readonly quad: TcpQuad;
  /** The socket's options; change those that have a setter here through it. */
  readonly settings: TcpSettings;
  state: TcpState = 'CLOSED';
  /** ECN codepoint (0, 1 or 2) for the packet that carries the segment that {@link pollTransmit} returned last. */
  transmitEcn = 0;

  constructor(host: TcpHost, settings: TcpSettings, quad: TcpQuad, path: TcpPath, user: TcpUser) {
    this.quad = quad;
    this.settings = settings;
    void [host, path, user];
  }

  // --- what the network tells ---

  /** SEGMENT ARRIVES. @param tos of the packet: the ECN field is looked at */
  onSegment(segment: TcpSegment, tos: number): void {
    unbuilt(segment, tos);
  }

  /** An ICMP error that quotes a segment of this connection. */
  onIcmpError(report: IcmpErrorReport): void {
    unbuilt(report);
  }

  /** The time of {@link nextTimeout} has come. Early calls are harmless. */
  onTimeout(): void {}

  /** The earliest deadline of all timers, or `NEVER`. */
  nextTimeout(): Nanos {
    return NEVER;
  }

  /** The next segment to send now, or null. */
  pollTransmit(): TcpSegment | null {
    return null;
  }

  // --- user calls ---

  /** Active OPEN: SYN-SENT. @param iss default: by RFC 6528; a taken-over TIME-WAIT record gives its own */
  openActive(iss: number = 0): void {
    unbuilt(iss);
  }

  /** A listener got `syn`: LISTEN to SYN-RECEIVED. @param iss as in {@link openActive} */
  openPassive(syn: TcpSegment, tos: number, iss: number = 0): void {
    unbuilt(syn, tos, iss);
  }

  /** SEND. @param flags MSG_OOB, MSG_MORE, MSG_EOR @returns bytes taken; -EAGAIN, -EPIPE, -ENOTCONN or a pending error */
  write(data: Payload, flags: number = 0): number {
    return unbuilt(data, flags);
  }

  /** RECEIVE. @param flags MSG_PEEK, MSG_OOB @returns data, empty at the end of the stream; -EAGAIN, -ENOTCONN or a pending error */
  read(size: number, flags: number = 0): Payload | number {
    return unbuilt(size, flags);
  }

  /** shutdown(SHUT_WR): the end of the outgoing stream. @returns 0 or -ENOTCONN */
  shutdownWrite(): number {
    return unbuilt();
  }

  /** shutdown(SHUT_RD): reads give the end of the stream; what arrives is still acknowledged, as Linux does. */
  shutdownRead(): number {
    return unbuilt();
  }

  /** The last descriptor is closed: FIN, or RST when data was left unread. From now on an orphan. */
  close(): void {}

  /** ABORT, or close() with SO_LINGER 0: a RST where the state asks for one, and CLOSED. */
  abort(): void {}

  /** connect(AF_UNSPEC): as {@link abort}, and ECONNRESET stays pending. */
  disconnect(): void {}

  // --- what the user may ask ---

  /** The pending error (positive errno) or 0; reading it as SO_ERROR does clears it. */
  takeError(): number {
    return 0;
  }

  /** The pending error without clearing it. */
  get error(): number {
    return 0;
  }

  /** In-order bytes that {@link read} would give, SIOCINQ. */
  get readable(): number {
    return 0;
  }

  /** The peer's FIN is next to be read, or the connection takes no more data. */
  get isReadClosed(): boolean {
    return false;
  }

  /** {@link shutdownWrite} was called, or the connection is over. */
  get isWriteClosed(): boolean {
    return false;
  }

  /** poll(2) would say POLLOUT. */
  get isWritable(): boolean {
    return false;
  }

  /** An urgent byte waits for MSG_OOB: POLLPRI. */
  get hasUrgent(): boolean {
    return false;
  }

  /** sockatmark(3) */
  get isAtMark(): boolean {
    return false;
  }

  /** Bytes in the send queue that are not acknowledged, SIOCOUTQ. */
  get unacknowledged(): number {
    return 0;
  }

  /** Bytes in the send queue that were never sent, SIOCOUTQNSD. */
  get unsent(): number {
    return 0;
  }

  /** The connection is over: no segments, no timers. */
  get isOver(): boolean {
    return this.state === 'CLOSED' || this.state === 'TIME-WAIT';
  }

  info(): TcpInfo {
    return unbuilt();
  }

  // --- options that act at once; the others are read from `settings` ---

  /** TCP_NODELAY; switching it on sends what Nagle held back. */
  setNodelay(on: boolean): void {
    this.settings.nodelay = on;
  }

  /** TCP_CORK; pulling the cork sends what it held back. */
  setCork(on: boolean): void {
    this.settings.cork = on;
  }

  /** TCP_QUICKACK; switching it on sends a delayed ACK. */
  setQuickack(on: boolean): void {
    this.settings.quickack = on;
  }

  /** SO_KEEPALIVE */
  setKeepalive(on: boolean): void {
    this.settings.keepalive = on;
  }

  /** TCP_KEEPIDLE */
  setKeepIdle(idle: Nanos): void {
    this.settings.keepIdle = idle;
  }

  /** TCP_MAXSEG on a connection: bytes; never above what the peer and the path take. */
  setMaxseg(bytes: number): void {
    this.settings.maxseg = bytes;
  }

  /** SO_RCVBUF, the doubled value. */
  setRcvbuf(bytes: number): void {
    this.settings.rcvbuf = bytes;
  }

  /** SO_SNDBUF, the doubled value. */
  setSndbuf(bytes: number): void {
    this.settings.sndbuf = bytes;
  }
}

function unbuilt(..._arguments: unknown[]): never {
  invariant(false, 'the machine is being built');
}
