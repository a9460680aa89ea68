/**
 * The standards alone: RFC 9293, 1122, 768 and POSIX (R1 to R18). They say what a connection is, who a LISTEN is for and
 * which errors there are; they do not say who wins among several, what SO_REUSEADDR does, or which ports are ephemeral.
 * Such questions are refused.
 */
import { UndefinedByProfile } from '../../profile.ts';
import { RFC } from '../../profiles.ts';
import { kindOf } from '../host.ts';
import type { BindCheck, Candidate, Lookup, PortVerdict, SpecPacket, SpecProfile } from '../profile.ts';
import { because } from '../rule.ts';
import { ANY, endpointText, holdersOf, overlap, type SpecSocket, type SpecState } from '../state.ts';

const checks: BindCheck[] = [
  (_, { family }) =>
    family === 2 ? null : { errno: 'EAFNOSUPPORT', reasons: [because('R18', `family ${family}`)] },
  (state, { address }) =>
    kindOf(state.host, address) === 'foreign'
      ? { errno: 'EADDRNOTAVAIL', reasons: [because('R18', `${address} is no address of this host`)] }
      : null,
  (_, { socket }) =>
    socket.local.port === 0 ? null : { errno: 'EINVAL', reasons: [because('R18', 'it is bound already')] },
];

function gap(what: string): never {
  throw new UndefinedByProfile('rfc', what);
}

export const rfc: SpecProfile = {
  ...RFC,
  bindChecks: checks,
  mayBind: R18InUse,
  freePorts: () => gap('a range of ephemeral ports'),
  connectPorts: () => gap('a range of ephemeral ports'),
  quadHolder: (state, socket) => {
    const remote = socket.remote;
    const held = holdersOf(state, socket.transport, socket.local.port).some(
      (one) =>
        one.id !== socket.id &&
        one.local.address === socket.local.address &&
        one.remote?.address === remote?.address &&
        one.remote?.port === remote?.port,
    );
    return { held, takes: null };
  },
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
    if (kind !== 'local') gap('which sockets get a broadcast or multicast');
    const matches = holdersOf(state, 'udp', packet.dstPort).filter((one) => R18Matches(one, packet));
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
