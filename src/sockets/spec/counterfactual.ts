/**
 * What would have to be different for somebody else to get the packet: one field of the packet, or one thing about one
 * socket. Found by trying them all, each verified by looking up again.
 */

import { UndefinedByProfile } from '../profile.ts';
import { close } from './close.ts';
import { deliver } from './deliver.ts';
import { isLoopbackDevice } from './host.ts';
import { listen } from './listen.ts';
import type { SpecPacket, SpecProfile } from './profile.ts';
import type { Reason } from './rule.ts';
import { ANY, holdersOf, type SpecSocket, type SpecState } from './state.ts';

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
      readonly field: 'address' | 'device' | 'reusePort' | 'open' | 'listening';
      readonly from: string | boolean | null;
      readonly to: string | boolean | null;
    };

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
  const own = interfaces.flatMap((one) => one.addresses.map(({ address }) => address));
  const values: Readonly<Record<PacketField, readonly (string | number)[]>> = {
    srcPort: [...remotes.map((one) => one.port), otherPort(packet.srcPort)],
    src: [...remotes.map((one) => one.address), otherAddress(packet.src)],
    device: interfaces.map((one) => one.name),
    dst: [...sockets.map((one) => one.local.address).filter((one) => one !== ANY), ...own],
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

function socketTrials(state: SpecState, packet: SpecPacket, profile: SpecProfile): Trial[] {
  const trials: Trial[] = [];
  for (const socket of holdersOf(state, packet.transport, packet.dstPort)) {
    const { id } = socket;
    const add = (
      field: 'address' | 'device' | 'reusePort',
      from: string | boolean | null,
      to: string | boolean | null,
      changed: Partial<SpecSocket>,
    ) =>
      trials.push({
        change: { kind: 'socket', socket: id, field, from, to },
        packet,
        state: replaced(state, { ...socket, ...changed }),
      });
    for (const device of distinct([null, packet.device])) {
      if (device !== socket.device) add('device', socket.device, device, { device });
    }
    if (socket.life === 'open' && socket.remote === null) {
      for (const address of distinct([packet.dst, ANY])) {
        const local = { ...socket.local, address };
        if (address !== socket.local.address) add('address', socket.local.address, address, { local });
      }
    }
    if (socket.options.reusePort) {
      add('reusePort', true, false, { options: { ...socket.options, reusePort: false } });
    }
    if (socket.transport === 'tcp' && socket.state === 'CLOSED' && socket.life === 'open') {
      const done = listen(state, { socket: id, backlog: 1 }, profile, FIRST);
      const change = { kind: 'socket', socket: id, field: 'listening', from: false, to: true } as const;
      if (done.outcome === 0) trials.push({ change, packet, state: done.state });
    }
    if (socket.life === 'open') {
      const closed = close(state, { socket: id }, profile).state;
      trials.push({
        change: { kind: 'socket', socket: id, field: 'open', from: true, to: false },
        packet,
        state: closed,
      });
    }
  }
  return trials;
}

function replaced(state: SpecState, socket: SpecSocket): SpecState {
  return { ...state, sockets: state.sockets.map((one) => (one.id === socket.id ? socket : one)) };
}

function otherPort(port: number): number {
  return port === 65535 ? 65534 : port + 1;
}

/** A neighbour of the same network, roughly: the last bit flipped. */
function otherAddress(address: string): string {
  const dot = address.lastIndexOf('.') + 1;
  return `${address.slice(0, dot)}${Number(address.slice(dot)) ^ 1}`;
}

function distinct<T>(values: readonly T[]): T[] {
  return [...new Set(values)];
}
