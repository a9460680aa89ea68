/**
 * connect(2) for TCP on systems that are not Linux: POSIX (R18), with the profile's answers where systems differ. A call
 * that fails leaves the socket as it was.
 */
import type { ErrnoName } from '../../../network/errno.ts';
import { defined, exhausted } from '../../profile.ts';
import type { ConnectCall } from '../connect-tcp.ts';
import { emitSegment } from '../emit.ts';
import { kindOf } from '../host.ts';
import { refusesSockaddr, sockaddrOf } from '../inet6.ts';
import { enterConnections, moveTo, takePort } from '../moves.ts';
import type { Oracle, SpecProfile } from '../profile.ts';
import { routeTo } from '../route.ts';
import { because } from '../rule.ts';
import { ANY, endpointText, type SpecEndpoint, type SpecState } from '../state.ts';
import { type DraftSocket, take, type Work } from '../step.ts';

export function connectTcpBy(
  work: Work,
  state: SpecState,
  call: ConnectCall,
  profile: SpecProfile,
  oracle: Oracle,
): 0 | ErrnoName {
  const socket = take(work.draft, call.socket);
  const early = R18State(work, socket, profile);
  if (early !== null) return early;
  const odd = refusesSockaddr(socket, { ...sockaddrOf(call.address), ...call });
  if (odd !== null) return odd;
  const refused = R4Peer(work, state, call, profile);
  if (refused !== null) return refused;
  const route = routeTo(state.host, call.address, socket.source, socket.device);
  if (typeof route === 'string') return route;
  const remote = { address: route.destination, port: call.port };
  const source = socket.source === ANY ? route.source : socket.source;
  const failed = findName(work, state, socket, source, remote, profile, oracle);
  if (failed !== null) return failed;
  socket.source = source;
  socket.state = 'SYN-SENT';
  socket.error = null;
  socket.phase = 'connecting';
  enterConnections(work.draft, socket, remote);
  emitSegment(work, socket, 'syn');
  return 'EINPROGRESS';
}

/** What the state of the socket says; null: it may connect. */
function R18State(work: Work, socket: DraftSocket, profile: SpecProfile): ErrnoName | null {
  if (socket.state === 'LISTEN') {
    work.reasons.push(because(profile.name === 'freebsd' ? 'F14' : profile.name === 'windows' ? 'W2' : 'R5'));
    return defined(profile, profile.connectOnListener, 'connect() on a listener');
  }
  if (socket.state === 'SYN-SENT' || socket.state === 'SYN-RECEIVED') return 'EALREADY';
  if (socket.state !== 'CLOSED') return 'EISCONN';
  if (socket.phase === 'unconnected') return null;
  const { connectAfterFailure, connectAfterEnd } = profile.calls;
  const answer =
    socket.phase === 'connecting'
      ? defined(profile, connectAfterFailure, 'connect() on a socket that failed to connect')
      : defined(profile, connectAfterEnd, 'connect() on a socket whose connection has ended');
  if (answer !== 'anew') {
    work.reasons.push(because('F14'));
    return answer;
  }
  work.reasons.push(because('W2'));
  startAnew(work, socket, profile);
  return null;
}

function startAnew(work: Work, socket: DraftSocket, profile: SpecProfile): void {
  socket.phase = 'unconnected';
  socket.error = null;
  socket.remote = null;
  socket.shut = { read: false, write: false };
  if (socket.named.address) return;
  moveTo(work.draft, profile, socket, ANY);
  socket.source = ANY;
}

/** R4: one host and a port of it, or the profile's errno for anything else. */
function R4Peer(work: Work, state: SpecState, call: ConnectCall, profile: SpecProfile): ErrnoName | null {
  const { calls } = profile;
  const kind = kindOf(state.host, call.address);
  if (kind === 'any') {
    const answer = defined(profile, calls.toAnyAddress, 'connect() to 0.0.0.0');
    return answer === 'this-host' ? null : answer;
  }
  work.reasons.push(because('R4'));
  if (kind === 'multicast') return defined(profile, calls.tcpToGroup, 'TCP connect() to a group');
  if (call.address === '255.255.255.255') {
    return defined(profile, calls.tcpToLimitedBroadcast, 'TCP connect() to 255.255.255.255');
  }
  if (kind === 'broadcast') {
    return defined(profile, calls.tcpToBroadcast, 'TCP connect() to a broadcast address');
  }
  if (call.port !== 0) return null;
  const answer = defined(profile, calls.toPortZero, 'connect() to port 0');
  return answer === 'sent' ? null : answer;
}

/** A free port, or the one it has if no connection between the two ends is there (R1, R5). */
function findName(
  work: Work,
  state: SpecState,
  socket: DraftSocket,
  source: string,
  remote: SpecEndpoint,
  profile: SpecProfile,
  oracle: Oracle,
): ErrnoName | null {
  const named = { ...socket, local: { address: source, port: socket.local.port }, remote };
  if (named.local.port === 0) {
    const { choice, reason } = profile.connectPorts(state, named);
    work.reasons.push(reason);
    if (choice.lowest() === null) return exhausted(profile, 'connectExhausted');
    moveTo(work.draft, profile, socket, source);
    takePort(work.draft, profile, socket, oracle.port(choice, named), 'connect');
    return null;
  }
  if (profile.quadHolder(state, named).held) {
    const text = `${endpointText(named.local)} is connected to ${endpointText(remote)} already`;
    work.reasons.push(because(profile.name === 'freebsd' ? 'F12' : 'R5', text));
    return defined(profile, profile.quadTaken, 'connect() to a four-tuple that exists');
  }
  moveTo(work.draft, profile, socket, source);
  return null;
}
