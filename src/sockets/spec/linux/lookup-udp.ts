/**
 * Linux: which UDP socket gets a datagram. L27: connected sockets by their four-tuple, then the sockets on the very
 * address, then those on any address; L28 scores them, L8 and L30 say what a SO_REUSEPORT group does to that, L31
 * copies broadcasts and multicasts.
 */
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

/** Points for each thing that a socket has set and that matches. */
const POINT = 4;
const BASE = 2;
/** With more sockets on the port than this, the lookup for a sole multicast receiver is not tried (L32). */
const EARLY = 10;

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
  return holders
    .filter((one) => one.local.address === address)
    .sort((a, b) => b.order.listed - a.order.listed);
}

interface Found {
  readonly winners: readonly SpecSocket[];
  readonly deciding: Reason;
}

/** One list: a strictly higher score replaces; the first better one in a SO_REUSEPORT group hands over to its group. */
function search(state: SpecState, packet: SpecPacket, list: readonly SpecSocket[]): Found | null {
  let best = 0;
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
  const where = list[0]?.local.address === ANY ? 'any address' : packet.dst;
  if (scores.length === 1) return `it is the only socket bound to ${where} that matches`;
  const equals = scores.filter((one) => one === score).length;
  if (equals === 1) return `score ${score} is the highest among the sockets bound to ${where}`;
  return `${equals} sockets bound to ${where} have score ${score}, and it is the newest of them`;
}

/** L28: null = does not match. */
export function L28Score(socket: SpecSocket, packet: SpecPacket): number | null {
  if (L28Mismatch(socket, packet) !== null) return null;
  let score = BASE;
  if (isSet(socket.remote?.address)) score += POINT;
  if ((socket.remote?.port ?? 0) !== 0) score += POINT;
  if (socket.device !== null) score += POINT;
  return score;
}

/** The field by which a socket is out of the question; the local address is judged by the list it is in. */
function L28Mismatch(socket: SpecSocket, packet: SpecPacket): Reason | null {
  const remote = socket.remote;
  if (remote !== null && isSet(remote.address) && remote.address !== packet.src) {
    return because('L28', `it is connected to ${remote.address}, not ${packet.src}`);
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
    isGroup && !isOwn && receivers.length === 1 && holders.length <= EARLY ? receivers[0] : undefined;
  const socket = only === undefined ? undefined : socketById(state, only);
  const members = socket === undefined || socket.state === 'ESTABLISHED' ? [] : L8Free(state, socket.group);
  if (members.length < 2 || socket?.options.reusePort !== true) {
    return { ...lookup, allowed: [], deciding: because('L31') };
  }
  // L32: the sole match is found before the lookup proper, and its group may still hand the datagram to another member.
  return { ...lookup, allowed: members.map((one) => one.id), deciding: because('L32', groupText(members)) };
}

function L31Mismatch(socket: SpecSocket, packet: SpecPacket, isGroup: boolean): Reason | null {
  if (socket.local.address !== ANY && socket.local.address !== packet.dst) {
    return because('L31', `it is bound to ${socket.local.address}, not to any address or ${packet.dst}`);
  }
  const mismatch = L28Mismatch(socket, packet);
  if (mismatch !== null) return because('L31', mismatch.text);
  const member = socket.memberships.some((one) => one.group === packet.dst && one.device === packet.device);
  if (isGroup && !member && !socket.options.multicastAll) {
    return because('L31', `it has not joined ${packet.dst} on ${packet.device} and IP_MULTICAST_ALL is off`);
  }
  return null;
}

/** Does the host listen to the group on that interface at all? */
function isJoined(state: SpecState, packet: SpecPacket): boolean {
  if (packet.dst === '224.0.0.1') return true;
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
  if (address !== ANY && address !== packet.dst) {
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
  if (socket.local.address === ANY && best.local.address !== ANY) {
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
  return `${packet.src}:${packet.srcPort}`;
}

function isSet(address: string | undefined): boolean {
  return address !== undefined && address !== ANY;
}
