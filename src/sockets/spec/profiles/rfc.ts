/**
 * The standards alone: RFC 9293, 1122, 768 and POSIX (R1 to R18). They say what a connection is, who a LISTEN is for and
 * which errors there are; they do not say who wins among several, what SO_REUSEADDR does, or which ports are ephemeral.
 * Such questions are refused.
 */
import { UndefinedByProfile } from '../../profile.ts';
import { RFC } from '../../profiles.ts';
import { kindOf } from '../host.ts';
import { manyHosts, privilege, R18Family, R18Length, R18Local, R18Unbound } from '../other-systems/bind.ts';
import { R5QuadHolder } from '../other-systems/quad.ts';
import { type PortChoice, portChoice } from '../port-choice.ts';
import type { Candidate, Lookup, PortVerdict, SpecPacket, SpecProfile } from '../profile.ts';
import { because, type Reason } from '../rule.ts';
import { ANY, endpointText, holdersOf, overlap, type SpecSocket, type SpecState } from '../state.ts';

function gap(what: string): never {
  throw new UndefinedByProfile('rfc', what);
}

export const rfc: SpecProfile = {
  ...RFC,
  bindChecks: [
    R18Length,
    R18Family,
    R18Local,
    manyHosts(() => rfc),
    R18Unbound,
    privilege(
      () => rfc,
      (text) => because('R18', text),
    ),
  ],
  mayBind: R18InUse,
  freePorts: R14Ports,
  connectPorts: R14Ports,
  quadHolder: R5QuadHolder,
  lookup,
  lookupListener: (state, packet) => R3Listener(state, packet),
  portTaken: () => {},
  portReleased: () => {},
  addressMoved: () => {},
  deviceChanged: () => {},
  startedListening: () => {},
  stoppedListening: () => {},
  udpConnected: () => {},
  udpDisconnected: () => {},
};

/** R14: any port of the range that is in nobody's way. */
function R14Ports(state: SpecState, socket: SpecSocket): { choice: PortChoice; reason: Reason } {
  const [first, last] = state.host.portRange ?? [RFC.ephemeral?.first ?? 0, RFC.ephemeral?.last ?? 0];
  const usable = (port: number) =>
    holdersOf(state, socket.transport, port).every(
      (one) => !overlap(one.local.address, socket.local.address),
    );
  return {
    choice: portChoice([{ first, step: 1, count: last - first + 1 }], usable),
    reason: because('R14'),
  };
}

/** R18: the same name twice is in use; POSIX does not say what an option or the wildcard changes about it. */
function R18InUse(state: SpecState, socket: SpecSocket): PortVerdict {
  const meeting = holdersOf(state, socket.transport, socket.local.port).filter(
    (one) => one.id !== socket.id && overlap(one.local.address, socket.local.address),
  );
  if (meeting.length === 0) return { refusal: null, reasons: [] };
  const { reuseAddr, reusePort } = socket.options;
  if (reuseAddr || reusePort) gap('what SO_REUSEADDR and SO_REUSEPORT allow');
  const same = meeting.find((one) => one.local.address === socket.local.address);
  if (same === undefined) gap('whether the wildcard and an address may share a port');
  const text = `#${same.id} is bound to ${endpointText(same.local)}`;
  return { refusal: { errno: 'EADDRINUSE', reasons: [because('R18', text)] }, reasons: [] };
}

function lookup(state: SpecState, packet: SpecPacket): Lookup {
  const kind = kindOf(state.host, packet.dst);
  if (packet.transport === 'udp') {
    const matches = holdersOf(state, 'udp', packet.dstPort).filter((one) => R18Matches(one, packet));
    const [first] = matches;
    if (kind !== 'multicast' && kind !== 'broadcast') return only(state, packet, matches, 'datagram');
    if (matches.length > 1) gap(`which of ${matches.length} matching sockets get a ${kind}`);
    if (first !== undefined && kind === 'multicast' && !isMember(first, packet))
      gap('whether a socket that has not joined a group gets its datagrams');
    return only(state, packet, matches, 'datagram');
  }
  const connection = holdersOf(state, 'tcp', packet.dstPort).filter(
    (one) => one.order.connected > 0 && R1SameQuad(one, packet),
  );
  if (connection.length > 0) {
    const stage = connection[0]?.life === 'time-wait' ? 'time-wait' : 'connection';
    return only(state, packet, connection, stage);
  }
  const request = state.requests.find(
    (one) =>
      one.local.address === packet.dst &&
      one.local.port === packet.dstPort &&
      one.remote.address === packet.src &&
      one.remote.port === packet.srcPort,
  );
  if (request === undefined) return R3Listener(state, packet);
  const listener = state.sockets.filter((one) => one.id === request.listener);
  return { ...only(state, packet, listener, 'request'), request: request.id };
}

function isMember(socket: SpecSocket, packet: SpecPacket): boolean {
  return socket.memberships.some((one) => one.group === packet.dst && one.device === packet.device);
}

function R1SameQuad(socket: SpecSocket, packet: SpecPacket): boolean {
  return (
    socket.local.address === packet.dst &&
    socket.remote?.address === packet.src &&
    socket.remote.port === packet.srcPort
  );
}

/** R18: a connected datagram socket receives from its peer only. */
function R18Matches(socket: SpecSocket, packet: SpecPacket): boolean {
  if (socket.local.address !== ANY && socket.local.address !== packet.dst) return false;
  const remote = socket.remote;
  return remote === null || (remote.address === packet.src && remote.port === packet.srcPort);
}

/** R3: a LISTEN with a local address is for that address, one without for any. */
function R3Listener(state: SpecState, packet: SpecPacket): Lookup {
  const matches = holdersOf(state, 'tcp', packet.dstPort).filter(
    (one) => one.state === 'LISTEN' && (one.local.address === ANY || one.local.address === packet.dst),
  );
  return only(state, packet, matches, 'listener');
}

/** One match is who gets it; of several the standards do not say. */
function only(
  state: SpecState,
  packet: SpecPacket,
  matches: readonly SpecSocket[],
  stage: Lookup['stage'],
): Lookup {
  const best = matches[0];
  if (matches.length > 1) gap(`which of ${matches.length} matching sockets gets a packet`);
  const rule = stage === 'listener' ? 'R3' : stage === 'datagram' ? 'R18' : 'R1';
  const none = packet.transport === 'udp' ? 'R15' : 'R6';
  const candidates = holdersOf(state, packet.transport, packet.dstPort).map((socket): Candidate => {
    const isBest = socket.id === best?.id;
    return { socket: socket.id, score: null, rejectedBy: isBest ? null : because(rule, 'it does not match') };
  });
  return {
    receivers: best === undefined ? [] : [best.id],
    allowed: [],
    stage: best === undefined ? 'none' : stage,
    request: -1,
    deciding: because(best === undefined ? none : rule),
    candidates,
  };
}
