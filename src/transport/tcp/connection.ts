/**
 * One TCP connection (RFC 9293): the face of the sans-IO machine. It starts no timers and sends nothing by itself.
 *
 * After every input (a segment, an ICMP error, a timeout, a call of the user) the owner calls {@link pollTransmit}
 * until it returns null, sends what it got, and looks at {@link nextTimeout}. Calls return 0 or more, or minus an errno.
 */
import type { IcmpErrorReport } from '../../network/ports.ts';
import type { Payload } from '../../packet/payload.ts';
import type { Nanos } from '../../sim/time.ts';
import { abort, close, disconnect, shutdownWrite } from './close-call.ts';
import { makeController } from './congestion/select.ts';
import { enterPingpong, exitPingpong } from './delayed-ack.ts';
import { openActive, openPassive } from './handshake.ts';
import type { TcpSegment } from './header.ts';
import type { TcpHost } from './host.ts';
import { icmpError, pathMtuChanged } from './icmp.ts';
import { type TcpInfo, tcpInfo } from './info.ts';
import type { TcpQuad } from './isn.ts';
import { restartKeepalive } from './keepalive.ts';
import { localCongestion } from './local-congestion.ts';
import { pushPending } from './output.ts';
import type { TcpPath } from './path.ts';
import { isAtMark, isReadable, readableNow, receive } from './receive-call.ts';
import { fullSpace } from './receive-window.ts';
import { segmentArrives } from './segment-arrives.ts';
import { send } from './send-call.ts';
import { checkSpace, isWritable, sndbufOf } from './send-space.ts';
import { seqAdd, seqDiff } from './seq.ts';
import type { TcpSettings } from './settings.ts';
import type { TcpState } from './state.ts';
import { Tcb } from './tcb.ts';
import { runTimers } from './timeouts.ts';
import { sendAck } from './transmit.ts';
import type { TcpUser } from './user.ts';

export class TcpConnection {
  /** ECN codepoint (0, 1 or 2) for the packet that carries the segment that {@link pollTransmit} returned last. */
  transmitEcn = 0;
  readonly #tcb: Tcb;
  #newPath: TcpPath | null = null;

  /** @param settings the socket's options; the connection keeps the object */
  constructor(host: TcpHost, settings: TcpSettings, quad: TcpQuad, path: TcpPath, user: TcpUser) {
    const controller = makeController(
      settings.congestionControl || host.config.congestionControl,
      host.cubic,
    );
    this.#tcb = new Tcb(host, settings, quad, path, user, controller);
  }

  get state(): TcpState {
    return this.#tcb.state;
  }

  get quad(): TcpQuad {
    return this.#tcb.quad;
  }

  get settings(): TcpSettings {
    return this.#tcb.settings;
  }

  /** All that the connection remembers: to look at, for tests, `ss` and the inspector. */
  get tcb(): Readonly<Tcb> {
    return this.#tcb;
  }

  // --- what the network tells ---

  /** SEGMENT ARRIVES. @param tos of the packet: the ECN field is looked at */
  onSegment(segment: TcpSegment, tos: number): void {
    segmentArrives(this.#tcb, segment, tos);
    checkSpace(this.#tcb);
  }

  /** An ICMP error that quotes a segment of this connection. @returns whether it is believed */
  onIcmpError(report: IcmpErrorReport): boolean {
    return icmpError(this.#tcb, report);
  }

  /** Routes have changed: the next segment that leaves goes the new way, and what is sent after it fits that. */
  setPath(path: TcpPath): void {
    this.#newPath = path;
  }

  /** Routing has learnt a smaller path MTU. */
  onPathMtu(mtu: number): void {
    pathMtuChanged(this.#tcb, mtu);
  }

  /** The time of {@link nextTimeout} has come. Early calls are harmless. */
  onTimeout(): void {
    runTimers(this.#tcb);
  }

  /** The earliest deadline of all timers, or `NEVER`. */
  nextTimeout(): Nanos {
    return this.#tcb.timers.earliest;
  }

  /** The next segment to send now, or null. */
  pollTransmit(): TcpSegment | null {
    const { outbox } = this.#tcb;
    if (this.#newPath !== null) this.#takePath();
    this.transmitEcn = outbox.nextEcn;
    return outbox.take();
  }

  /** The device had no room for a segment of {@link pollTransmit}: it is lost, and the way out is congested. */
  onTransmitFailed(segment: TcpSegment): void {
    localCongestion(this.#tcb, segment);
  }

  // --- user calls ---

  /**
   * Active OPEN: SYN-SENT. With TCP_FASTOPEN_CONNECT and a known cookie the SYN waits for the first write: {@link isDeferred}.
   * @param iss default: by RFC 6528; a taken-over TIME-WAIT record gives its own
   */
  openActive(iss: number = 0): void {
    openActive(this.#tcb, iss === 0 ? this.#newIss() : iss);
  }

  /** Active OPEN with data (MSG_FASTOPEN). @returns the bytes that the SYN carries: 0 when only a cookie is asked for */
  openFast(data: Payload, iss: number = 0): number {
    return openActive(this.#tcb, iss === 0 ? this.#newIss() : iss, data);
  }

  /** More data will follow what the SYN carries, as soon as the handshake allows. */
  expectWriter(): void {
    this.#tcb.fastOpen.hasWriter = true;
  }

  /** The SYN waits for the first write. */
  get isDeferred(): boolean {
    return this.#tcb.fastOpen.isDeferred;
  }

  /** A child that was handed out before its handshake is over: it can be read and written in SYN-RECEIVED. */
  get isFastOpenChild(): boolean {
    return this.#tcb.fastOpen.isChild;
  }

  /** A listener got `syn`: LISTEN to SYN-RECEIVED. @param tos of its packet @param iss as in {@link openActive}, also for 0 */
  openPassive(syn: TcpSegment, tos: number, iss: number = 0): void {
    openPassive(this.#tcb, syn, tos, iss === 0 ? this.#newIss() : iss);
  }

  /** SEND. @param flags MSG_OOB, MSG_MORE, MSG_EOR @returns bytes taken; -EAGAIN, -EPIPE or the pending error */
  write(data: Payload, flags: number = 0): number {
    return send(this.#tcb, data, flags);
  }

  /** RECEIVE. @param flags MSG_PEEK, MSG_OOB @returns data, empty at the end of the stream; -EAGAIN, -ENOTCONN or the pending error */
  read(size: number, flags: number = 0): Payload | number {
    return receive(this.#tcb, size, flags);
  }

  /** shutdown(SHUT_WR): the end of the outgoing stream. @returns 0 or -ENOTCONN */
  shutdownWrite(): number {
    return shutdownWrite(this.#tcb);
  }

  /** shutdown(SHUT_RD): reads give the end of the stream; what arrives is still acknowledged, as Linux does. */
  shutdownRead(): void {
    this.#tcb.rcv.isShutdown = true;
  }

  /** accept() gave the connection to a program. */
  accepted(): void {
    this.#tcb.isOwned = true;
  }

  /** The last descriptor is closed: FIN, or RST when data was left unread. From now on an orphan. */
  close(): void {
    close(this.#tcb);
  }

  /** ABORT, or close() with SO_LINGER 0: a RST where the state asks for one, and CLOSED. */
  abort(): void {
    abort(this.#tcb);
  }

  /** connect(AF_UNSPEC): as {@link abort}, and ECONNRESET stays pending. */
  disconnect(): void {
    disconnect(this.#tcb);
  }

  // --- what the user may ask ---

  /** SO_ERROR: the pending error (positive errno), else the last soft ICMP error, else 0. Clears what it returns. */
  takeError(): number {
    const tcb = this.#tcb;
    const error = tcb.error || tcb.softError;
    if (tcb.error !== 0) tcb.error = 0;
    else tcb.softError = 0;
    return error;
  }

  /** The pending error without clearing it; soft errors don't count. */
  get error(): number {
    return this.#tcb.error;
  }

  /** The ISS of the next connection of the same socket, if it is used again: beyond all numbers of this one. */
  get successorIss(): number {
    const { end, maxWnd } = this.#tcb.snd;
    return seqAdd(end, maxWnd + 2) || 1;
  }

  /** Both sides send timestamps (RFC 7323). */
  get hasTimestamps(): boolean {
    return this.#tcb.peer.hasTimestamps;
  }

  /** In-order bytes that {@link read} would give, up to an urgent mark. */
  get readable(): number {
    return readableNow(this.#tcb);
  }

  /** A reader need not wait: there are SO_RCVLOWAT bytes, not counting an urgent one that is next. */
  get isReadable(): boolean {
    return isReadable(this.#tcb);
  }

  /** SIOCATMARK: the next byte to read is the urgent one. */
  get isAtMark(): boolean {
    return isAtMark(this.#tcb);
  }

  /** In-order bytes that were not read. */
  get unread(): number {
    return this.#tcb.receiveBuffer.size;
  }

  /** TCP_WINDOW_CLAMP, bytes: the most that is ever offered. */
  get windowClamp(): number {
    return this.#tcb.rcv.clamp;
  }

  setWindowClamp(bytes: number): void {
    const { rcv } = this.#tcb;
    rcv.clamp = bytes;
    rcv.ssthresh = Math.min(bytes, rcv.ssthresh);
  }

  /** Memory that received data takes, buffers included: what SO_RCVBUF bounds. */
  get receiveMemory(): number {
    const { rcv } = this.#tcb;
    return rcv.packets.memory + rcv.reassemblyMemory;
  }

  /** The peer's FIN is in order, or reading was shut down, or the connection is over. */
  get isReadClosed(): boolean {
    const { rcv } = this.#tcb;
    return rcv.isFinished || rcv.isShutdown || this.isOver;
  }

  /** {@link shutdownWrite} was called, or the connection is over. */
  get isWriteClosed(): boolean {
    return this.#tcb.snd.finQueued || this.isOver;
  }

  /** There is room to write: poll(2)'s POLLOUT in a state that sends. */
  get isWritable(): boolean {
    return isWritable(this.#tcb);
  }

  /** An urgent byte waits for MSG_OOB: POLLPRI. */
  get hasUrgent(): boolean {
    return this.#tcb.rcv.urgent === 'valid';
  }

  /** SIOCOUTQ: bytes that were written and not acknowledged. */
  get unacknowledged(): number {
    return this.#tcb.sendBuffer.size;
  }

  /** SIOCOUTQNSD: bytes that were written and never sent. */
  get unsent(): number {
    const { snd } = this.#tcb;
    return Math.max(0, seqDiff(snd.end, snd.nxt) - (snd.finQueued ? 1 : 0));
  }

  /** The connection is over: no segments, no timers. */
  get isOver(): boolean {
    return this.state === 'CLOSED' || this.state === 'TIME-WAIT';
  }

  /** TCP_MAXSEG: what a segment may carry now. */
  get mss(): number {
    return this.#tcb.snd.mss;
  }

  /** SO_SNDBUF and SO_RCVBUF as they stand: auto-tuning lets them grow. */
  get sndbuf(): number {
    return sndbufOf(this.#tcb);
  }

  get rcvbuf(): number {
    return this.#tcb.rcv.buffer;
  }

  info(): TcpInfo {
    return tcpInfo(this.#tcb);
  }

  // --- options that act at once; the others are read from `settings` ---

  /** TCP_NODELAY; switching it on sends what Nagle held back. */
  setNodelay(on: boolean): void {
    this.settings.nodelay = on;
    if (on) pushPending(this.#tcb);
  }

  /** TCP_CORK; pulling the cork sends what it held back. */
  setCork(on: boolean): void {
    this.settings.cork = on;
    if (!on) pushPending(this.#tcb);
  }

  /** TCP_QUICKACK; switching it on sends a delayed ACK. */
  setQuickack(on: boolean): void {
    const tcb = this.#tcb;
    this.settings.quickack = on;
    if (!on) {
      enterPingpong(tcb);
      return;
    }
    exitPingpong(tcb);
    const isSynchronized = tcb.state === 'ESTABLISHED' || tcb.state === 'CLOSE-WAIT';
    if (isSynchronized && tcb.delack.isScheduled && tcb.receiveBuffer.size === 0) sendAck(tcb);
  }

  /** SO_KEEPALIVE */
  setKeepalive(on: boolean): void {
    this.settings.keepalive = on;
    restartKeepalive(this.#tcb);
  }

  /** TCP_KEEPIDLE */
  setKeepIdle(idle: Nanos): void {
    this.settings.keepIdle = idle;
    restartKeepalive(this.#tcb);
  }

  /** SO_RCVBUF, the doubled value. */
  setRcvbuf(bytes: number): void {
    const { rcv } = this.#tcb;
    this.settings.rcvbuf = bytes;
    if (rcv.buffer === 0) return;
    rcv.buffer = bytes;
    rcv.clamp = fullSpace(this.#tcb);
  }

  /** SO_SNDBUF, the doubled value. */
  setSndbuf(bytes: number): void {
    this.settings.sndbuf = bytes;
    checkSpace(this.#tcb);
  }

  #takePath(): void {
    if (this.#tcb.outbox.isEmpty) return;
    this.#tcb.path = this.#newPath!;
    this.#newPath = null;
  }

  #newIss(): number {
    const { host, quad, now } = this.#tcb;
    return host.isn.next(quad, now);
  }
}
