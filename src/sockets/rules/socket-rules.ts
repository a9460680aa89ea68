/**
 * What the socket machine asks of a profile other than Linux: who is in the way of whom, and who gets a packet. The
 * machine has Linux's rules built in, in tables that answer at once; these are asked with all sockets of the port.
 */
import type { NetDevice } from '../../link/device.ts';
import type { IpAddress } from '../../packet/ip-address.ts';
import type { SocketProfile } from '../profile.ts';

/** A socket, or a TIME-WAIT record, as rules look at it. */
export interface PortView {
  readonly localAddress: IpAddress;
  /** The wildcard and 0 without a peer. */
  readonly remoteAddress: IpAddress;
  readonly remotePort: number;
  readonly uid: number;
  readonly reuseAddr: boolean;
  readonly reusePort: boolean;
  /** FreeBSD's SO_REUSEPORT_LB */
  readonly reusePortLb: boolean;
  /** Windows' SO_EXCLUSIVEADDRUSE */
  readonly exclusive: boolean;
  readonly isListening: boolean;
  /** TCP */
  readonly isStream: boolean;
  /** FreeBSD: a disconnected UDP socket holds its port, but no lookup finds it (F13). */
  readonly isHidden: boolean;
}

/** The ends of a packet that has arrived; the local port is the one that is asked about. */
export interface Ends {
  readonly local: IpAddress;
  readonly remote: IpAddress;
  readonly remotePort: number;
  readonly device: NetDevice;
}

/** Who gets a packet, and by which rule: `F3: …`. */
export interface Choice<T> {
  readonly socket: T;
  readonly rule: string;
}

/** Chooses one of `count` by the flow, as the system's hash or chance would: 0 to count - 1. */
export type Draw = (count: number) => number;

/** Holders are given newest first. Questions that a profile leaves open throw `UndefinedByProfile`. */
export interface SocketRules {
  readonly profile: SocketProfile;
  /** bind() to a given port. @returns 0, -EADDRINUSE or -EACCES */
  mayBind(newcomer: PortView, holders: readonly PortView[]): number;
  /** bind(0): is the port one that may be given out? */
  isFree(newcomer: PortView, holders: readonly PortView[]): boolean;
  /** connect() without a port: may it be this one? */
  mayConnectFrom(newcomer: PortView, holders: readonly PortView[]): boolean;
  /** Who gets a unicast datagram, or the SYN of a new connection. `isStream`: only listeners can be meant. */
  choose<T extends PortView>(
    holders: readonly T[],
    ends: Ends,
    isStream: boolean,
    draw: Draw,
  ): Choice<T> | null;
  /** Who gets copies of a broadcast or multicast. */
  copies<T extends PortView & GroupMember>(holders: readonly T[], ends: Ends): T[];
  /** The rule by which a segment goes to its connection, a broadcast to all, and a SYN past a TIME-WAIT record. */
  readonly words: { readonly connection: string; readonly copies: string; readonly reopen: string };
}

export interface GroupMember {
  readonly memberships: readonly { readonly group: IpAddress; readonly device: NetDevice }[];
}

export function isConnected(socket: PortView): boolean {
  return socket.remotePort !== 0;
}

export function overlaps(a: PortView, b: PortView): boolean {
  return a.localAddress === b.localAddress || a.localAddress.isUnspecified || b.localAddress.isUnspecified;
}

/** Connected between just these two ends. */
export function isBetween(socket: PortView, { local, remote, remotePort }: Ends): boolean {
  return socket.localAddress === local && socket.remoteAddress === remote && socket.remotePort === remotePort;
}

/** A datagram for these ends fits in everything that the socket has set. */
export function takes(socket: PortView, ends: Ends): boolean {
  if (!socket.localAddress.isUnspecified && socket.localAddress !== ends.local) return false;
  if (!isConnected(socket)) return true;
  return socket.remoteAddress === ends.remote && socket.remotePort === ends.remotePort;
}

export function isMember(socket: GroupMember, group: IpAddress, device: NetDevice): boolean {
  return socket.memberships.some((one) => one.group === group && one.device === device);
}
