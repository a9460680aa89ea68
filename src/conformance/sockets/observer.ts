/**
 * What can be seen after an operation: the socket's name, new TCP states, what arrived, grown accept queues, new
 * errors, and the packets that left. Each only when it changed.
 */
import { errnoName } from '../../network/errno.ts';
import { POLLERR, POLLIN } from '../../sockets/api.ts';
import type { InetSocket } from '../../sockets/inet-socket.ts';
import { TcpSocket } from '../../sockets/tcp/tcp-socket.ts';
import { ACK, FIN, PSH, RST, SYN, TcpSegment } from '../../transport/tcp/header.ts';
import type { Operation, Port, Value } from './case.ts';
import { LINUX_STATES } from './diag.ts';
import type { SentPacket } from './machine.ts';
import type { Peer } from './peer.ts';
import type { PortSymbols } from './symbols.ts';
import { type Extra, lettersOf, transportOf, unreachableOf } from './wire.ts';

/** A socket and what was last seen of it. */
export interface Watched {
  /** null once closed, or when it was never made. */
  socket: InetSocket | null;
  name: string;
  state: string;
  unread: number;
  queued: number;
  hasError: boolean;
}

/** Operations in which pure ACKs to the probing four-tuple are shown. */
const PROBES = ['syn', 'hs', 'seg'];
const MAX_DATAGRAMS = 50;
const DATAGRAM_BUFFER = 2048;

export class Observer {
  readonly #symbols: PortSymbols;
  readonly #peer: Peer;
  readonly #watched: readonly Watched[];
  /** SYNs, data and FINs that were shown: their repetitions are not. */
  readonly #shown = new Set<string>();

  constructor(symbols: PortSymbols, peer: Peer, watched: readonly Watched[]) {
    this.#symbols = symbols;
    this.#peer = peer;
    this.#watched = watched;
  }

  watch(socket: InetSocket | null): Watched {
    return {
      socket,
      name: socket === null ? '' : nameOf(socket),
      state: 'CLOSE',
      unread: 0,
      queued: 0,
      hasError: false,
    };
  }

  /** Fills `extra`. @param own the operation's socket */
  observe(
    operation: Operation,
    value: Value,
    extra: Extra,
    seen: readonly SentPacket[],
    own: Watched | null,
  ): void {
    if (own?.socket != null && nameOf(own.socket) !== own.name) {
      own.name = nameOf(own.socket);
      const { address, port } = own.socket.localName();
      extra.l = this.#symbols.showEndpoint(address, port);
    }
    this.#observeSockets(extra);
    const sent = this.#sent(operation, value, seen);
    if (sent.length > 0) extra.o = sent;
  }

  #observeSockets(extra: Extra): void {
    const states: Value[] = [];
    const received: Value[] = [];
    const queues: number[] = [];
    const errors: number[] = [];
    const ready = this.#watched.map(({ socket }) => socket?.poll() ?? 0);
    for (const [i, watched] of this.#watched.entries()) {
      const { socket } = watched;
      if (socket === null) continue;
      let events = ready[i]!;
      if (socket instanceof TcpSocket) observeTcp(i, watched, socket, events, states, received, queues);
      else if ((events & POLLIN) !== 0) events = this.#drain(i, socket, events, received);
      const hasError = (events & POLLERR) !== 0;
      if (hasError && !watched.hasError) errors.push(i);
      watched.hasError = hasError;
    }
    if (states.length > 0) extra.ts = states;
    if (received.length > 0) extra.rx = received;
    if (queues.length > 0) extra.q = queues;
    if (errors.length > 0) extra.err = errors;
  }

  /** The driver empties UDP queues; an error met on the way is thereby consumed. */
  #drain(index: number, socket: InetSocket, events: number, received: Value[]): number {
    let left = events;
    for (let k = 0; k < MAX_DATAGRAMS; k++) {
      const datagram = socket.recv(DATAGRAM_BUFFER);
      if (typeof datagram === 'number') {
        const name = errnoName(datagram);
        if (name === 'EAGAIN') break;
        received.push([index, name]);
        left &= ~POLLERR;
      } else {
        if (datagram.data.size === 0) break;
        const { address, port } = datagram.from!;
        received.push([index, address.toString(), this.#symbols.show(port)]);
      }
    }
    return left;
  }

  #sent(operation: Operation, value: Value, seen: readonly SentPacket[]): Value[] {
    const out: Value[] = [];
    const texts: string[] = [];
    for (const sent of seen) {
      const row = this.#row(operation, value, sent);
      if (row === null) continue;
      const text = JSON.stringify(row);
      const isPureAck = row[2] === 'A' && row[9] === 0;
      if (isPureAck && texts.includes(text)) continue;
      out.push(row);
      texts.push(text);
    }
    return out;
  }

  #row(operation: Operation, value: Value, { device, packet }: SentPacket): readonly Value[] | null {
    const { src, dst } = packet;
    const transport = transportOf(packet);
    const from = src.toString();
    const to = dst.toString();
    const show = (port: number): Port => this.#symbols.show(port);
    if (transport instanceof TcpSegment) {
      if (this.#isNoise(operation, from, to, transport)) return null;
      const isAnswer = (operation[0] === 'hs' || operation[0] === 'syn') && value === 'SA';
      if (isAnswer && (transport.flags & ~PSH) === (SYN | ACK)) return null;
      this.#shown.add(fingerprint(from, to, transport));
      const ack = transport.has(ACK) ? transport.ack : 0;
      const ports = [show(transport.srcPort), show(transport.dstPort)] as const;
      const seq = this.#peer.showSeq(packet, transport);
      const letters = lettersOf(transport.flags);
      return [device, 'tcp', letters, from, ports[0], to, ports[1], seq, ack, transport.payload.size];
    }
    if (transport !== null) {
      return [device, 'udp', from, show(transport.srcPort), to, show(transport.dstPort), transport.length];
    }
    const error = unreachableOf(packet);
    if (error === null) return null;
    return [device, 'icmp', `${error.type}/${error.code}`, from, to, error.srcPort, show(error.dstPort)];
  }

  /** What depends on timers: ACKs that nobody asked for, and retransmissions. */
  #isNoise([name, , src, srcPort, dst]: Operation, from: string, to: string, segment: TcpSegment): boolean {
    const flags = segment.flags & ~PSH;
    if (flags === ACK && segment.payload.size === 0) {
      if (!PROBES.includes(name)) return true;
      return to !== src || segment.dstPort !== srcPort || from !== dst;
    }
    const repeats = flags === SYN || ((flags & (SYN | RST)) === 0 && segment.len > 0);
    return repeats && this.#shown.has(fingerprint(from, to, segment));
  }
}

function observeTcp(
  index: number,
  watched: Watched,
  socket: TcpSocket,
  events: number,
  states: Value[],
  received: Value[],
  queues: number[],
): void {
  const state = LINUX_STATES[socket.state];
  if (state !== watched.state) {
    watched.state = state;
    states.push([index, state]);
  }
  if (socket.queue !== null) {
    if (socket.queue.waiting > watched.queued) queues.push(index);
    watched.queued = socket.queue.waiting;
  } else if ((events & POLLIN) !== 0) {
    const unread = socket.connection?.readable ?? 0;
    if (unread > watched.unread) received.push([index, unread - watched.unread]);
    watched.unread = unread;
  } else {
    watched.unread = 0;
  }
}

function fingerprint(from: string, to: string, segment: TcpSegment): string {
  const { srcPort, dstPort, flags, seq, payload } = segment;
  return `${from}:${srcPort}>${to}:${dstPort} ${flags} ${seq} ${payload.size} ${(flags & FIN) !== 0}`;
}

function nameOf(socket: InetSocket): string {
  const { address, port } = socket.localName();
  return `${address}:${port}`;
}
