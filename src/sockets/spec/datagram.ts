/**
 * connect(2) and send(2) for UDP. L29, L34: what connect() changes; K18: a call that fails leaves the socket bound to a
 * port all the same; L23: 0.0.0.0 as destination means this host.
 */
import type { ErrnoName } from '../../network/errno.ts';
import { ANY_V4, familyOf, isAny } from './address.ts';
import { choosePort } from './bind.ts';
import type { ConnectCall } from './connect-tcp.ts';
import { connectTarget, isWrongSource, refusesSockaddr, sendTarget, sockaddrOf } from './inet6.ts';
import { moveTo, takePort } from './moves.ts';
import { connectUdpBy, sendUdpBy } from './other-systems/datagram.ts';
import type { Oracle, SpecProfile } from './profile.ts';
import { routeTo, routeToThisHost, type SpecRoute } from './route.ts';
import { because } from './rule.ts';
import type { SpecEndpoint, SpecState } from './state.ts';
import { type DraftSocket, known, type Step, step, take, type Work } from './step.ts';

export function connectUdp(state: SpecState, call: ConnectCall, profile: SpecProfile, oracle: Oracle): Step {
  return step(state, (work) => {
    if (profile.name !== 'linux') return connectUdpBy(work, state, call, profile, oracle);
    const socket = take(work.draft, call.socket);
    if (!autobind(work, state, call.socket, profile, oracle)) return 'EAGAIN';
    const odd = refusesSockaddr(socket, { ...sockaddrOf(call.address), ...call });
    if (odd !== null) return odd;
    const target = connectTarget(state.host, socket, call);
    if (typeof target === 'string') return target;
    if (socket.state === 'ESTABLISHED') work.reasons.push(because('L34'));
    const route = routeFor(state, socket, target.address);
    const isAstray = typeof route === 'string' && socket.state === 'ESTABLISHED' && socket.family === 4;
    socket.astray = isAstray ? { address: target.address, port: target.port, cached: false } : null;
    if (typeof route === 'string') return route;
    const remote = { address: route.destination, port: call.port };
    socket.remote = remote;
    socket.lastPeer = remote.address;
    if (isAny(socket.source)) socket.source = route.source;
    if (isAny(socket.local.address)) {
      work.reasons.push(
        because('L29', `it sends from ${route.source} and from now on takes packets for that only`),
      );
      moveTo(work.draft, profile, socket, route.source);
    }
    profile.udpConnected(work.draft, socket);
    socket.state = 'ESTABLISHED';
    return 0;
  });
}

export interface SendCall {
  readonly socket: number;
  /** null: to the connected peer. */
  readonly to: SpecEndpoint | null;
  readonly size: number;
}

/** send(2), sendto(2) of a datagram: emitted as it leaves. @returns bytes */
export function sendUdp(state: SpecState, call: SendCall, profile: SpecProfile, oracle: Oracle): Step {
  return step(state, (work) => {
    if (profile.name !== 'linux') return sendUdpBy(work, state, call, profile, oracle);
    const socket = take(work.draft, call.socket);
    if (!autobind(work, state, call.socket, profile, oracle)) return 'EAGAIN';
    const to = recipient(socket, call);
    if (typeof to === 'string') return to;
    const isThisHost = to.address === ANY_V4;
    const route = isThisHost ? routeToThisHost(state.host, socket) : routeFor(state, socket, to.address);
    if (typeof route === 'string') return route;
    if (call.size > LARGEST[familyOf(to.address)]) return 'EMSGSIZE';
    const pending = socket.error;
    socket.error = null;
    if (pending !== null) return pending;
    if (socket.shut.write) return 'EPIPE';
    if (call.to === null && socket.astray !== null) return sendAstray(work, state, socket, call.size);
    emitDatagram(work, socket, route, to.port, call.size);
    return call.size;
  });
}

/** Whom the datagram is for; the order of the errors is Linux's. */
function recipient(socket: DraftSocket, { to, size }: SendCall): SpecEndpoint | ErrnoName {
  const isTooLong = size > 0xffff;
  if (isTooLong && socket.family === 4) return 'EMSGSIZE';
  const peer = socket.state === 'ESTABLISHED' ? socket.remote : null;
  const target = to === null ? peer : sendTarget(socket, to);
  if (target === null) return 'EDESTADDRREQ';
  if (typeof target === 'string') return target;
  if (isTooLong && familyOf(target.address) === 4) return 'EMSGSIZE';
  return to !== null && to.port === 0 ? 'EINVAL' : target;
}

/** K49: the first datagram goes to the peer all the same; further ones to whom the failed connect() named, or nowhere. */
function sendAstray(work: Work, state: SpecState, socket: DraftSocket, size: number): number | ErrnoName {
  const { astray, remote } = socket;
  const to = astray?.cached === true ? astray : remote;
  if (astray === null || to === null) return size;
  const route = routeTo(state.host, to.address, socket.source, socket.device, socket.options.transparent);
  const wasCached = astray.cached;
  astray.cached = true;
  if (typeof route === 'string') return wasCached ? size : route;
  work.reasons.push(because('K49'));
  emitDatagram(work, socket, route, to.port, size);
  return size;
}

function emitDatagram(work: Work, socket: DraftSocket, route: SpecRoute, port: number, size: number): void {
  work.emissions.push({
    kind: 'datagram',
    size,
    from: { address: route.source, port: socket.local.port },
    to: { address: route.destination, port },
    device: route.device,
    route: route.kind,
    socket: socket.id,
  });
}

/** The most data of a datagram: 65,535 less the headers that its length field counts. */
const LARGEST = { 4: 65507, 6: 65527 } as const;

/** @returns false when no port is left */
function autobind(work: Work, state: SpecState, id: number, profile: SpecProfile, oracle: Oracle): boolean {
  const socket = known(state, id);
  if (socket.local.port !== 0) return true;
  const port = choosePort(work, state, socket, profile, oracle);
  if (port === null) return false;
  takePort(work.draft, profile, take(work.draft, id), port, 'bind');
  return true;
}

function routeFor(state: SpecState, socket: DraftSocket, address: string): SpecRoute | ErrnoName {
  const route = routeTo(state.host, address, socket.source, socket.device, socket.options.transparent);
  if (typeof route === 'string') return route;
  if (isWrongSource(socket, route.destination)) return 'EAFNOSUPPORT';
  return route.kind === 'broadcast' && !socket.options.broadcast ? 'EACCES' : route;
}
