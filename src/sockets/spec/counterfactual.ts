/**
 * What would have to be different for somebody else to get the packet: one field of the packet, or one thing about one
 * socket. Found by trying them all, each verified by looking up again.
 */

import { IpAddress } from '../../packet/ip-address.ts';
import { UndefinedByProfile } from '../profile.ts';
import { anyOf, familyOf, isAny } from './address.ts';
import { close } from './close.ts';
import { deliver } from './deliver.ts';
import { isLoopbackDevice } from './host.ts';
import { listen } from './listen.ts';
import { setOption } from './options.ts';
import type { SpecPacket, SpecProfile } from './profile.ts';
import type { Reason } from './rule.ts';
import { holdersOf, type SpecSocket, type SpecState } from './state.ts';

export type Change =
  | {
      readonly kind: 'packet';
      readonly field: PacketField;
      readonly from: string | number;
      readonly to: string | number;
    }
  | {
      readonly kind: 'socket';
      readonly socket: number;
      readonly field: SocketField;
      readonly from: string | boolean | null;
      readonly to: string | boolean | null;
    };

export type SocketField = 'address' | 'device' | 'reusePort' | 'open' | 'listening' | 'v6Only';
export type PacketField = 'src' | 'srcPort' | 'dst' | 'dstPort' | 'device';

export interface Counterfactual {
  readonly change: Change;
  /** Who would get it: all that could, when a hash or chance decides; [] = nobody. */
  readonly winners: readonly number[];
  readonly deciding: Reason;
}

/** Who gets the packet in this state; the set when it is a hash that decides. */
export function winnersOf(
  state: SpecState,
  packet: SpecPacket,
  profile: SpecProfile,
): { readonly winners: readonly number[]; readonly deciding: Reason } {
  const found = deliver(state, packet, profile, FIRST);
  const winners = found.allowed.length > 0 ? found.allowed : found.receivers;
  return { winners: [...winners].sort((a, b) => a - b), deciding: found.reasons[0]! };
}

/** Order of the packet's fields: what is smallest to change comes first. */
const FIELDS: readonly PacketField[] = ['srcPort', 'src', 'device', 'dst', 'dstPort'];

/**
 * All single changes that give another winner, the smallest first: a change by which another socket gets the packet
 * before one by which nobody does; the packet's fields before the sockets'; one line for each different result.
 */
export function counterfactuals(
  state: SpecState,
  packet: SpecPacket,
  profile: SpecProfile,
): Counterfactual[] {
  const now = winnersOf(state, packet, profile).winners.join();
  const found: Counterfactual[] = [];
  const seen = new Set<string>();
  for (const trial of [...packetTrials(state, packet), ...socketTrials(state, packet, profile)]) {
    const result = attempt(trial, profile);
    if (result === null || result.winners.join() === now) continue;
    const kind = trial.change.kind === 'packet' ? trial.change.field : 'socket';
    const key = `${kind} ${result.winners.join()}`;
    if (seen.has(key)) continue;
    seen.add(key);
    found.push({ change: trial.change, ...result });
  }
  return [
    ...found.filter((one) => one.winners.length > 0),
    ...found.filter((one) => one.winners.length === 0),
  ];
}

interface Trial {
  readonly change: Change;
  readonly state: SpecState;
  readonly packet: SpecPacket;
}

const FIRST = {
  port: (allowed: { lowest(): number | null }) => allowed.lowest() ?? 0,
  member: (allowed: readonly number[]) => allowed[0]!,
};

/** null where the profile does not say. */
function attempt(trial: Trial, profile: SpecProfile): ReturnType<typeof winnersOf> | null {
  try {
    return winnersOf(trial.state, trial.packet, profile);
  } catch (error) {
    if (error instanceof UndefinedByProfile) return null;
    throw error;
  }
}

/** Values that occur in the sockets on the host, and one that occurs nowhere. */
function packetTrials(state: SpecState, packet: SpecPacket): Trial[] {
  const sockets = state.sockets.filter((one) => one.transport === packet.transport && one.local.port !== 0);
  const remotes = sockets.flatMap((one) => (one.remote === null ? [] : [one.remote]));
  const near = (name: string) => (name === packet.device ? 0 : isLoopbackDevice(state.host, name) ? 2 : 1);
  const interfaces = [...state.host.interfaces].sort((a, b) => near(a.name) - near(b.name));
  // A link brings nothing for a loopback address (K46).
  const own = interfaces
    .filter((one) => !one.loopback || one.name === packet.device)
    .flatMap((one) => one.addresses.map(({ address }) => address));
  const ofFamily = (address: string) => !isAny(address) && familyOf(address) === familyOf(packet.dst);
  const values: Readonly<Record<PacketField, readonly (string | number)[]>> = {
    srcPort: [...remotes.map((one) => one.port), otherPort(packet.srcPort)],
    src: [...remotes.map((one) => one.address).filter(ofFamily), otherAddress(packet.src)],
    device: interfaces.map((one) => one.name),
    dst: [...sockets.map((one) => one.local.address), ...own].filter(ofFamily),
    dstPort: [...sockets.map((one) => one.local.port), otherPort(packet.dstPort)],
  };
  return FIELDS.flatMap((field) =>
    distinct(values[field])
      .filter((value) => value !== packet[field])
      .map((to) => ({
        change: { kind: 'packet', field, from: packet[field], to } as const,
        state,
        packet: { ...packet, [field]: to },
      })),
  );
}

/** What a program could do to one of its sockets now, done by the calls themselves; and another address, as if from the start. */
function socketTrials(state: SpecState, packet: SpecPacket, profile: SpecProfile): Trial[] {
  return holdersOf(state, packet.transport, packet.dstPort)
    .filter((socket) => socket.life === 'open')
    .flatMap((socket) => [
      ...familyTrials(state, socket, packet),
      ...deviceTrials(state, socket, packet, profile),
      ...addressTrials(state, socket, packet),
      ...optionTrials(state, socket, packet, profile),
      ...listenTrials(state, socket, packet, profile),
      trial(socket, 'open', true, false, packet, close(state, { socket: socket.id }, profile).state),
    ]);
}

function trial(
  socket: SpecSocket,
  field: SocketField,
  from: string | boolean | null,
  to: string | boolean | null,
  packet: SpecPacket,
  state: SpecState,
): Trial {
  return { change: { kind: 'socket', socket: socket.id, field, from, to }, packet, state };
}

function deviceTrials(
  state: SpecState,
  socket: SpecSocket,
  packet: SpecPacket,
  profile: SpecProfile,
): Trial[] {
  return distinct([null, packet.device])
    .filter((device) => device !== socket.device)
    .map((device) => {
      const call = { socket: socket.id, name: 'BINDTODEVICE', value: device ?? '' };
      return trial(socket, 'device', socket.device, device, packet, setOption(state, call, profile).state);
    });
}

function addressTrials(state: SpecState, socket: SpecSocket, packet: SpecPacket): Trial[] {
  if (socket.remote !== null || (socket.family === 4 && familyOf(packet.dst) === 6)) return [];
  return distinct([packet.dst, anyOf(socket.family)])
    .filter((address) => address !== socket.local.address)
    .map((address) => {
      const local = { ...socket.local, address };
      const moved = { ...socket, local, v6Only: isForIpv6Only(socket, address) };
      return trial(socket, 'address', socket.local.address, address, packet, replaced(state, moved));
    });
}

/** L38: bind() to an IPv6 address implies IPV6_V6ONLY; the wildcard leaves it as it was before. */
function isForIpv6Only({ family, v6Only, local }: SpecSocket, address: string): boolean {
  if (familyOf(address) === 4) return false;
  if (!isAny(address)) return true;
  return family === 6 && isAny(local.address) && v6Only;
}

/** IPV6_V6ONLY is set before bind(): as if from the start. */
function familyTrials(state: SpecState, socket: SpecSocket, packet: SpecPacket): Trial[] {
  if (socket.family === 4 || socket.remote !== null || socket.local.address !== anyOf(6)) return [];
  const { v6Only } = socket;
  return [trial(socket, 'v6Only', v6Only, !v6Only, packet, replaced(state, { ...socket, v6Only: !v6Only }))];
}

function replaced(state: SpecState, socket: SpecSocket): SpecState {
  return { ...state, sockets: state.sockets.map((one) => (one.id === socket.id ? socket : one)) };
}

function optionTrials(
  state: SpecState,
  socket: SpecSocket,
  packet: SpecPacket,
  profile: SpecProfile,
): Trial[] {
  if (!socket.options.reusePort) return [];
  const done = setOption(state, { socket: socket.id, name: 'REUSEPORT', value: 0 }, profile);
  return [trial(socket, 'reusePort', true, false, packet, done.state)];
}

function listenTrials(
  state: SpecState,
  socket: SpecSocket,
  packet: SpecPacket,
  profile: SpecProfile,
): Trial[] {
  if (socket.transport !== 'tcp' || socket.state !== 'CLOSED') return [];
  try {
    const done = listen(state, { socket: socket.id, backlog: 1 }, profile, FIRST);
    return done.outcome === 0 ? [trial(socket, 'listening', false, true, packet, done.state)] : [];
  } catch (error) {
    if (error instanceof UndefinedByProfile) return [];
    throw error;
  }
}

function otherPort(port: number): number {
  return port === 65535 ? 65534 : port + 1;
}

/** A neighbour of the same network, roughly: the last bit flipped. */
function otherAddress(address: string): string {
  const { family, w0, w1, w2, w3 } = IpAddress.parse(address);
  const last = (w3 ^ 1) >>> 0;
  return (family === 4 ? IpAddress.v4(last) : IpAddress.v6(w0, w1, w2, last)).toString();
}

function distinct<T>(values: readonly T[]): T[] {
  return [...new Set(values)];
}
