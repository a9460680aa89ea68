/**
 * What the recordings' driver looked at after each operation, on the specification: names, states, what became readable,
 * accept queues and pending errors (FORMAT: "Results"). Only what has changed is told.
 */
import { anyOf, isAny } from '../../sockets/spec/address.ts';
import { ANY, type SpecSocket, shownEnd } from '../../sockets/spec/state.ts';
import type { TcpState } from '../../transport/tcp/state.ts';
import type { Value } from './case.ts';
import type { SpecWorld } from './spec-world.ts';

/** An operation's result; ports are numbers. Absent keys as in the recording. */
export interface Observed {
  r: Value;
  l?: readonly [string, number];
  p?: readonly [string, number];
  ts?: readonly (readonly [number, string])[];
  rx?: readonly (readonly Value[])[];
  q?: readonly number[];
  err?: readonly number[];
}

/** One socket number of the case. */
export interface Entry {
  /** id in the specification; null once closed, or when it was never made. */
  id: number | null;
  readonly tcp: boolean;
  name: readonly [string, number];
  state: string;
  unread: number;
  queued: number;
  hasError: boolean;
}

const STATES: Readonly<Record<TcpState, string>> = {
  CLOSED: 'CLOSE',
  LISTEN: 'LISTEN',
  'SYN-SENT': 'SYN_SENT',
  'SYN-RECEIVED': 'SYN_RECV',
  ESTABLISHED: 'ESTABLISHED',
  'FIN-WAIT-1': 'FIN_WAIT1',
  'FIN-WAIT-2': 'FIN_WAIT2',
  'CLOSE-WAIT': 'CLOSE_WAIT',
  CLOSING: 'CLOSING',
  'LAST-ACK': 'LAST_ACK',
  'TIME-WAIT': 'TIME_WAIT',
};

export class SpecObserver {
  /** By the number of the case. */
  readonly entries: Entry[] = [];
  readonly #world: SpecWorld;

  constructor(world: SpecWorld) {
    this.#world = world;
  }

  /** A new number; null for a socket that was not made. */
  enter(id: number | null, tcp: boolean): Entry {
    const entry: Entry = {
      id,
      tcp,
      name: id === null ? [ANY, 0] : this.nameOf(id),
      state: 'CLOSE',
      unread: 0,
      queued: 0,
      hasError: false,
    };
    this.entries.push(entry);
    return entry;
  }

  /** getsockname(2) */
  nameOf(id: number): readonly [string, number] {
    const socket = this.#world.socket(id);
    return socket === undefined ? [ANY, 0] : nameOf(socket);
  }

  /** The other end, as accept(2) and getpeername(2) show it; a wildcard without one. */
  peerOf(id: number): readonly [string, number] {
    const socket = this.#world.socket(id);
    if (socket === undefined) return [ANY, 0];
    const { address, port } = shownEnd(socket, socket.remote ?? { address: anyOf(socket.family), port: 0 });
    return [address, port];
  }

  /** Adds what has changed. @param number of the socket whose name may have */
  observe(number: number | null, observed: Observed): void {
    this.#observeName(number, observed);
    const states: (readonly [number, string])[] = [];
    const received: Value[][] = [];
    const grown: number[] = [];
    const errors: number[] = [];
    for (const [index, entry] of this.entries.entries()) {
      const socket = entry.id === null ? undefined : this.#world.socket(entry.id);
      if (socket === undefined) continue;
      if (entry.tcp) this.#observeTcp(index, entry, socket, states, received, grown);
      else received.push(...this.#drain(index, socket));
      const now = this.#world.socket(socket.id);
      const hasError = now !== undefined && now.error !== null && now.state !== 'LISTEN';
      if (hasError && !entry.hasError) errors.push(index);
      entry.hasError = hasError;
    }
    if (states.length > 0) observed.ts = states;
    if (received.length > 0) observed.rx = received;
    if (grown.length > 0) observed.q = grown;
    if (errors.length > 0) observed.err = errors;
  }

  #observeName(number: number | null, observed: Observed): void {
    const entry = number === null ? undefined : this.entries[number];
    if (entry === undefined || entry.id === null) return;
    const now = this.nameOf(entry.id);
    if (now[0] === entry.name[0] && now[1] === entry.name[1]) return;
    entry.name = now;
    observed.l = now;
  }

  #observeTcp(
    index: number,
    entry: Entry,
    socket: SpecSocket,
    states: (readonly [number, string])[],
    received: Value[][],
    grown: number[],
  ): void {
    const state = STATES[socket.state];
    if (state !== entry.state) {
      entry.state = state;
      states.push([index, state]);
    }
    if (socket.state === 'LISTEN') {
      if (socket.acceptQueue.length > entry.queued) grown.push(index);
      entry.queued = socket.acceptQueue.length;
      return;
    }
    const unread = this.#world.unread.get(socket.id) ?? 0;
    if (unread > entry.unread) received.push([index, unread - entry.unread]);
    entry.unread = unread;
  }

  /** The driver reads every UDP queue after every operation, and so eats a pending error. */
  #drain(index: number, socket: SpecSocket): Value[][] {
    // An empty one looks to the driver like the end of the queue.
    const datagrams = this.#world.delivered.filter((one) => one.socket === socket.id && one.size > 0);
    const lines: Value[][] = datagrams.map(({ from }) => {
      const { address, port } = shownEnd(socket, from);
      return [index, address, port];
    });
    const readable = lines.length > 0 || socket.shut.read;
    if (!readable || socket.error === null) return lines;
    return [[index, String(this.#world.error(socket.id))], ...lines];
  }

  /** Rows of `diag`: [state, lip, lport, rip, rport] with numbers for ports. */
  diag(): (readonly [string, string, number, string, number])[] {
    const { state } = this.#world;
    const rows = state.sockets
      .filter((one) => one.transport === 'tcp' && (one.local.port !== 0 || one.order.connected > 0))
      .map((one) => [STATES[one.state], ...nameOf(one), ...this.peerOf(one.id)] as const);
    const half = state.requests.map((one) => {
      const [local, remote] = [shownEnd(one, one.local), shownEnd(one, one.remote)];
      return ['SYN_RECV', local.address, local.port, remote.address, remote.port] as const;
    });
    return [...rows, ...half];
  }
}

function nameOf(socket: SpecSocket): readonly [string, number] {
  const { local, source } = socket;
  const address = isAny(local.address) ? source : local.address;
  return [shownEnd(socket, { address, port: 0 }).address, socket.shownPort];
}
