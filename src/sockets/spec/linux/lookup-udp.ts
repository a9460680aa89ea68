/**
 * Linux: which UDP socket gets a datagram. L27: connected sockets by their four-tuple, then the sockets on the very
 * address, then those on any address; L28 scores them, L8 and L30 say what a SO_REUSEPORT group does to that, L31
 * copies broadcasts and multicasts.
 */
import { endText, familyOf, isAny } from '../address.ts';
import { arrivesAs, kindOf } from '../host.ts';
import type { Candidate, Lookup, SpecPacket } from '../profile.ts';
import { because, type Reason } from '../rule.ts';
import {
  ANY,
  endpointText,
  holdersOf,
  quadKey,
  type SpecSocket,
  type SpecState,
  socketById,
} from '../state.ts';
import { isListedAt, L7Family, L38OtherFamily } from './dual-stack.ts';

/** With more sockets on the port than this, the lookup for a sole receiver of an IPv4 group is not tried (L32). */
const EARLY = 10;
/** Groups that every host is in. */
const ALL_HOSTS = ['224.0.0.1', 'ff02::1', 'ff01::1'];

export function lookupUdp(state: SpecState, packet: SpecPacket): Lookup {
  const kind = arrivesAs(state.host, packet);
  const holders = holdersOf(state, 'udp', packet.dstPort);
  if (kind === 'broadcast' || kind === 'multicast') return L31Copies(state, packet, holders);
  return L27Unicast(state, packet, holders);
}

function L27Unicast(state: SpecState, packet: SpecPacket, holders: readonly SpecSocket[]): Lookup {
  const isOwn = kindOf(state.host, packet.src) === 'local';
  const early = isOwn ? null : L32FirstOfList(packet, holders);
  if (early !== null)
    return won(packet, holders, [early], because('L27', `it is connected to ${sender(packet)}`));
  const connected = L27Connected(packet, holders);
  if (connected !== null) {
    return won(packet, holders, [connected], because('L27', `it is connected to ${sender(packet)}`));
  }
  const specific = search(state, packet, listAt(holders, packet.dst));
  if (specific !== null) return won(packet, holders, specific.winners, specific.deciding);
  const wildcard = search(state, packet, listAt(holders, ANY));
  if (wildcard !== null) return won(packet, holders, wildcard.winners, wildcard.deciding);
  return won(packet, holders, [], because('L33'));
}

/**
 * L32: a shortcut before the lookup proper, for packets from the wire: the newest socket of the list, if it is connected
 * to just this sender.
 */
function L32FirstOfList(packet: SpecPacket, holders: readonly SpecSocket[]): SpecSocket | null {
  const first = listAt(holders, packet.dst)[0];
  return first !== undefined && isForQuad(first, packet) ? first : null;
}

/** L27 (a): the table of connected sockets; the latest to connect wins (T4). */
function L27Connected(packet: SpecPacket, holders: readonly SpecSocket[]): SpecSocket | null {
  const slot = quadKey(
    { address: packet.dst, port: packet.dstPort },
    { address: packet.src, port: packet.srcPort },
  );
  const found = holders
    .filter((one) => one.quadSlot === slot && isForQuad(one, packet))
    .sort((a, b) => b.order.connected - a.order.connected);
  return found[0] ?? null;
}

function isForQuad(socket: SpecSocket, packet: SpecPacket): boolean {
  return (
    socket.local.address === packet.dst &&
    socket.remote?.address === packet.src &&
    socket.remote.port === packet.srcPort &&
    (socket.device === null || socket.device === packet.device)
  );
}

/** The list of one address, the socket that entered it last first. */
function listAt(holders: readonly SpecSocket[], address: string): SpecSocket[] {
  return holders.filter((one) => isListedAt(one, address)).sort((a, b) => b.order.listed - a.order.listed);
}

interface Found {
  readonly winners: readonly SpecSocket[];
  readonly deciding: Reason;
}

/** One list: a strictly higher score replaces; the first better one in a SO_REUSEPORT group hands over to its group. */
function search(state: SpecState, packet: SpecPacket, list: readonly SpecSocket[]): Found | null {
  let best = -1;
  let found: Found | null = null;
  for (const socket of list) {
    const score = L28Score(socket, packet);
    if (score === null || score <= best) continue;
    best = score;
    const group = state.groups[socket.group];
    const free = socket.options.reusePort ? L8Free(state, socket.group) : [];
    if (socket.state === 'ESTABLISHED' || group === undefined || free.length === 0) {
      found = { winners: [socket], deciding: because('L28', L28Text(packet, list, score)) };
      continue;
    }
    found = { winners: free, deciding: because('L8', groupText(free)) };
    if (!group.hasConnections) return found;
    // L30: the member chosen stands with its own score, and the search goes on.
    best = Math.max(best, ...free.map((one) => L28Score(one, packet) ?? 0));
  }
  return found;
}

function L28Text(packet: SpecPacket, list: readonly SpecSocket[], score: number): string {
  const scores = list.map((one) => L28Score(one, packet)).filter((one) => one !== null);
  const where = isAny(list[0]?.local.address ?? ANY) ? 'any address' : packet.dst;
  if (scores.length === 1) return `it is the only socket bound to ${where} that matches`;
  const equals = scores.filter((one) => one === score).length;
  if (equals === 1) return `score ${score} is the highest among the sockets bound to ${where}`;
  return `${equals} sockets bound to ${where} have score ${score}, and it is the newest of them`;
}

/** L28: of an IPv4 packet 4 for each thing set that matches, beside the family's share (L7); of IPv6 1 each. null = does not match. */
export function L28Score(socket: SpecSocket, packet: SpecPacket): number | null {
  if (L28Mismatch(socket, packet) !== null) return null;
  const isIpv6 = familyOf(packet.dst) === 6;
  const things = [
    !isAny(L28Peer(socket, packet)),
    (socket.remote?.port ?? 0) !== 0,
    socket.device !== null,
  ].filter((isSet) => isSet).length;
  return isIpv6 ? things : L7Family(socket) + 4 * things;
}

/** L28: the peer address that a lookup looks at: of IPv6 the last one there was, also after a disconnect. */
function L28Peer({ lastPeer, remote }: SpecSocket, packet: SpecPacket): string {
  return familyOf(packet.src) === 6 ? lastPeer : (remote?.address ?? ANY);
}

/** The field by which a socket is out of the question; the local address is judged by the list it is in. */
function L28Mismatch(socket: SpecSocket, packet: SpecPacket): Reason | null {
  const family = L38OtherFamily(socket, packet);
  if (family !== null) return family;
  const { remote } = socket;
  const peer = L28Peer(socket, packet);
  if (!isAny(peer) && peer !== packet.src) {
    const verb = remote === null ? 'was' : 'is';
    return because('L28', `it ${verb} connected to ${peer}, not ${packet.src}`);
  }
  if (remote !== null && remote.port !== 0 && remote.port !== packet.srcPort) {
    return because('L28', `it is connected to port ${remote.port}, not ${packet.srcPort}`);
  }
  if (socket.device !== null && socket.device !== packet.device) {
    return because('L28', `it is bound to ${socket.device}, the packet came by ${packet.device}`);
  }
  return null;
}

/** L8: the members that the hash can choose: connected ones are stepped over. */
function L8Free(state: SpecState, group: number): SpecSocket[] {
  return (state.groups[group]?.members ?? [])
    .map((id) => socketById(state, id))
    .filter((one) => one !== undefined)
    .filter((one) => one.state !== 'ESTABLISHED');
}

/** L31: everybody who matches. */
function L31Copies(state: SpecState, packet: SpecPacket, holders: readonly SpecSocket[]): Lookup {
  const isGroup = kindOf(state.host, packet.dst) === 'multicast';
  const joined = !isGroup || isJoined(state, packet);
  const candidates = holders.map((socket): Candidate => {
    const rejectedBy = joined ? L31Mismatch(socket, packet, isGroup) : because('L31', notJoined(packet));
    return { socket: socket.id, score: rejectedBy === null ? 1 : null, rejectedBy };
  });
  const receivers = candidates.filter((one) => one.rejectedBy === null).map((one) => one.socket);
  const lookup = { receivers, stage: 'datagram', request: -1, candidates } as const;
  const isOwn = kindOf(state.host, packet.src) === 'local';
  const only =
    isGroup && !isOwn && familyOf(packet.dst) === 4 && receivers.length === 1 && holders.length <= EARLY
      ? receivers[0]
      : undefined;
  const socket = only === undefined ? undefined : socketById(state, only);
  const members = socket === undefined || socket.state === 'ESTABLISHED' ? [] : L8Free(state, socket.group);
  if (members.length < 2 || socket?.options.reusePort !== true) {
    return { ...lookup, allowed: [], deciding: because('L31') };
  }
  // L32: the sole match is found before the lookup proper, and its group may still hand the datagram to another member.
  return { ...lookup, allowed: members.map((one) => one.id), deciding: because('L32', groupText(members)) };
}

function L31Mismatch(socket: SpecSocket, packet: SpecPacket, isGroup: boolean): Reason | null {
  if (!isAny(socket.local.address) && socket.local.address !== packet.dst) {
    return because('L31', `it is bound to ${socket.local.address}, not to any address or ${packet.dst}`);
  }
  const mismatch = L28Mismatch(socket, packet);
  if (mismatch !== null) return mismatch.rule === 'L28' ? because('L31', mismatch.text) : mismatch;
  const member = socket.memberships.some((one) => one.group === packet.dst && one.device === packet.device);
  const { multicastAll, multicastAll6 } = socket.options;
  const takesAll = familyOf(packet.dst) === 6 ? multicastAll6 : multicastAll;
  if (isGroup && !member && !takesAll) {
    return because('L31', `it has not joined ${packet.dst} on ${packet.device} and IP_MULTICAST_ALL is off`);
  }
  return null;
}

/** Does the host listen to the group on that interface at all? */
function isJoined(state: SpecState, packet: SpecPacket): boolean {
  if (ALL_HOSTS.includes(packet.dst)) return true;
  return state.sockets.some((socket) =>
    socket.memberships.some((one) => one.group === packet.dst && one.device === packet.device),
  );
}

function notJoined(packet: SpecPacket): string {
  return `nobody on this host has joined ${packet.dst} on ${packet.device}`;
}

function won(
  packet: SpecPacket,
  holders: readonly SpecSocket[],
  winners: readonly SpecSocket[],
  deciding: Reason,
): Lookup {
  const candidates = holders.map((socket) => judged(packet, socket, winners, deciding));
  return {
    receivers: winners.slice(0, 1).map((one) => one.id),
    allowed: winners.length > 1 ? winners.map((one) => one.id) : [],
    stage: winners.length > 0 ? 'datagram' : 'none',
    request: -1,
    deciding,
    candidates,
  };
}

/** What became of one socket on the port, in the light of who won. */
function judged(
  packet: SpecPacket,
  socket: SpecSocket,
  winners: readonly SpecSocket[],
  deciding: Reason,
): Candidate {
  const best = winners[0];
  if (winners.some((one) => one.id === socket.id)) {
    return { socket: socket.id, score: L28Score(socket, packet), rejectedBy: null };
  }
  const address = socket.local.address;
  if (!isAny(address) && address !== packet.dst) {
    const text = `it is bound to ${address}, the packet is for ${packet.dst}`;
    return { socket: socket.id, score: null, rejectedBy: because('L28', text) };
  }
  const mismatch = L28Mismatch(socket, packet);
  if (mismatch !== null) return { socket: socket.id, score: null, rejectedBy: mismatch };
  return {
    socket: socket.id,
    score: L28Score(socket, packet),
    rejectedBy: beaten(packet, socket, best, deciding),
  };
}

function beaten(
  packet: SpecPacket,
  socket: SpecSocket,
  best: SpecSocket | undefined,
  deciding: Reason,
): Reason {
  if (best === undefined) return because('L33');
  const name = `#${best.id} (${endpointText(best.local)})`;
  if (isAny(socket.local.address) && !isAny(best.local.address)) {
    return because(
      'L27',
      `${name} is bound to ${packet.dst} itself; sockets on any address are asked after those`,
    );
  }
  const own = L28Score(socket, packet) ?? 0;
  const other = L28Score(best, packet) ?? 0;
  if (deciding.rule === 'L8') return because('L8', `${name}'s group is met first and takes the datagram`);
  if (own < other) return because('L28', `score ${own}, and ${name} has ${other}`);
  if (deciding.rule === 'L27') return because('L27', `${name} is found first by its four-tuple`);
  return because('L28', `score ${own} like ${name}, which was bound later`);
}

function groupText(members: readonly SpecSocket[]): string {
  const names = members.map((one) => one.id).join(', ');
  return members.length === 1
    ? 'it is the only free member of its SO_REUSEPORT group'
    : `the hash of the four-tuple chooses among the SO_REUSEPORT group of sockets ${names}`;
}

function sender(packet: SpecPacket): string {
  return endText(packet.src, packet.srcPort);
}
