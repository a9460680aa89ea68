/**
 * What a profile brings to the specification: its switches, and its rules as functions. The calls (`bind.ts`,
 * `connect.ts` …) say what happens in which order; a profile says what is in the way and who gets what.
 */
import type { ErrnoName } from '../../network/errno.ts';
import type { SocketProfile } from '../profile.ts';
import type { PortChoice } from './port-choice.ts';
import type { Reason } from './rule.ts';
import type { SpecSocket, SpecState } from './state.ts';
import type { Draft, DraftSocket } from './step.ts';

/** null lets the call through; else its errno and why. */
export type Refusal = { readonly errno: ErrnoName; readonly reasons: readonly Reason[] } | null;

/** The answer to "may this socket have this port?": why not, or what was weighed. */
export interface PortVerdict {
  readonly refusal: Refusal;
  readonly reasons: readonly Reason[];
}

/** A packet that arrives at the host, as far as demultiplexing looks at it. */
export interface SpecPacket {
  readonly transport: 'udp' | 'tcp';
  readonly src: string;
  readonly srcPort: number;
  readonly dst: string;
  readonly dstPort: number;
  /** Interface it arrives on. */
  readonly device: string;
  /** TCP: what the segment is; a bare `syn` opens a connection. */
  readonly flags: 'syn' | 'ack' | 'rst';
  /** TCP SYN to a TIME-WAIT record: its sequence number is beyond the last one received. */
  readonly isNewer: boolean;
}

/** A socket that was looked at, and what became of it. */
export interface Candidate {
  readonly socket: number;
  /** null when it does not match at all. */
  readonly score: number | null;
  /** null for a receiver. */
  readonly rejectedBy: Reason | null;
}

export interface Lookup {
  /** Who gets it: one for unicast, any number for broadcast and multicast, none. */
  readonly receivers: readonly number[];
  /** All that could have been chosen in place of `receivers[0]` by a hash or by chance; [] when only one could. */
  readonly allowed: readonly number[];
  /** What was found for TCP: a connection, a half-open one (`request` is its id), TIME-WAIT, or a listener. */
  readonly stage: 'connection' | 'request' | 'time-wait' | 'listener' | 'datagram' | 'none';
  readonly request: number;
  readonly deciding: Reason;
  readonly candidates: readonly Candidate[];
}

/** Decides what the kernel decides by secret hash or at random. Must return one of what it is given. */
export interface Oracle {
  /** A local port. @param socket that gets it */
  port(allowed: PortChoice, socket: SpecSocket): number;
  /** A member of a SO_REUSEPORT group. */
  member(allowed: readonly number[], packet: SpecPacket): number;
}

export interface SpecProfile extends SocketProfile {
  /** bind(): the checks before conflicts, in their order. */
  readonly bindChecks: readonly BindCheck[];
  /** The same for AF_INET6; absent where the profile has no IPv6. */
  readonly bindChecks6?: readonly BindCheck[];
  /** bind() and listen(): may `socket` have the name in `socket.local`? `listening`: it is about to listen. */
  mayBind(state: SpecState, socket: SpecSocket, listening: boolean): PortVerdict;
  /** bind(0), listen() unbound, UDP's autobind: the ports it may get. */
  freePorts(state: SpecState, socket: SpecSocket): { readonly choice: PortChoice; readonly reason: Reason };
  /** TCP connect() without a port: the ports from which `socket.remote` can be reached. */
  connectPorts(
    state: SpecState,
    socket: SpecSocket,
  ): { readonly choice: PortChoice; readonly reason: Reason };
  /** TCP connect() from a bound port: who has that four-tuple and keeps it; `takes` = a TIME-WAIT that gives way. */
  quadHolder(state: SpecState, socket: SpecSocket): { readonly held: boolean; readonly takes: number | null };
  lookup(state: SpecState, packet: SpecPacket): Lookup;
  /** TCP: listeners only, past a TIME-WAIT record that gives way. */
  lookupListener(state: SpecState, packet: SpecPacket): Lookup;
  /** Side tables of the system (port memory, groups). Called with the socket already changed. */
  portTaken(draft: Draft, socket: DraftSocket, how: PortTaking): void;
  portReleased(draft: Draft, socket: DraftSocket, port: number, address: string): void;
  addressMoved(draft: Draft, socket: DraftSocket, from: string): void;
  /** SO_BINDTODEVICE was set, be it to what it was. */
  deviceChanged(draft: Draft, socket: DraftSocket): void;
  startedListening(draft: Draft, socket: DraftSocket): void;
  stoppedListening(draft: Draft, socket: DraftSocket): void;
  /** UDP connect(): the peer is set; the socket is not 'ESTABLISHED' yet. */
  udpConnected(draft: Draft, socket: DraftSocket): void;
  /** UDP disconnect: the peer is cleared; what becomes of the own name. */
  udpDisconnected(draft: Draft, socket: DraftSocket): void;
}

/** How a socket came to its port. */
export type PortTaking = 'bind' | 'listen' | 'connect' | 'accept';

export interface BindRequest {
  readonly socket: SpecSocket;
  /** 2 = AF_INET, 10 = AF_INET6, 0 = AF_UNSPEC */
  readonly family: number;
  readonly length: number;
  /** As named in the call: a mapped address as such. */
  readonly address: string;
  readonly port: number;
  /** Effective user id of the caller; 0 may do everything. */
  readonly uid: number;
}

export type BindCheck = (state: SpecState, request: BindRequest) => Refusal;
