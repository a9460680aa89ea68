/**
 * Windows, as Microsoft documents it: the table of first and second bind (W0) for Windows Server 2003 and later, or for
 * XP and older; W1: after a forced share it is not determined who receives. Which of several matches is better comes
 * from the netsem specification (N3 to N5). The rest is not defined.
 */
import { UndefinedByProfile } from '../../profile.ts';
import { WINDOWS } from '../../profiles.ts';
import { kindOf } from '../host.ts';
import { manyHosts, privilege, R18Family, R18Length, R18Local, R18Unbound } from '../other-systems/bind.ts';
import { R5QuadHolder } from '../other-systems/quad.ts';
import { portChoice } from '../port-choice.ts';
import type { Candidate, Lookup, PortVerdict, SpecPacket, SpecProfile } from '../profile.ts';
import { because } from '../rule.ts';
import {
  ANY,
  endpointText,
  holdersOf,
  overlap,
  requestBetween,
  type SpecSocket,
  type SpecState,
} from '../state.ts';

/** Rows: first bind (default, REUSEADDR, EXCLUSIVE; wildcard, specific); columns: second. S ok, I in use, A access. */
type Table = Readonly<Record<string, string>>;

const XP: Table = { Dw: 'IISSII', Ds: 'IISSII', Rw: 'IISSII', Rs: 'IISSII', Ew: 'IIAAII', Es: 'IIAAII' };
const SAME_USER: Table = {
  Dw: 'ISASIS',
  Ds: 'SISAII',
  Rw: 'ISSSIS',
  Rs: 'SISSII',
  Ew: 'IAAAIA',
  Es: 'SISAII',
};
const OTHER_USER: Table = {
  Dw: 'IAAAIA',
  Ds: 'SISAII',
  Rw: 'IASSIA',
  Rs: 'SISSII',
  Ew: 'IAAAIA',
  Es: 'SISAII',
};
const COLUMNS = ['Dw', 'Ds', 'Rw', 'Rs', 'Ew', 'Es'];

/** @param version '2003' for Windows Server 2003 and everything later, or 'xp' for what came before */
export function makeWindows(version: '2003' | 'xp' = '2003'): SpecProfile {
  return {
    ...WINDOWS,
    bindChecks: [
      R18Length,
      R18Family,
      R18Local,
      manyHosts(() => windows),
      R18Unbound,
      privilege(
        () => windows,
        (text) => because('N7', text),
      ),
    ],
    mayBind: (state, socket) => W0Table(state, socket, version),
    freePorts: (state, socket) => {
      const usable = (port: number) =>
        holdersOf(state, socket.transport, port).every(
          (one) => !overlap(one.local.address, socket.local.address),
        );
      return { choice: portChoice([range(state)], usable), reason: because('W1', 'ports above 49151') };
    },
    connectPorts: (state, socket) => {
      const usable = (port: number) => holdersOf(state, socket.transport, port).length === 0;
      return { choice: portChoice([range(state)], usable), reason: because('W1', 'ports above 49151') };
    },
    quadHolder: R5QuadHolder,
    lookup: N3Lookup,
    lookupListener: () => {
      throw new UndefinedByProfile('windows', 'what a new SYN does to a TIME-WAIT connection');
    },
    portTaken: () => {},
    portReleased: () => {},
    addressMoved: () => {},
    deviceChanged: () => {},
    startedListening: () => {},
    stoppedListening: () => {},
    udpConnected: () => {},
    udpDisconnected: () => {},
  };
}

export const windows: SpecProfile = makeWindows();

function range(state: SpecState): { first: number; step: number; count: number } {
  const [first, last] = state.host.portRange ?? [49152, 65535];
  return { first, step: 1, count: last - first + 1 };
}

/** W0: the first holder that the table does not let pass decides. */
function W0Table(state: SpecState, socket: SpecSocket, version: '2003' | 'xp'): PortVerdict {
  for (const holder of holdersOf(state, socket.transport, socket.local.port)) {
    if (holder.id === socket.id || isApart(holder, socket)) continue;
    const table = version === 'xp' ? XP : holder.uid === socket.uid ? SAME_USER : OTHER_USER;
    const letter = table[cellOf(holder)]?.[COLUMNS.indexOf(cellOf(socket))] ?? 'I';
    if (letter === 'S') continue;
    const text = `first bind ${cellOf(holder)} (#${holder.id}, ${endpointText(holder.local)}), second ${cellOf(socket)}`;
    const errno = letter === 'A' ? 'EACCES' : 'EADDRINUSE';
    return { refusal: { errno, reasons: [because('W0', text)] }, reasons: [] };
  }
  return { refusal: null, reasons: [because('W0')] };
}

/** W1: different specific addresses never conflict. */
function isApart(a: SpecSocket, b: SpecSocket): boolean {
  return a.local.address !== ANY && b.local.address !== ANY && a.local.address !== b.local.address;
}

function cellOf({ options, local }: SpecSocket): string {
  const kind = options.exclusive ? 'E' : options.reuseAddr ? 'R' : 'D';
  return `${kind}${local.address === ANY ? 'w' : 's'}`;
}

/** N3: 4 for the full four-tuple, 3 without the remote port, 2 for the local address, 1 for the port only. */
function N3Score(socket: SpecSocket, packet: SpecPacket): number {
  if (socket.local.address !== ANY && socket.local.address !== packet.dst) return 0;
  if (socket.remote === null || socket.remote.port === 0) {
    const mayReceive = packet.transport === 'udp' || socket.state === 'LISTEN';
    return mayReceive ? (socket.local.address === ANY ? 1 : 2) : 0;
  }
  return socket.remote.address === packet.src && socket.remote.port === packet.srcPort ? 4 : 0;
}

/** W1: a multicast goes to all members. */
function isMember(socket: SpecSocket, packet: SpecPacket): boolean {
  return socket.memberships.some((one) => one.group === packet.dst && one.device === packet.device);
}

function N3Lookup(state: SpecState, packet: SpecPacket): Lookup {
  const kind = kindOf(state.host, packet.dst);
  const scored = holdersOf(state, packet.transport, packet.dstPort).map((socket) => ({
    socket,
    score: N3Score(socket, packet),
  }));
  const [local, remote] = [
    { address: packet.dst, port: packet.dstPort },
    { address: packet.src, port: packet.srcPort },
  ];
  const isConnected = scored.some((one) => one.score === 4);
  const request = packet.transport === 'tcp' && !isConnected ? requestBetween(state, local, remote) : null;
  if (request !== null) {
    const deciding = because('N3', 'a handshake with this four-tuple has begun at its listener');
    return {
      receivers: [request.listener],
      allowed: [],
      stage: 'request',
      request: request.id,
      deciding,
      candidates: [],
    };
  }
  const isGroup = kind === 'multicast';
  const best = Math.max(0, ...scored.map((one) => one.score));
  const isBest = ({ socket, score }: { socket: SpecSocket; score: number }) =>
    isGroup ? score > 0 && isMember(socket, packet) : score === best && best > 0;
  const matching = scored.filter((one) => one.score > 0).length;
  if (kind === 'broadcast' && packet.transport === 'udp' && matching > 1)
    throw new UndefinedByProfile('windows', `which of ${matching} matching sockets gets a broadcast`);
  const winners = scored.filter(isBest).map((one) => one.socket.id);
  const isShared = winners.length > 1 && !isGroup;
  const candidates = scored.map(({ socket, score }): Candidate => {
    if (winners.includes(socket.id)) return { socket: socket.id, score, rejectedBy: null };
    const beaten = isGroup ? 'it has not joined the group' : `score ${score}, the best is ${best}`;
    const text = score === 0 ? 'it does not match' : beaten;
    return { socket: socket.id, score: score === 0 ? null : score, rejectedBy: because('N3', text) };
  });
  const isConnection = best === 4 && packet.transport === 'tcp';
  const isOver = scored.some((one) => one.score === 4 && one.socket.life === 'time-wait');
  const established = isOver ? 'time-wait' : 'connection';
  const stage = packet.transport === 'udp' ? 'datagram' : isConnection ? established : 'listener';
  return {
    receivers: isGroup ? winners : winners.slice(0, 1),
    allowed: isShared ? winners : [],
    stage: winners.length === 0 ? 'none' : stage,
    request: -1,
    deciding: winners.length === 0 ? because('R6') : because(winners.length > 1 ? 'W1' : 'N3'),
    candidates,
  };
}
