/**
 * What the network does to a TCP socket, as events: segments themselves are the business of `src/transport/tcp`. The
 * state follows RFC 9293 figure 5; what it means for names, ports and pending errors is Linux's.
 */
import type { ErrnoName } from '../../network/errno.ts';
import { invariant } from '../../sim/errors.ts';
import { sendFin } from './closing-segments.ts';
import { becomeClosed, enterConnections, L5Place } from './moves.ts';
import { resetErrnoBy } from './other-systems/endings.ts';
import { checkBacklog } from './other-systems/listen.ts';
import type { SpecProfile } from './profile.ts';
import { because } from './rule.ts';
import type { SpecEndpoint, SpecState } from './state.ts';
import { NO_OPTIONS, newSocket } from './state.ts';
import { type DraftSocket, type Step, step, take, type Work } from './step.ts';

/** `established`: an active open is answered; `acked`: our SYN-ACK is acknowledged; `fin-acked`: the peer has our FIN; the rest as named. */
export type TcpEvent =
  | 'established'
  | 'acked'
  | 'fin'
  | 'fin-acked'
  | 'reset'
  | 'simultaneous-syn'
  | 'expired';

export function tcpEvent(
  state: SpecState,
  call: { readonly socket: number; readonly event: TcpEvent; readonly timestamps?: boolean },
  profile: SpecProfile,
): Step {
  return step(state, (work) => {
    const socket = take(work.draft, call.socket);
    switch (call.event) {
      case 'established':
        openedBy(socket, profile);
        socket.state = 'ESTABLISHED';
        socket.timestamps = call.timestamps ?? false;
        return 0;
      case 'acked':
        openedBy(socket, profile);
        established(work, socket);
        return 0;
      case 'simultaneous-syn':
        socket.state = 'SYN-RECEIVED';
        return 0;
      case 'fin':
        openedBy(socket, profile);
        return finArrives(work, socket, profile);
      case 'fin-acked':
        return finAcked(work, socket, profile);
      case 'reset':
        return L42Reset(work, socket, profile);
      case 'expired':
        becomeClosed(work.draft, profile, socket);
        return 0;
    }
  });
}

/** A half-open handshake is given up: a RST came, or its listener is gone. */
export function requestEnds(state: SpecState, call: { readonly request: number }): Step {
  return step(state, ({ draft }) => {
    draft.requests = draft.requests.filter((one) => one.id !== call.request);
    return 0;
  });
}

/**
 * The ACK of a handshake that a listener began: a child with the listener's options, in its accept queue.
 * K28: refused (EAGAIN: the ACK is dropped) while the queue holds more than the backlog.
 */
export function handshakeComplete(
  state: SpecState,
  call: { readonly request: number; readonly timestamps?: boolean },
  profile: SpecProfile,
): Step<{ readonly socket: number }> {
  const request = state.requests.find((one) => one.id === call.request);
  invariant(request !== undefined, `the specification has no half-open handshake ${call.request}`);
  return step<{ readonly socket: number }>(state, (work) => {
    const outcome = addChild(work, { timestamps: false, ...request, ...call }, profile);
    if (typeof outcome === 'string') return outcome;
    work.draft.requests = work.draft.requests.filter((one) => one.id !== call.request);
    return outcome;
  });
}

/** K43: the ACK of a SYN cookie: the same without a half-open handshake. */
export function cookieComplete(
  state: SpecState,
  call: NewChild,
  profile: SpecProfile,
): Step<{ readonly socket: number }> {
  return step<{ readonly socket: number }>(state, (work) => addChild(work, call, profile));
}

export interface NewChild {
  readonly listener: number;
  readonly local: SpecEndpoint;
  readonly remote: SpecEndpoint;
  readonly timestamps: boolean;
}

function addChild(work: Work, made: NewChild, profile: SpecProfile): { socket: number } | ErrnoName {
  const listener = work.draft.sockets.find((one) => one.id === made.listener);
  invariant(listener?.state === 'LISTEN', `socket ${made.listener} does not listen`);
  if (profile.name !== 'linux') checkBacklog(listener, profile);
  else if (listener.acceptQueue.length > listener.backlog) {
    work.reasons.push(because('K28'));
    return 'EAGAIN';
  }
  const child = makeChild(work, listener, { ...made.local });
  work.draft.sockets.push(child);
  const placed = take(work.draft, child.id);
  placed.timestamps = made.timestamps;
  placed.order.bound = L5Place(work.draft, placed);
  placed.order.listed = placed.order.bound;
  enterConnections(work.draft, placed, { ...made.remote });
  profile.portTaken(work.draft, placed, 'accept');
  listener.acceptQueue.push(child.id);
  established(work, placed);
  return { socket: child.id };
}

function makeChild(work: Work, listener: DraftSocket, local: { address: string; port: number }): DraftSocket {
  const id = work.draft.nextId;
  work.draft.nextId += 1;
  const fresh = newSocket(id, 'tcp', listener.uid, listener.family) as DraftSocket;
  return {
    ...fresh,
    fd: -1,
    process: listener.process,
    life: 'queued',
    state: 'ESTABLISHED',
    options: { ...NO_OPTIONS, ...listener.options },
    device: listener.device,
    v6Only: listener.v6Only,
    local,
    source: local.address,
    shownPort: local.port,
    // The child keeps the address if the listener named one, and its port only as long as it is connected.
    named: { address: listener.named.address, port: false, byConnect: false },
    listener: listener.id,
    order: { bound: 0, listed: 0, listening: 0, connected: 0 },
    memberships: [],
    remote: null,
    shut: { ...listener.shut },
    acceptQueue: [],
  };
}

/** Linux waits for the next connect() to see that a connection stands (K33); elsewhere that says EISCONN at once. */
function openedBy(socket: DraftSocket, profile: SpecProfile): void {
  if (profile.name !== 'linux' && socket.phase === 'connecting') socket.phase = 'connected';
}

/** A socket that was shut for writing before it was connected sends its FIN at once. */
function established(work: Work, socket: DraftSocket): void {
  socket.state = 'ESTABLISHED';
  if (socket.shut.write) sendFin(work, socket);
}

function finArrives(work: Work, socket: DraftSocket, profile: SpecProfile): 0 {
  if (socket.state === 'ESTABLISHED' || socket.state === 'SYN-RECEIVED') socket.state = 'CLOSE-WAIT';
  else if (socket.state === 'FIN-WAIT-1') socket.state = 'CLOSING';
  else if (socket.state === 'FIN-WAIT-2') timeWait(work, socket, profile);
  // Linux notes the end of the stream as if shutdown(SHUT_RD) had been called.
  if (profile.name === 'linux') socket.shut = { ...socket.shut, read: true };
  socket.finished = true;
  return 0;
}

function finAcked(work: Work, socket: DraftSocket, profile: SpecProfile): 0 {
  if (socket.state === 'FIN-WAIT-1') {
    socket.state = 'FIN-WAIT-2';
    if (socket.life === 'orphan') socket.life = 'time-wait';
  } else if (socket.state === 'CLOSING') timeWait(work, socket, profile);
  else if (socket.state === 'LAST-ACK') becomeClosed(work.draft, profile, socket);
  return 0;
}

/** R11: the four-tuple stays as a record of its own; a descriptor that is still open becomes a closed socket. */
function timeWait(work: Work, socket: DraftSocket, profile: SpecProfile): void {
  if (socket.life === 'time-wait' || socket.life === 'orphan') {
    socket.life = 'time-wait';
    socket.state = 'TIME-WAIT';
    return;
  }
  const id = work.draft.nextId;
  work.draft.nextId += 1;
  work.draft.sockets.push({
    ...(JSON.parse(JSON.stringify(socket)) as DraftSocket),
    id,
    fd: -1,
    life: 'time-wait',
    state: 'TIME-WAIT',
    named: { address: true, port: false, byConnect: socket.named.byConnect },
    acceptQueue: [],
    group: 0,
  });
  socket.shut = { read: true, write: true };
  becomeClosed(work.draft, profile, socket);
}

/** L42: the error depends on the state; the name stays if bind() gave it. */
function L42Reset(work: Work, socket: DraftSocket, profile: SpecProfile): 0 {
  const isLinux = profile.name === 'linux';
  const errno = isLinux ? resetErrno(socket.state) : resetErrnoBy(socket.state, profile);
  work.reasons.push(because(isLinux ? 'L42' : 'R18', `the connection was reset: ${errno}`));
  socket.error = errno;
  socket.shut = { read: true, write: true };
  becomeClosed(work.draft, profile, socket);
  return 0;
}

function resetErrno(state: DraftSocket['state']): ErrnoName {
  if (state === 'SYN-SENT') return 'ECONNREFUSED';
  return state === 'CLOSE-WAIT' ? 'EPIPE' : 'ECONNRESET';
}
