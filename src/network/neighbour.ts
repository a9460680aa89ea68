/** One entry of the neighbour table (RFC 4861 7.3.2; for ARP as Linux keeps it, arp(7)): an address, its MAC, a state. */

import type { IpAddress } from '../packet/ip-address.ts';
import { type MacAddress, ZERO_MAC } from '../packet/mac-address.ts';
import { type Nanos, NEVER } from '../sim/time.ts';
import type { Interface } from './interface.ts';
import type { NeighbourConfig } from './interface-config.ts';
import type { IpPacket } from './ip-packet.ts';
import type { PacketOrigin } from './packet-origin.ts';

/** States, with the kernel's bits so that sets of them can be tested at once. */
export const NUD_NONE = 0;
export const NUD_INCOMPLETE = 1;
export const NUD_REACHABLE = 2;
export const NUD_STALE = 4;
export const NUD_DELAY = 8;
export const NUD_PROBE = 16;
export const NUD_FAILED = 32;
export const NUD_NOARP = 64;
export const NUD_PERMANENT = 128;

/** The MAC is good without further ado. */
export const NUD_CONNECTED = NUD_PERMANENT | NUD_NOARP | NUD_REACHABLE;
/** There is a MAC to send to. */
export const NUD_VALID = NUD_CONNECTED | NUD_STALE | NUD_DELAY | NUD_PROBE;
/** A timer runs. */
export const NUD_IN_TIMER = NUD_INCOMPLETE | NUD_REACHABLE | NUD_DELAY | NUD_PROBE;

const NAMES = {
  NONE: NUD_NONE,
  INCOMPLETE: NUD_INCOMPLETE,
  REACHABLE: NUD_REACHABLE,
  STALE: NUD_STALE,
  DELAY: NUD_DELAY,
  PROBE: NUD_PROBE,
  FAILED: NUD_FAILED,
  NOARP: NUD_NOARP,
  PERMANENT: NUD_PERMANENT,
} as const;

/** As `ip neigh` prints them. */
export type NeighbourState = keyof typeof NAMES;

const STATE_NAMES = new Map<number, NeighbourState>(
  Object.entries(NAMES).map(([name, bit]) => [bit, name as NeighbourState]),
);

export function neighbourStateName(state: number): NeighbourState {
  return STATE_NAMES.get(state) ?? 'NONE';
}

export function neighbourStateBit(name: NeighbourState): number {
  return NAMES[name];
}

/** A packet that waits for the MAC. */
export interface QueuedPacket {
  readonly packet: IpPacket;
  readonly origin: PacketOrigin;
  /** Memory that it holds, bytes. */
  readonly bytes: number;
}

export class Neighbour {
  readonly address: IpAddress;
  readonly iface: Interface;
  /** The parameters of its family on its interface. */
  readonly config: NeighbourConfig;
  state: number = NUD_NONE;
  mac: MacAddress = ZERO_MAC;
  /** `state` is in NUD_CONNECTED: frames may go to `mac` at once. */
  isConnected = false;
  /** Taken out of the table: look it up again. */
  isDead = false;
  /** Last change of state or MAC. */
  updated: Nanos;
  /** Last proof that the MAC is right. */
  confirmed: Nanos;
  /** Last packet that was not sent in a connected state. */
  used: Nanos;
  /** Requests sent since the last answer. */
  probes = 0;
  queue: QueuedPacket[] = [];
  queueBytes = 0;
  /** When the state machine acts next, and for when an event is queued. */
  deadline: Nanos = NEVER;
  queuedAt: Nanos = NEVER;

  constructor(address: IpAddress, iface: Interface, config: NeighbourConfig, now: Nanos) {
    this.address = address;
    this.iface = iface;
    this.config = config;
    this.updated = now;
    this.used = now;
    this.confirmed = now - 2 * config.baseReachableTime;
  }

  setState(state: number): void {
    this.state = state;
    this.isConnected = (state & NUD_CONNECTED) !== 0;
  }
}
