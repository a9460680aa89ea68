/**
 * The driver of a case: carries out operations on the machine's sockets and as the peer, and reports each result in
 * the form of the corpus.
 */
import { EBADF, errnoName } from '../../network/errno.ts';
import { IpAddress } from '../../packet/ip-address.ts';
import { Payload } from '../../packet/payload.ts';
import { type Nanos, SECOND } from '../../sim/time.ts';
import type { SocketKind } from '../../sockets/api.ts';
import type { InetSocket } from '../../sockets/inet-socket.ts';
import type { ProfileName } from '../../sockets/profile.ts';
import { TcpSocket } from '../../sockets/tcp/tcp-socket.ts';
import { UdpSocket } from '../../sockets/udp/udp-socket.ts';
import { RST } from '../../transport/tcp/header.ts';
import type { Operation, Port, Result, SocketRef, Value } from './case.ts';
import { isObject, winnerOf } from './compare.ts';
import { diagRows } from './diag.ts';
import { Machine, type SentPacket } from './machine.ts';
import { Observer, type Watched } from './observer.ts';
import { getCorpusOption, setCorpusOption } from './options.ts';
import { DATA_FLAGS, FIN_FLAGS, Peer, type SequenceSpec } from './peer.ts';
import { PortSymbols } from './symbols.ts';
import { type Extra, flagsOf, probeReply } from './wire.ts';

/** States in which our FIN is not yet acknowledged. */
const FIN_PENDING: readonly string[] = ['FIN-WAIT-1', 'CLOSING', 'LAST-ACK'];
/** The operation names a port symbol that nobody has seen yet. */
const SKIP = 'skip';
const DEFAULT_RANGE = '32768 60999';

export class Driver {
  readonly machine: Machine;
  readonly #peer: Peer;
  readonly #symbols: PortSymbols;
  readonly #observer: Observer;
  readonly #watched: Watched[] = [];
  readonly #winners: (number | null)[] = [];

  /** @param sysctls changed for the case @param seed of what the machine chooses */
  constructor(sysctls: Readonly<Record<string, string>>, seed: number = 1, profile: ProfileName = 'linux') {
    this.machine = new Machine(sysctls, seed, profile);
    this.#peer = new Peer((device, packet) => this.machine.inject(device, packet));
    const [low, high] = (sysctls['net.ipv4.ip_local_port_range'] ?? DEFAULT_RANGE).split(/\s+/).map(Number);
    this.#symbols = new PortSymbols(low!, high!);
    this.#observer = new Observer(this.#symbols, this.#peer, this.#watched);
  }

  /**
   * Carries out one operation.
   * @param wanted the socket that a SO_REUSEPORT group is to choose, if it can; null leaves it to the hash
   */
  step(operation: Operation, wanted: number | null): Result {
    this.#steer(wanted);
    const extra: Extra = {};
    const called = this.#call(operation, extra);
    const seen = this.#settle();
    const value = called ?? probeReply(operation, seen, this.#symbols);
    this.#observer.observe(operation, value, extra, seen, this.#ownSocket(operation));
    const result = Object.keys(extra).length === 0 ? value : { r: value, ...extra };
    this.#winners.push(winnerOf(result));
    return isObject(result) ? result : value;
  }

  /** Time goes by. */
  pass(span: Nanos): void {
    this.machine.simulator.run({ until: this.machine.simulator.now + span });
  }

  /** The machine's id of an open socket of the case; -1 when it is closed. */
  idOf(number: number): number {
    return this.#watched[number]?.socket?.id ?? -1;
  }

  /** The number in the case of a socket of the machine; null for one that has none. */
  numberOf(id: number): number | null {
    const number = this.#watched.findIndex(({ socket }) => socket?.id === id);
    return number < 0 ? null : number;
  }

  /** The numbers behind the port symbols so far. */
  get ports(): [name: string, port: number][] {
    return this.#symbols.entries();
  }

  /** @returns the value; null when it is what comes back from the machine */
  #call(operation: Operation, extra: Extra): Value | null {
    const [name, ...operands] = operation;
    const ports = operands.filter((operand): operand is string => isSymbol(operand));
    if (ports.some((port) => this.#symbols.resolve(port) === null)) return this.#skip(operation);
    const answer = this.#peerCall(name, operands as Value[]);
    return answer === undefined ? this.#socketCall(name, operands as Value[], extra) : answer;
  }

  /** The recorder looks for the socket before it reads the port; for odd socket addresses it is the other way round. */
  #skip([name, first, second]: Operation): Value {
    const ref = name === 'bindas' ? second : first;
    const isFirst = name === 'bind' || name === 'bindas' || name === 'connect' || name === 'sendto';
    return isFirst && (this.#find(ref as SocketRef)?.socket ?? null) === null ? reported(-EBADF) : SKIP;
  }

  // --- the peer's operations ---

  /** @returns undefined for an operation that is not the peer's, null when the value is what comes back */
  #peerCall(name: string, o: readonly Value[]): Value | null | undefined {
    const peer = this.#peer;
    const at = (k: number): number => this.#port(o[k] as Port);
    const text = (k: number): string => o[k] as string;
    const number = (k: number): number => o[k] as number;
    switch (name) {
      case 'udp':
        peer.udp(text(0) as 'eth0', text(1), at(2), text(3), at(4));
        return null;
      case 'syn':
      case 'hs':
        peer.syn(text(0) as 'eth0', text(1), at(2), text(3), at(4), o[5] as SequenceSpec, name === 'hs');
        return null;
      case 'seg':
        peer.segment(
          text(0) as 'eth0',
          text(1),
          at(2),
          text(3),
          at(4),
          flagsOf(text(5)),
          o[6] as SequenceSpec,
          o[7] as SequenceSpec,
          number(8),
        );
        return null;
      case 'pdata':
        return peer.inSequence(text(0), at(1), text(2), at(3), DATA_FLAGS, number(4)) ? 0 : 'noconn';
      case 'pfin':
        return peer.inSequence(text(0), at(1), text(2), at(3), FIN_FLAGS, 0) ? 0 : 'noconn';
      case 'prst':
        return peer.inSequence(text(0), at(1), text(2), at(3), RST, 0) ? 0 : 'noconn';
      case 'icmp':
        peer.unreachable(
          text(0) as 'eth0',
          text(1),
          number(2),
          text(3) as 'tcp',
          text(4),
          at(5),
          text(6),
          at(7),
        );
        return 0;
      case 'auto':
        peer.autoAck = number(0) !== 0;
        return 0;
      default:
        return undefined;
    }
  }

  // --- the socket API ---

  #socketCall(name: string, o: readonly Value[], extra: Extra): Value {
    switch (name) {
      case 'socket':
        return this.#open(o[0] as SocketKind);
      case 'accept':
        return this.#accept(o[0] as SocketRef, extra);
      case 'diag':
        return diagRows(this.machine.sockets.rows(), this.#symbols);
      case 'bindas':
        return this.#bindAs(o[0] as number, o[1] as SocketRef, o[2] as string, o[3] as Port);
      case 'user':
        return this.#with(o[0] as SocketRef, (socket) => {
          socket.chown(o[1] as number);
          return 0;
        });
      default:
        return this.#with(o[0] as SocketRef, (socket, watched) =>
          this.#callOn(socket, watched, name, o, extra),
        );
    }
  }

  #callOn(socket: InetSocket, watched: Watched, name: string, o: readonly Value[], extra: Extra): Value {
    switch (name) {
      case 'opt':
        return reported(setCorpusOption(socket, o[1] as string, o[2]!));
      case 'getopt':
        return getCorpusOption(socket, o[1] as string);
      case 'bind':
        return reported(socket.bind(this.#endpoint(socket, o[1] as string, o[2] as Port)));
      case 'bindraw':
        return reported(socket.bindRaw(this.#sockaddr(socket, o)));
      case 'connectraw':
        return reported(socket.connectRaw(this.#sockaddr(socket, o)));
      case 'listen':
        return reported(socket.listen(o[1] as number));
      case 'connect':
        return reported(socket.connect(this.#endpoint(socket, o[1] as string, o[2] as Port)));
      case 'disconnect':
        return reported(socket.disconnect());
      case 'send':
        return reported(socket.send(Payload.zeros(o[1] as number)));
      case 'sendto':
        return reported(
          socket.send(Payload.zeros(o[1] as number), 0, this.#endpoint(socket, o[2] as string, o[3] as Port)),
        );
      case 'recv':
        return this.#recv(socket, watched, o[1] as number, extra);
      case 'shutdown':
        return reported(socket.shutdown(o[1] as 'rd'));
      case 'close':
        watched.socket = null;
        return this.#close(socket);
      case 'getsockname':
        return this.#name(socket.localName());
      case 'getpeername': {
        const peer = socket.peerName();
        return typeof peer === 'number' ? reported(peer) : this.#name(peer);
      }
      default: {
        const error = socket.takeError(); // geterr
        return error === 0 ? 0 : errnoName(error);
      }
    }
  }

  #open(kind: SocketKind): Value {
    const socket = this.machine.process.socket(kind);
    if (typeof socket === 'number') {
      this.#watched.push(this.#observer.watch(null));
      return reported(socket);
    }
    this.#watched.push(this.#observer.watch(socket as InetSocket));
    return this.#watched.length - 1;
  }

  #accept(ref: SocketRef, extra: Extra): Value {
    const listener = this.#find(ref);
    const accepted = listener?.socket?.accept() ?? -EBADF;
    if (typeof accepted === 'number') {
      this.#watched.push(this.#observer.watch(null));
      return reported(accepted);
    }
    const child = accepted as InetSocket;
    const watched = this.#observer.watch(child);
    this.#watched.push(watched);
    listener!.queued = Math.max(0, listener!.queued - 1);
    extra.l = this.#name(child.localName());
    // accept() names the peer even of a connection that is over, for which getpeername() says ENOTCONN.
    extra.p = this.#name({ address: child.shown(child.remoteAddress), port: child.remotePort });
    return this.#watched.length - 1;
  }

  #bindAs(uid: number, ref: SocketRef, address: string, port: Port): Value {
    return this.#with(ref, (socket) => {
      this.machine.process.uid = uid;
      const result = socket.bind(this.#endpoint(socket, address, port));
      this.machine.process.uid = 0;
      return reported(result);
    });
  }

  #recv(socket: InetSocket, watched: Watched, size: number, extra: Extra): Value {
    const received = socket.recv(size);
    if (typeof received === 'number') return reported(received);
    if (received.from !== null) extra.from = this.#name(received.from);
    else watched.unread = Math.max(0, watched.unread - received.data.size);
    return received.data.size;
  }

  /**
   * close() with SO_LINGER waits in the kernel until the FIN is acknowledged or the time is over. The peer is the same
   * thread and answers afterwards: the whole time goes by.
   */
  #close(socket: InetSocket): Value {
    const result = socket.close();
    if (socket instanceof TcpSocket && socket.linger > 0) {
      const { simulator } = this.machine;
      const until = simulator.now + socket.linger * SECOND;
      while (FIN_PENDING.includes(socket.state) && simulator.nextTime() <= until) simulator.step();
      if (FIN_PENDING.includes(socket.state)) simulator.run({ until });
    }
    return reported(result);
  }

  // --- helpers ---

  /** Everything that follows from the operation, with the peer's answers, until nothing more is sent. */
  #settle(): SentPacket[] {
    const seen: SentPacket[] = [];
    for (let sent = this.machine.settle(); sent.length > 0; sent = this.machine.settle()) {
      // The recorder empties one device after the other.
      const ordered = [
        ...sent.filter(({ device }) => device === 'eth0'),
        ...sent.filter(({ device }) => device === 'eth1'),
      ];
      for (const packet of ordered) this.#peer.answer(packet);
      seen.push(...ordered);
    }
    return seen;
  }

  /** Lets SO_REUSEPORT groups choose the wanted socket where it is one of theirs. */
  #steer(wanted: number | null): void {
    const socket = wanted === null ? null : (this.#watched[wanted]?.socket ?? null);
    const tcp = (members: readonly TcpSocket[]) =>
      socket instanceof TcpSocket && members.includes(socket) ? socket : null;
    const udp = (members: readonly UdpSocket[]) =>
      socket instanceof UdpSocket && members.includes(socket) ? socket : null;
    this.machine.sockets.chooseInGroups(udp, tcp);
  }

  #with(ref: SocketRef, call: (socket: InetSocket, watched: Watched) => Value): Value {
    const watched = this.#find(ref);
    const socket = watched?.socket ?? null;
    return watched === null || socket === null ? reported(-EBADF) : call(socket, watched);
  }

  #find(ref: SocketRef): Watched | null {
    const index = typeof ref === 'string' ? (this.#winners[Number(ref.slice(1))] ?? null) : ref;
    return index === null ? null : (this.#watched[index] ?? null);
  }

  /** The socket whose local name the observation looks at. */
  #ownSocket([name, first]: Operation): Watched | null {
    if (name === 'socket' || name === 'auto') return null;
    if (typeof first === 'number') return this.#watched[first] ?? null;
    return typeof first === 'string' && first.startsWith('@') ? this.#find(first) : null;
  }

  /** The recorder's resolver reads ::ffff:10.0.0.1 as 10.0.0.1 where the socket is AF_INET. */
  #endpoint(socket: InetSocket, text: string, port: Port): { address: IpAddress; port: number } {
    const address = IpAddress.parse(text);
    return { address: socket.domain === 4 ? address.unmapped() : address, port: this.#port(port) };
  }

  #sockaddr(socket: InetSocket, o: readonly Value[]) {
    return {
      ...this.#endpoint(socket, o[2] as string, o[3] as Port),
      family: o[1] as number,
      length: o[4] as number,
    };
  }

  #port(port: Port): number {
    return this.#symbols.resolve(port) ?? 0;
  }

  #name({ address, port }: { address: IpAddress; port: number }): Value {
    return this.#symbols.showEndpoint(address, port);
  }
}

/** A call's result as reported: 0 or more as it is, an errno by its name. */
function reported(result: number): Value {
  return result < 0 ? errnoName(result) : result;
}

function isSymbol(operand: unknown): boolean {
  return typeof operand === 'string' && operand.startsWith('$');
}
