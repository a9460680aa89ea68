/**
 * One recorded case on the specification, operation by operation: what an operation did, in the recording's terms
 * (FORMAT: "Results"), and whether the recording agrees. Where the kernel chose by hash or at random, the recorded
 * choice is taken if the specification allows it.
 */

import { unmapped } from '../../sockets/spec/address.ts';
import type { Oracle, SpecPacket, SpecProfile } from '../../sockets/spec/profile.ts';
import type { CorpusCase, Operand, Operation, Result, ResultObject } from './case.ts';
import { isObject } from './compare.ts';
import { type Entry, type Observed, SpecObserver } from './spec-observer.ts';
import { READ_ONLY, readOption } from './spec-options.ts';
import { PEER_ISS } from './spec-peer.ts';
import { type PortName, PortSymbols } from './spec-symbols.ts';
import { SpecWorld } from './spec-world.ts';

/** What a case must have to be run; a `CorpusCase` has it. */
export type RecordedCase = Pick<CorpusCase, 'id' | 'sysctls' | 'ports' | 'operations' | 'results'>;

/** The operation is beyond the specification: segments, bytes, IPv6. */
export const NOT_COVERED = Symbol('not covered');

/** Operations that are not on a socket. */
const NAMELESS = ['auto', 'socket', 'udp', 'syn', 'hs', 'seg', 'diag', 'pdata', 'pfin', 'prst'];

/** What the system call looks at before the protocol does. */
const FAMILY_SIZE = 2;
const SOCKADDR_STORAGE = 128;

export class SpecCase {
  readonly symbols: PortSymbols;
  readonly world: SpecWorld;
  readonly #observer: SpecObserver;
  readonly #winners: (number | null)[] = [];
  /** The recorded result of the current operation: what the oracle looks at. */
  #recorded: Result = 0;

  constructor(recorded: RecordedCase, profile: SpecProfile) {
    this.symbols = new PortSymbols(recorded.ports);
    const range = recorded.sysctls['net.ipv4.ip_local_port_range']?.split(' ').map(Number);
    const portRange = range === undefined ? null : ([range[0]!, range[1]!] as const);
    this.world = new SpecWorld(profile, this.#oracle(), portRange);
    this.#observer = new SpecObserver(this.world);
  }

  /** Carries out one operation. @param recorded what the kernel did, for choices only */
  step(op: Operation, recorded: Result): Observed | typeof NOT_COVERED {
    this.#recorded = recorded;
    this.world.delivered = [];
    const r = this.#run(op);
    if (r === NOT_COVERED) return NOT_COVERED;
    const observed: Observed = r;
    this.#observer.observe(this.#named(op), observed);
    const winner = observed.q?.[0] ?? (observed.rx?.[0]?.[0] as number | undefined) ?? null;
    this.#winners.push(winner);
    return observed;
  }

  /** Rows of `diag`: [state, lip, lport, rip, rport] with numbers for ports. */
  diag(): ReturnType<SpecObserver['diag']> {
    return this.#observer.diag();
  }

  /** The socket whose name is looked at after an operation: the driver takes the first operand for its number. */
  #named([name, first]: Operation): number | null {
    return NAMELESS.includes(name) ? null : this.#indexOf(first);
  }

  #run(op: Operation): Observed | typeof NOT_COVERED {
    const [name, ...args] = op;
    switch (name) {
      case 'socket':
        return this.#open(String(args[0]));
      case 'udp':
      case 'syn':
      case 'hs':
        return this.#probe(name, args);
      case 'pdata':
      case 'pfin':
      case 'prst':
        return this.#peerSends(name, args);
      case 'auto':
        this.world.peer.acknowledges = args[0] !== 0;
        return { r: 0 };
      case 'diag':
        return { r: 0 };
      case 'bindas': {
        const [uid, ...rest] = args;
        return this.#call('bind', rest, Number(uid));
      }
      case 'seg':
      case 'icmp':
        return NOT_COVERED;
      default:
        return this.#call(name, args, 0);
    }
  }

  #open(kind: string): Observed | typeof NOT_COVERED {
    const transport = kind.startsWith('tcp') ? 'tcp' : 'udp';
    this.#observer.enter(this.world.open(transport, kind.endsWith('6') ? 6 : 4), transport === 'tcp');
    return { r: this.#observer.entries.length - 1 };
  }

  #probe(name: string, args: readonly Operand[]): Observed {
    const [device, src, sport, dst, dport, seq] = args;
    const port = this.symbols.number(dport as PortName);
    if (port === null) return { r: 'skip' };
    const from = { address: String(src), port: Number(sport) };
    const to = { address: String(dst), port };
    if (name === 'udp') return { r: this.world.udp(String(device), from, to) };
    const known = this.world.peer.find(from.address, from.port, to.address, to.port);
    const sequence =
      typeof seq === 'string'
        ? (known?.next ?? PEER_ISS) + Number(seq.slice(1) || 0)
        : Number(seq ?? PEER_ISS);
    return { r: this.world.syn(String(device), from, to, name === 'hs', sequence) };
  }

  #peerSends(name: string, args: readonly Operand[]): Observed {
    const [src, sport, dst, dport, size] = args;
    const port = this.symbols.number(dport as PortName);
    if (port === null) return { r: 'skip' };
    const from = { address: String(src), port: Number(sport) };
    const to = { address: String(dst), port };
    const kind = name === 'pdata' ? 'data' : name === 'pfin' ? 'fin' : 'rst';
    return { r: this.world.inSequence(kind, from, to, name === 'pdata' ? Number(size) : 0) };
  }

  #indexOf(arg: Operand | undefined): number | null {
    if (typeof arg === 'string') return this.#winners[Number(arg.slice(1))] ?? null;
    return typeof arg === 'number' ? arg : null;
  }

  #call(name: string, args: readonly Operand[], uid: number): Observed | typeof NOT_COVERED {
    const [which, ...rest] = args;
    const index = this.#indexOf(which);
    const entry = index === null ? undefined : this.#observer.entries[index];
    if (entry === undefined || entry.id === null) {
      if (name === 'accept') this.#observer.enter(null, entry?.tcp ?? true);
      return { r: 'EBADF' };
    }
    return this.#onSocket(name, entry, entry.id, rest, uid);
  }

  #onSocket(
    name: string,
    entry: Entry,
    id: number,
    rest: readonly Operand[],
    uid: number,
  ): Observed | typeof NOT_COVERED {
    const { world } = this;
    switch (name) {
      case 'opt':
        return this.#option(id, rest);
      case 'user':
        return { r: world.owner(id, Number(rest[0])) };
      case 'bind':
      case 'connect': {
        const port = this.symbols.number(rest[1] as PortName);
        if (port === null) return { r: 'skip' };
        const call = { socket: id, address: this.#address(id, rest[0]), port, uid };
        return { r: name === 'bind' ? world.bind(call) : world.connect(call) };
      }
      case 'bindraw':
      case 'connectraw':
        return this.#raw(name, id, rest);
      case 'listen':
        return { r: world.listen(id, Number(rest[0])) };
      case 'accept':
        return this.#accept(entry, id);
      case 'disconnect':
        return { r: world.disconnect(id) };
      case 'shutdown':
        return this.#shutdown(id, rest[0]);
      case 'close':
        entry.id = null;
        return { r: world.close(id) };
      case 'getsockname':
        return { r: [...this.#observer.nameOf(id)] };
      case 'getpeername':
        return this.#peerName(id);
      case 'geterr':
        return { r: world.error(id) };
      case 'send':
      case 'sendto':
        return this.#send(id, entry.tcp, rest);
      case 'recv':
        return { r: world.recv(id, Number(rest[0])) };
      case 'getopt':
        return this.#readOption(id, String(rest[0]));
      default:
        return NOT_COVERED;
    }
  }

  #option(id: number, rest: readonly Operand[]): Observed | typeof NOT_COVERED {
    const [name, value] = rest;
    const r = this.world.option(id, String(name), value as number | string | readonly [string, string]);
    const isLinux = this.world.profile.name === 'linux'; // others do have options less
    const isUnknown =
      isLinux && r === 'ENOPROTOOPT' && name !== 'V6ONLY' && !READ_ONLY.includes(String(name));
    return isUnknown ? NOT_COVERED : { r };
  }

  /** The recorder's resolver reads ::ffff:10.0.0.1 as 10.0.0.1 where the socket is AF_INET. */
  #address(id: number, text: Operand | undefined): string {
    return this.world.socket(id)?.family === 4 ? unmapped(String(text)) : String(text);
  }

  #readOption(id: number, name: string): Observed | typeof NOT_COVERED {
    const socket = this.world.socket(id);
    const value = socket === undefined ? null : readOption(socket, name);
    return value === null ? NOT_COVERED : { r: value };
  }

  #raw(name: string, id: number, rest: readonly Operand[]): Observed | typeof NOT_COVERED {
    const [family, address, portName, length] = rest;
    const port = this.symbols.number(portName as PortName);
    if (port === null) return { r: 'skip' };
    const call = {
      socket: id,
      address: this.#address(id, address),
      port,
      family: Number(family),
      length: Number(length),
    };
    if (name === 'bindraw') return { r: call.length > SOCKADDR_STORAGE ? 'EINVAL' : this.world.bind(call) };
    if (call.length < FAMILY_SIZE || call.length > SOCKADDR_STORAGE) return { r: 'EINVAL' };
    if (call.family === 0) return { r: this.world.disconnect(id) };
    return { r: this.world.connect(call) };
  }

  #accept(entry: Entry, id: number): Observed {
    const outcome = this.world.accept(id);
    if (typeof outcome === 'string') {
      this.#observer.enter(null, entry.tcp);
      return { r: outcome };
    }
    const child = this.#observer.enter(outcome, true);
    if (entry.state === 'LISTEN') entry.queued = Math.max(0, entry.queued - 1);
    return { r: this.#observer.entries.length - 1, l: child.name, p: this.#observer.peerOf(outcome) };
  }

  #shutdown(id: number, how: Operand | undefined): Observed {
    const number = how === 'rd' ? 0 : how === 'wr' ? 1 : how === 'rdwr' ? 2 : Number(how);
    if (number < 0 || number > 2) return { r: 'EINVAL' };
    return { r: this.world.shutdown(id, number !== 1, number !== 0) };
  }

  #peerName(id: number): Observed {
    const socket = this.world.socket(id);
    const remote = socket?.remote ?? null;
    const isConnected = socket?.transport === 'udp' || !['CLOSED', 'SYN-SENT'].includes(socket?.state ?? '');
    const has = remote !== null && remote.port !== 0 && isConnected;
    return { r: has ? [...this.#observer.peerOf(id)] : 'ENOTCONN' };
  }

  #send(id: number, isStream: boolean, rest: readonly Operand[]): Observed | typeof NOT_COVERED {
    const [size, address, portName] = rest;
    const isSkipped = portName !== undefined && this.symbols.number(portName as PortName) === null;
    if (isSkipped) return { r: 'skip' };
    // What a socket sends to itself waits for its own delayed acknowledgements: beyond the specification.
    if (isStream && this.world.isOwnPeer(id)) return NOT_COVERED;
    if (isStream) return { r: this.world.sendTcp(id, Number(size)) };
    if (address === undefined) return { r: this.world.sendUdp(id, Number(size), null) };
    const port = this.symbols.number(portName as PortName);
    if (port === null) return { r: 'skip' };
    return { r: this.world.sendUdp(id, Number(size), { address: this.#address(id, address), port }) };
  }

  // ---------------------------------------------------------------- choices

  #oracle(): Oracle {
    return {
      port: (allowed, socket) => {
        const name = this.#recordedPort();
        // No new name in the recording: the port is the one that showed before.
        const wanted = name === null ? socket.shownPort : this.symbols.expected(name);
        if (wanted !== null && allowed.has(wanted)) return wanted;
        for (const port of allowed.all()) if (!this.symbols.isNamed(port)) return port;
        return allowed.lowest() ?? 0;
      },
      member: (allowed, packet) => {
        const winner = this.#recordedWinner();
        const id = winner === null ? null : (this.#observer.entries[winner]?.id ?? null);
        if (id !== null && allowed.includes(id)) return id;
        return allowed.find((one) => this.#couldBe(one, packet)) ?? allowed[0]!;
      },
    };
  }

  /** A handshake that the recording does not show at a listener: no answer came from a full one, or by its device. */
  #couldBe(id: number, { src, dst }: SpecPacket): boolean {
    const listener = this.world.socket(id);
    if (listener === undefined || listener.state !== 'LISTEN') return true;
    const isSilent =
      listener.acceptQueue.length > listener.backlog || !this.world.answerReaches(dst, src, listener.device);
    return isSilent === ((keyOf(this.#recorded, 'r') ?? this.#recorded) === 'none');
  }

  #recordedPort(): PortName | null {
    const l = keyOf(this.#recorded, 'l');
    return Array.isArray(l) ? (l[1] as PortName) : null;
  }

  #recordedWinner(): number | null {
    const q = keyOf(this.#recorded, 'q');
    if (Array.isArray(q)) return q[0] as number;
    const rx = keyOf(this.#recorded, 'rx');
    return Array.isArray(rx) ? ((rx[0] as readonly Operand[])[0] as number) : null;
  }
}

/** A field of a recorded result; undefined when it is a bare value or lacks it. */
export function keyOf(result: Result, key: keyof ResultObject): unknown {
  return isObject(result) ? result[key] : undefined;
}
