/**
 * close(2), shutdown(2) and connect(AF_UNSPEC): how sockets end. L24: what a listener and a disconnected socket keep;
 * L35 the same for UDP; K34: a RST for a connection that is cut off.
 */
import { anyOf } from './address.ts';
import { needsReset, sendFin } from './closing-segments.ts';
import { emitSegment } from './emit.ts';
import { becomeClosed, destroy, moveTo } from './moves.ts';
import { disconnectBy, shutdownBy } from './other-systems/endings.ts';
import type { SpecProfile } from './profile.ts';
import { because } from './rule.ts';
import type { SpecState } from './state.ts';
import { type DraftSocket, type Step, step, take, type Work } from './step.ts';

export interface CloseCall {
  readonly socket: number;
  /** TCP: received bytes that nobody read: close() resets. */
  readonly unread?: boolean;
}

/** close(2). Emits what goes to the peer; a connection that still has to end lives on as an orphan. */
export function close(state: SpecState, call: CloseCall, profile: SpecProfile): Step {
  return step(state, (work) => {
    const socket = take(work.draft, call.socket);
    socket.fd = -1;
    if (socket.transport === 'udp') {
      destroy(work.draft, profile, socket);
      return 0;
    }
    if (socket.state === 'LISTEN') stopListening(work, socket, profile);
    const abort = call.unread === true || socket.options.linger === 0;
    if (abort && needsReset(socket)) {
      emitSegment(work, socket, 'rst');
      destroy(work.draft, profile, socket);
      return 0;
    }
    sendFin(work, socket);
    endOfLife(work, socket, profile);
    return 0;
  });
}

/** A closed descriptor: what is left of the connection. */
function endOfLife(work: Work, socket: DraftSocket, profile: SpecProfile): void {
  if (socket.state === 'CLOSED' || socket.state === 'SYN-SENT' || socket.state === 'LISTEN') {
    socket.order.connected = 0;
    destroy(work.draft, profile, socket);
    return;
  }
  socket.life = socket.state === 'FIN-WAIT-2' ? 'time-wait' : 'orphan';
}

export interface ShutdownCall {
  readonly socket: number;
  readonly read: boolean;
  readonly write: boolean;
}

export function shutdown(state: SpecState, call: ShutdownCall, profile: SpecProfile): Step {
  return step(state, (work) => {
    if (profile.name !== 'linux') return shutdownBy(work, call, profile);
    const socket = take(work.draft, call.socket);
    if (socket.phase === 'connecting') {
      const early = ['SYN-SENT', 'SYN-RECEIVED', 'CLOSED'].includes(socket.state);
      socket.phase = early ? 'disconnecting' : 'connected';
    }
    if (socket.state === 'LISTEN' && !call.read) return 0;
    if (socket.state === 'LISTEN' || socket.state === 'SYN-SENT') {
      work.reasons.push(because('L24'));
      closeConnection(work, socket, profile);
      socket.phase = 'unconnected';
      return 0;
    }
    socket.shut = { read: socket.shut.read || call.read, write: socket.shut.write || call.write };
    if (socket.state === 'CLOSED') return 'ENOTCONN';
    if (call.write && socket.transport === 'tcp') sendFin(work, socket);
    return 0;
  });
}

/** connect() with AF_UNSPEC. */
export function disconnect(state: SpecState, call: { readonly socket: number }, profile: SpecProfile): Step {
  return step(state, (work) => {
    const socket = take(work.draft, call.socket);
    if (profile.name !== 'linux') return disconnectBy(work, socket, profile);
    if (socket.transport === 'udp') return disconnectUdp(work, socket, profile);
    closeConnection(work, socket, profile);
    socket.phase = 'unconnected';
    return 0;
  });
}

/** tcp_disconnect: the protocol's part, without what `struct socket` remembers. */
export function closeConnection(work: Work, socket: DraftSocket, profile: SpecProfile): void {
  if (socket.state === 'LISTEN') stopListening(work, socket, profile);
  else if (needsReset(socket)) {
    work.reasons.push(because('K34'));
    emitSegment(work, socket, 'rst');
    socket.error = 'ECONNRESET';
  } else if (socket.state === 'SYN-SENT') socket.error = 'ECONNRESET';
  if (socket.state !== 'CLOSED') becomeClosed(work.draft, profile, socket);
  if (socket.remote !== null) socket.remote.port = 0;
  if (!socket.named.address) {
    moveTo(work.draft, profile, socket, anyOf(socket.family));
    socket.source = anyOf(socket.family);
  }
  socket.shut = { read: false, write: false };
  socket.finished = false;
}

/** L35: peer and device go; of the own name stays what bind() gave. */
function disconnectUdp(work: Work, socket: DraftSocket, profile: SpecProfile): 0 {
  work.reasons.push(because('L35'));
  socket.state = 'CLOSED';
  socket.remote = null;
  socket.astray = null;
  socket.order.connected = 0;
  profile.udpDisconnected(work.draft, socket);
  return 0;
}

/** Queued connections are reset, oldest first; half-open ones stay until touched (K29). */
function stopListening(work: Work, listener: DraftSocket, profile: SpecProfile): void {
  const queue = [...listener.acceptQueue];
  becomeClosed(work.draft, profile, listener);
  listener.acceptQueue = [];
  for (const id of queue) {
    const child = take(work.draft, id);
    if (needsReset(child)) emitSegment(work, child, 'rst');
    destroy(work.draft, profile, child);
  }
}
