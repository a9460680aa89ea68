/**
 * Linux: which TCP socket gets a segment. L2: connections, half-open ones and TIME-WAIT by their exact four-tuple; L4:
 * then listeners, those on the very address before those on any; L5 and L6 decide inside one list.
 */
import { isAny } from '../address.ts';
import type { Candidate, Lookup, SpecPacket } from '../profile.ts';
import { because, type Reason } from '../rule.ts';
import {
  ANY,
  endpointText,
  holdersOf,
  type SpecRequest,
  type SpecSocket,
  type SpecState,
  socketById,
} from '../state.ts';
import { isListedAt, L7Family, L38OtherFamily } from './dual-stack.ts';

export function lookupTcp(state: SpecState, packet: SpecPacket): Lookup {
  const holders = holdersOf(state, 'tcp', packet.dstPort);
  const connection = L2Connection(packet, holders);
  const request = L2Request(state, packet);
  if (request !== null && (connection === null || request.order > connection.order.connected)) {
    const listener = socketById(state, request.listener);
    const winners = listener === undefined ? [] : [listener];
    const deciding = because('L2', 'a handshake with this four-tuple has begun at its listener');
    return { ...result(packet, holders, winners, 'request', deciding), request: request.id };
  }
  if (connection !== null) {
    const stage = connection.life === 'time-wait' ? 'time-wait' : 'connection';
    return result(packet, holders, [connection], stage, because('L2', 'it has this very four-tuple'));
  }
  return lookupListener(state, packet);
}

/** L4: without the table of connections; for a SYN that TIME-WAIT lets through, too. */
export function lookupListener(state: SpecState, packet: SpecPacket): Lookup {
  const holders = holdersOf(state, 'tcp', packet.dstPort);
  const found = L5Best(state, packet, holders, packet.dst) ?? L5Best(state, packet, holders, ANY);
  if (found === null) return result(packet, holders, [], 'none', because('L10'));
  return result(packet, holders, found.winners, 'listener', found.deciding);
}

/** L2: the newest, should a device-bound and an unbound one share the four-tuple. */
function L2Connection(packet: SpecPacket, holders: readonly SpecSocket[]): SpecSocket | null {
  const found = holders
    .filter((one) => one.order.connected > 0 && isQuad(one, packet) && L5DeviceFits(one, packet))
    .sort((a, b) => b.order.connected - a.order.connected);
  return found[0] ?? null;
}

/** Half-open handshakes are in the same table. */
function L2Request(state: SpecState, packet: SpecPacket): SpecRequest | null {
  const found = state.requests
    .filter(
      (one) =>
        one.local.address === packet.dst &&
        one.local.port === packet.dstPort &&
        one.remote.address === packet.src &&
        one.remote.port === packet.srcPort &&
        (one.device === null || one.device === packet.device),
    )
    .sort((a, b) => b.order - a.order);
  return found[0] ?? null;
}

interface Found {
  readonly winners: readonly SpecSocket[];
  readonly deciding: Reason;
}

/** L5: one list of listeners, the newest listen() first; a strictly higher score replaces; L6: a group ends the search. */
function L5Best(
  state: SpecState,
  packet: SpecPacket,
  holders: readonly SpecSocket[],
  address: string,
): Found | null {
  const list = holders
    .filter(
      (one) => one.state === 'LISTEN' && isListedAt(one, address) && L38OtherFamily(one, packet) === null,
    )
    .sort((a, b) => b.order.listening - a.order.listening);
  let best = 0;
  let found: Found | null = null;
  for (const listener of list) {
    const score = L5Score(listener, packet);
    if (score === null || score <= best) continue;
    const members = listener.options.reusePort ? L8Members(state, listener.group) : [];
    if (members.length > 0)
      return { winners: members, deciding: because(members.length > 1 ? 'L8' : 'L6', groupText(members)) };
    best = score;
    found = {
      winners: [listener],
      deciding: because('L5', L5Text(packet, list, score)),
    };
  }
  return found;
}

function L5Text(packet: SpecPacket, list: readonly SpecSocket[], score: number): string {
  const scores = list.map((one) => L5Score(one, packet)).filter((one) => one !== null);
  const where = isAny(list[0]?.local.address ?? ANY) ? 'any address' : packet.dst;
  if (scores.length === 1) return `it is the only listener on ${where} that matches`;
  const equals = scores.filter((one) => one === score).length;
  if (equals === 1) return `score ${score} is the highest among the listeners on ${where}`;
  return `${equals} listeners on ${where} have score ${score}, and it began to listen last`;
}

/** L5, L7: 2 for AF_INET, 1 for AF_INET6, 1 more for a device; null = does not match. */
export function L5Score(listener: SpecSocket, packet: SpecPacket): number | null {
  if (!L5DeviceFits(listener, packet) || L38OtherFamily(listener, packet) !== null) return null;
  return L7Family(listener) + (listener.device === null ? 0 : 1);
}

function L5DeviceFits(socket: SpecSocket, packet: SpecPacket): boolean {
  return socket.device === null || socket.device === packet.device;
}

function L8Members(state: SpecState, group: number): SpecSocket[] {
  return (state.groups[group]?.members ?? [])
    .map((id) => socketById(state, id))
    .filter((one) => one !== undefined);
}

function isQuad(socket: SpecSocket, packet: SpecPacket): boolean {
  return (
    socket.local.address === packet.dst &&
    socket.remote?.address === packet.src &&
    socket.remote.port === packet.srcPort
  );
}

function result(
  packet: SpecPacket,
  holders: readonly SpecSocket[],
  winners: readonly SpecSocket[],
  stage: Lookup['stage'],
  deciding: Reason,
): Lookup {
  return {
    receivers: winners.slice(0, 1).map((one) => one.id),
    allowed: winners.length > 1 ? winners.map((one) => one.id) : [],
    stage,
    request: -1,
    deciding,
    candidates: holders.map((socket) => judged(packet, socket, winners, deciding)),
  };
}

function judged(
  packet: SpecPacket,
  socket: SpecSocket,
  winners: readonly SpecSocket[],
  deciding: Reason,
): Candidate {
  const score = socket.state === 'LISTEN' ? L5Score(socket, packet) : null;
  if (winners.some((one) => one.id === socket.id)) return { socket: socket.id, score, rejectedBy: null };
  const mismatch = mismatchOf(packet, socket);
  if (mismatch !== null) return { socket: socket.id, score: null, rejectedBy: mismatch };
  return { socket: socket.id, score, rejectedBy: beaten(packet, socket, winners[0], deciding) };
}

function mismatchOf(packet: SpecPacket, socket: SpecSocket): Reason | null {
  if (socket.state !== 'LISTEN') {
    if (socket.order.connected === 0)
      return because('L4', 'it is bound, but neither listens nor is connected');
    if (!isQuad(socket, packet)) {
      const peer = socket.remote === null ? '' : endpointText(socket.remote);
      return because('L2', `its four-tuple is another: ${endpointText(socket.local)} with ${peer}`);
    }
  } else {
    const { address } = socket.local;
    if (!isAny(address) && address !== packet.dst)
      return because('L4', `it listens on ${address}, the segment is for ${packet.dst}`);
    const other = L38OtherFamily(socket, packet);
    if (other !== null) return other;
  }
  if (L5DeviceFits(socket, packet)) return null;
  return because('L5', `it is bound to ${socket.device}, the segment came by ${packet.device}`);
}

function beaten(
  packet: SpecPacket,
  socket: SpecSocket,
  best: SpecSocket | undefined,
  deciding: Reason,
): Reason {
  if (best === undefined) return because('L10');
  const name = `#${best.id} (${endpointText(best.local)})`;
  if (deciding.rule === 'L2') return because('L2', `${name} has this very four-tuple and is found first`);
  if (isAny(socket.local.address) && !isAny(best.local.address)) {
    return because(
      'L4',
      `${name} listens on ${packet.dst} itself; listeners on any address are asked after those`,
    );
  }
  if (deciding.rule === 'L8' || deciding.rule === 'L6') {
    return because('L6', `${name}, with SO_REUSEPORT, began to listen later and ends the search`);
  }
  const own = L5Score(socket, packet) ?? 0;
  const other = L5Score(best, packet) ?? 0;
  if (own < other) return because('L5', `score ${own}, and ${name} has ${other}`);
  return because('L5', `score ${own} like ${name}, which began to listen later`);
}

function groupText(members: readonly SpecSocket[]): string {
  const names = members.map((one) => one.id).join(', ');
  return members.length === 1
    ? 'it has SO_REUSEPORT and is met first, and that ends the search'
    : `the hash of the four-tuple chooses among the SO_REUSEPORT group of sockets ${names}`;
}
