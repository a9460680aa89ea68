/**
 * FreeBSD: who gets a packet (in_pcblookup_hash_smr, udp_multi_input). One lookup for TCP and UDP: F1 exact four-tuple,
 * F2 load-balancing groups, F3 the list of unconnected sockets, specific before any, the newest first.
 */
import { kindOf } from '../host.ts';
import type { Candidate, Lookup, SpecPacket } from '../profile.ts';
import { because, type Reason } from '../rule.ts';
import { ANY, endpointText, holdersOf, requestBetween, type SpecSocket, type SpecState } from '../state.ts';
import { isUnconnected } from './conflict.ts';

export function lookupFreebsd(state: SpecState, packet: SpecPacket): Lookup {
  const holders = inLists(state, packet);
  const kind = kindOf(state.host, packet.dst);
  if (packet.transport === 'udp' && (kind === 'broadcast' || kind === 'multicast')) {
    return F5Copies(packet, holders, kind === 'multicast');
  }
  const exact = holders.find((one) => isQuad(one, packet));
  if (exact !== undefined) {
    const stage =
      exact.life === 'time-wait' ? 'time-wait' : packet.transport === 'udp' ? 'datagram' : 'connection';
    return result(packet, holders, [exact], stage, because('F1', 'it has this very four-tuple'));
  }
  const [local, remote] = [
    { address: packet.dst, port: packet.dstPort },
    { address: packet.src, port: packet.srcPort },
  ];
  const request = packet.transport === 'tcp' ? requestBetween(state, local, remote) : null;
  if (request === null) return lookupFreebsdListener(state, packet);
  const listener = state.sockets.filter((one) => one.id === request.listener);
  const deciding = because('F1', 'a handshake with this four-tuple has begun at its listener');
  return { ...result(packet, holders, listener, 'request', deciding), request: request.id };
}

/** F2, F3: without the table of connections. */
export function lookupFreebsdListener(state: SpecState, packet: SpecPacket): Lookup {
  const holders = inLists(state, packet);
  const isStream = packet.transport === 'tcp';
  const ready = holders.filter(isUnconnected);
  const stage = isStream ? 'listener' : 'datagram';
  const of = (address: string) => ready.filter((one) => one.local.address === address);
  for (const list of [of(packet.dst), of(ANY)]) {
    const group = list.filter((one) => one.options.reusePortLb && (!isStream || one.state === 'LISTEN'));
    if (group.length > 0) return result(packet, holders, group, stage, because('F2'));
  }
  const first = of(packet.dst)[0] ?? of(ANY)[0];
  if (first !== undefined && (!isStream || first.state === 'LISTEN')) {
    return result(packet, holders, [first], stage, because('F3', 'it is the newest of the most specific'));
  }
  if (first !== undefined) {
    const text = `#${first.id} (${endpointText(first.local)}) is met first, and does not listen: RST`;
    return result(packet, holders, [], 'none', because('F3', text));
  }
  return result(packet, holders, [], 'none', because(packet.transport === 'udp' ? 'F6' : 'R6'));
}

/** Sockets on the port that are in the lists at all, the newest first; F13 takes a disconnected one out. */
function inLists(state: SpecState, packet: SpecPacket): SpecSocket[] {
  return holdersOf(state, packet.transport, packet.dstPort)
    .filter((one) => one.order.listed > 0)
    .sort((a, b) => b.order.listed - a.order.listed);
}

function isQuad(socket: SpecSocket, packet: SpecPacket): boolean {
  return (
    socket.local.address === packet.dst &&
    socket.remote?.address === packet.src &&
    socket.remote.port === packet.srcPort
  );
}

/** F5: every match, up to the first that shares nothing; a group only to its members. */
function F5Copies(packet: SpecPacket, holders: readonly SpecSocket[], isGroup: boolean): Lookup {
  const receivers: number[] = [];
  const candidates: Candidate[] = [];
  let isOver = false;
  for (const socket of holders) {
    const rejectedBy = isOver
      ? because('F5', 'an older match shares nothing: the copies end there')
      : F5Mismatch(socket, packet, isGroup);
    candidates.push({ socket: socket.id, score: rejectedBy === null ? 1 : null, rejectedBy });
    if (rejectedBy !== null) continue;
    receivers.push(socket.id);
    const { reuseAddr, reusePort, reusePortLb } = socket.options;
    isOver = !reuseAddr && !reusePort && !reusePortLb;
  }
  return { receivers, allowed: [], stage: 'datagram', request: -1, deciding: because('F5'), candidates };
}

function F5Mismatch(socket: SpecSocket, packet: SpecPacket, isGroup: boolean): Reason | null {
  if (socket.local.address !== ANY && socket.local.address !== packet.dst) {
    return because('F5', `it is bound to ${socket.local.address}`);
  }
  if (
    !isUnconnected(socket) &&
    !(socket.remote?.address === packet.src && socket.remote.port === packet.srcPort)
  ) {
    return because('F5', 'it is connected to somebody else');
  }
  const member = socket.memberships.some((one) => one.group === packet.dst && one.device === packet.device);
  return isGroup && !member ? because('F5', `it has not joined ${packet.dst} on ${packet.device}`) : null;
}

function result(
  packet: SpecPacket,
  holders: readonly SpecSocket[],
  winners: readonly SpecSocket[],
  stage: Lookup['stage'],
  deciding: Reason,
): Lookup {
  const candidates = holders.map((socket): Candidate => {
    const isWinner = winners.some((one) => one.id === socket.id);
    return {
      socket: socket.id,
      score: null,
      rejectedBy: isWinner ? null : rejection(packet, socket, winners[0], deciding),
    };
  });
  const ids = winners.map((one) => one.id);
  return {
    receivers: ids.slice(0, 1),
    allowed: ids.length > 1 ? ids : [],
    stage,
    request: -1,
    deciding,
    candidates,
  };
}

function rejection(
  packet: SpecPacket,
  socket: SpecSocket,
  best: SpecSocket | undefined,
  deciding: Reason,
): Reason {
  if (!isUnconnected(socket) && !isQuad(socket, packet)) return because('F4', 'its four-tuple is another');
  const address = socket.local.address;
  if (address !== ANY && address !== packet.dst) return because('F3', `it is bound to ${address}`);
  if (packet.transport === 'tcp' && isUnconnected(socket) && socket.state !== 'LISTEN') {
    return because('F3', 'it does not listen');
  }
  if (best === undefined) return deciding;
  const name = `#${best.id} (${endpointText(best.local)})`;
  if (deciding.rule === 'F1') return because('F1', `${name} has the exact four-tuple`);
  if (deciding.rule === 'F2')
    return because('F2', `${name} is in a load-balancing group, and these are asked first`);
  const lessSpecific = address === ANY && best.local.address !== ANY;
  return because('F3', lessSpecific ? `${name} is bound to ${packet.dst} itself` : `${name} was bound later`);
}
