/**
 * connect(2) for TCP, non-blocking. L20 to L23: where the local name comes from; K33: what a second and third call say.
 * The SYN is only emitted; what comes back is told by `tcp-events.ts`.
 */
import type { ErrnoName } from '../../network/errno.ts';
import { anyOf, familyOf, isAny, unmapped } from './address.ts';
import { closeConnection } from './close.ts';
import { emitSegment } from './emit.ts';
import {
  connectAim,
  isWrongSource,
  type OddAddress,
  refusesSockaddr,
  sockaddrOf,
  withoutMapping,
} from './inet6.ts';
import { becomeClosed, enterConnections, moveTo, takePort } from './moves.ts';
import { connectTcpBy } from './other-systems/connect-tcp.ts';
import type { Oracle, SpecProfile } from './profile.ts';
import { routeTo } from './route.ts';
import { because } from './rule.ts';
import { endpointText, type SpecEndpoint, type SpecState } from './state.ts';
import { type DraftSocket, known, remove, type Step, step, take, type Work } from './step.ts';

export interface ConnectCall extends OddAddress {
  readonly socket: number;
  readonly address: string;
  readonly port: number;
}

export function connectTcp(state: SpecState, call: ConnectCall, profile: SpecProfile, oracle: Oracle): Step {
  return step(state, (work) => {
    if (profile.name !== 'linux') return connectTcpBy(work, state, call, profile, oracle);
    const socket = take(work.draft, call.socket);
    switch (socket.phase) {
      case 'connected':
        return 'EISCONN';
      case 'connecting':
        return secondCall(work, socket, profile);
      case 'disconnecting':
        return 'EINVAL';
      case 'unconnected':
        if (socket.state !== 'CLOSED') return 'EISCONN'; // a listener, too
        return begin(work, state, call, profile, oracle);
    }
  });
}

/** K33: pending: EALREADY; done: 0, whatever address is given now; failed: the error, once. */
function secondCall(work: Work, socket: DraftSocket, profile: SpecProfile): 0 | ErrnoName {
  work.reasons.push(because('K33'));
  if (socket.state === 'SYN-SENT' || socket.state === 'SYN-RECEIVED') return 'EALREADY';
  if (socket.state !== 'CLOSED') {
    socket.phase = 'connected';
    return 0;
  }
  const errno = socket.error ?? 'ECONNABORTED';
  socket.error = null;
  closeConnection(work, socket, profile);
  socket.phase = 'unconnected';
  return errno;
}

function begin(
  work: Work,
  state: SpecState,
  call: ConnectCall,
  profile: SpecProfile,
  oracle: Oracle,
): 0 | ErrnoName {
  const socket = take(work.draft, call.socket);
  const odd = refusesSockaddr(socket, { ...sockaddrOf(call.address), ...call });
  if (odd !== null) return odd;
  const aim = connectAim(state.host, socket, call);
  if (typeof aim === 'string') return aim;
  // AF_INET6 remembers whom it aimed at even when nothing comes of it.
  if (socket.family === 6) socket.remote = { address: unmapped(aim.address), port: socket.remote?.port ?? 0 };
  const target = withoutMapping(socket, aim);
  if (typeof target === 'string') return target;
  const route = routeTo(state.host, target.address, socket.source, socket.device, socket.options.transparent);
  if (typeof route === 'string') return route;
  if (isWrongSource(socket, route.destination)) return 'EAFNOSUPPORT';
  if (route.kind === 'broadcast' || route.kind === 'multicast') {
    work.reasons.push(because('L23'));
    return 'ENETUNREACH';
  }
  if (isAny(socket.source)) {
    moveTo(work.draft, profile, socket, route.source);
    socket.source = route.source;
  } else moveTo(work.draft, profile, socket, socket.source);
  const remote = { address: route.destination, port: call.port };
  socket.remote = { ...remote };
  const refused = findName(work, state, call.socket, remote, profile, oracle);
  if (refused !== null) {
    becomeClosed(work.draft, profile, socket);
    resetAddress(work, socket, profile);
    socket.remote = { address: remote.address, port: 0 };
    return refused;
  }
  socket.state = 'SYN-SENT';
  socket.error = null;
  socket.phase = 'connecting';
  enterConnections(work.draft, socket, remote);
  if (socket.family === 6 && familyOf(remote.address) === 4) {
    socket.mappedFlow = { from: socket.local.address, to: remote.address };
  }
  emitSegment(work, socket, 'syn');
  return 'EINPROGRESS';
}

/** The local port, or the errno: L22 when bound, L20 and L21 when not. */
function findName(
  work: Work,
  state: SpecState,
  id: number,
  remote: SpecEndpoint,
  profile: SpecProfile,
  oracle: Oracle,
): ErrnoName | null {
  const socket = take(work.draft, id);
  const named = { ...known(state, id), local: { ...socket.local }, remote };
  if (socket.local.port === 0) {
    const { choice, reason } = profile.connectPorts(state, named);
    work.reasons.push(reason);
    if (choice.lowest() === null) {
      return 'EADDRNOTAVAIL';
    }
    takePort(work.draft, profile, socket, oracle.port(choice, named), 'connect');
    return null;
  }
  const { held, takes } = profile.quadHolder(state, named);
  if (held) {
    const text = `${endpointText(named.local)} is connected to ${endpointText(remote)} already`;
    work.reasons.push(because('L22', text));
    return 'EADDRNOTAVAIL';
  }
  if (takes !== null) {
    work.reasons.push(because('L13'));
    remove(work.draft, take(work.draft, takes));
  }
  return null;
}

/** A local address that bind() did not name is given up. */
export function resetAddress(work: Work, socket: DraftSocket, profile: SpecProfile): void {
  if (socket.named.address) return;
  moveTo(work.draft, profile, socket, anyOf(socket.family));
  socket.source = anyOf(socket.family);
}
