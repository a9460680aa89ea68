/**
 * connect(2), send(2) and disconnecting for UDP on systems that are not Linux: POSIX (R18), with the profile's answers
 * where systems differ. A call that fails leaves the socket as it was, without a port if it had none.
 */
import type { ErrnoName } from '../../../network/errno.ts';
import { defined, exhausted } from '../../profile.ts';
import { familyOf } from '../address.ts';
import { choosePort } from '../bind.ts';
import type { ConnectCall } from '../connect-tcp.ts';
import type { SendCall } from '../datagram.ts';
import { kindOf } from '../host.ts';
import { refusesSockaddr, sockaddrOf } from '../inet6.ts';
import { moveTo, takePort } from '../moves.ts';
import type { Oracle, SpecProfile } from '../profile.ts';
import { routeTo } from '../route.ts';
import { because } from '../rule.ts';
import { ANY, type SpecEndpoint, type SpecSocket, type SpecState } from '../state.ts';
import { type DraftSocket, known, take, type Work } from '../step.ts';

const MAX_DATAGRAM = 65507;

export function connectUdpBy(
  work: Work,
  state: SpecState,
  call: ConnectCall,
  profile: SpecProfile,
  oracle: Oracle,
): 0 | ErrnoName {
  const socket = take(work.draft, call.socket);
  const odd = refusesSockaddr(socket, { ...sockaddrOf(call.address), ...call });
  if (odd !== null) return odd;
  const isAny = kindOf(state.host, call.address) === 'any';
  if (isAny && profile.name === 'windows') return disconnectUdpBy(work, socket, profile);
  const refused = refusedTarget(state, call, profile, 'connect()');
  if (refused !== null) return refused;
  if (socket.state === 'ESTABLISHED') {
    const mode = defined(profile, profile.udpReconnect, 'connect() on a connected UDP socket');
    work.reasons.push(because(mode === 'disconnects' ? 'F13' : 'R18', 'the peer is another from now on'));
    if (mode === 'disconnects') leavePeer(work, socket, profile);
  }
  const route = routeTo(state.host, call.address, socket.source, socket.device);
  if (typeof route === 'string') return route;
  if (route.kind === 'broadcast' && !socket.options.broadcast) {
    return defined(profile, profile.calls.udpConnectBroadcast, 'connect() to a broadcast address');
  }
  const local = socket.local.address === ANY ? route.source : socket.local.address;
  const remote = { address: route.destination, port: call.port };
  const failed = findName(work, state, socket, local, remote, profile, oracle);
  if (failed !== null) return failed;
  moveTo(work.draft, profile, socket, local);
  if (socket.source === ANY) socket.source = local;
  socket.remote = remote;
  profile.udpConnected(work.draft, socket);
  socket.state = 'ESTABLISHED';
  return 0;
}

export function sendUdpBy(
  work: Work,
  state: SpecState,
  call: SendCall,
  profile: SpecProfile,
  oracle: Oracle,
): number | ErrnoName {
  const socket = take(work.draft, call.socket);
  if (socket.shut.write) return 'EPIPE';
  const pending = socket.error;
  socket.error = null;
  if (pending !== null) return pending;
  if (call.size > MAX_DATAGRAM) return 'EMSGSIZE';
  const isConnected = socket.state === 'ESTABLISHED';
  const to = call.to ?? (isConnected ? socket.remote : null);
  if (to === null) return profile.calls.sendWithoutPeer;
  if (call.to !== null) {
    if (familyOf(to.address) !== 4) return 'EAFNOSUPPORT';
    const refused = mayNotName(isConnected, profile) ?? refusedTarget(state, to, profile, 'sendto()');
    if (refused !== null) return refused;
  }
  const route = routeTo(state.host, to.address, socket.source, socket.device);
  if (typeof route === 'string') return route;
  if (route.kind === 'broadcast' && !socket.options.broadcast) {
    return defined(profile, profile.calls.udpSendBroadcast, 'sending to a broadcast address');
  }
  if (socket.local.port === 0) {
    const port = choosePort(work, state, known(state, call.socket), profile, oracle);
    if (port === null) return exhausted(profile, 'bindExhausted');
    takePort(work.draft, profile, socket, port, 'bind');
  }
  work.emissions.push({
    kind: 'datagram',
    from: { address: route.source, port: socket.local.port },
    to: { address: route.destination, port: to.port },
    device: route.device,
    route: route.kind,
    size: call.size,
    socket: socket.id,
  });
  return call.size;
}

/** connect(AF_UNSPEC): with an errno the peer is cleared all the same (F13). */
export function disconnectUdpBy(work: Work, socket: DraftSocket, profile: SpecProfile): 0 | ErrnoName {
  const isConnected = socket.state === 'ESTABLISHED';
  const mode = isConnected ? profile.udpDisconnect : profile.calls.udpDisconnectUnconnected;
  const answer = defined(profile, mode, 'connect(AF_UNSPEC) on a UDP socket');
  work.reasons.push(because(profile.name === 'freebsd' ? 'F13' : profile.name === 'windows' ? 'W2' : 'R18'));
  if (isConnected) leavePeer(work, socket, profile);
  return answer === 'ok' ? 0 : answer;
}

function leavePeer(work: Work, socket: DraftSocket, profile: SpecProfile): void {
  socket.state = 'CLOSED';
  socket.remote = null;
  socket.order.connected = 0;
  profile.udpDisconnected(work.draft, socket);
}

/** sendto() on a connected socket. */
function mayNotName(isConnected: boolean, profile: SpecProfile): ErrnoName | null {
  if (!isConnected) return null;
  const answer = defined(profile, profile.calls.sendtoConnected, 'sendto() on a connected UDP socket');
  return answer === 'sent' ? null : answer;
}

/** Addresses and ports that are none. */
function refusedTarget(
  state: SpecState,
  { address, port }: SpecEndpoint,
  profile: SpecProfile,
  call: string,
): ErrnoName | null {
  if (kindOf(state.host, address) === 'any') {
    const answer = defined(profile, profile.calls.toAnyAddress, `${call} to 0.0.0.0`);
    if (answer !== 'this-host') return answer;
  }
  if (port !== 0) return null;
  const answer = defined(profile, profile.calls.toPortZero, `${call} to port 0`);
  return answer === 'sent' ? null : answer;
}

/** The port it has, if nobody else is connected between the two names; else a free one. */
function findName(
  work: Work,
  state: SpecState,
  socket: DraftSocket,
  local: string,
  remote: SpecEndpoint,
  profile: SpecProfile,
  oracle: Oracle,
): ErrnoName | null {
  const named = { ...socket, local: { address: local, port: socket.local.port }, remote };
  if (named.local.port !== 0) return taken(state, named, profile);
  const { choice, reason } = profile.connectPorts(state, named);
  work.reasons.push(reason);
  if (choice.lowest() === null) return exhausted(profile, 'connectExhausted');
  takePort(work.draft, profile, socket, oracle.port(choice, named), 'connect');
  return null;
}

function taken(state: SpecState, socket: SpecSocket, profile: SpecProfile): ErrnoName | null {
  const twin = state.sockets.some(
    (one) =>
      one.id !== socket.id &&
      one.transport === 'udp' &&
      one.state === 'ESTABLISHED' &&
      one.local.port === socket.local.port &&
      one.local.address === socket.local.address &&
      one.remote?.address === socket.remote?.address &&
      one.remote?.port === socket.remote?.port,
  );
  if (!twin) return null;
  const what = 'two UDP sockets connected between the same names';
  const mode = defined(profile, profile.udpQuadTaken, what);
  return mode === 'newest' || mode === 'allowed' ? null : mode;
}
