/**
 * The sockets of a host at one moment, as plain data: what the socket machine hands out, what `explain` reads and
 * what JSON output shows. Addresses are text, mapped ones as IPv4; `null` stands for "any" nowhere: the wildcards are
 * `0.0.0.0` and `::`.
 */
import type { TcpState } from '../../transport/tcp/state.ts';
import type { SocketKind } from '../api.ts';
import type { ProfileName } from '../profile.ts';

export interface EndpointSnapshot {
  readonly address: string;
  readonly port: number;
}

/**
 * Who holds it: a descriptor of a process; a listener's accept queue; nobody any more (closed, the connection still
 * ending); or a TIME-WAIT record (whose `state` is 'TIME-WAIT', or 'FIN-WAIT-2' for Linux's orphans).
 */
export type SocketLife = 'open' | 'queued' | 'orphan' | 'time-wait';

/** Membership of a SO_REUSEPORT group, as the kernel's array has it. */
export interface ReusePortMembership {
  /** The same number for all members of a group; any number otherwise. */
  readonly group: number;
  /** Position in the group's array, from 0: the flow hash selects by it. */
  readonly index: number;
  /** A UDP member was connected once: the group falls back to scores (L30). */
  readonly hasConnections: boolean;
}

export interface SocketSnapshot {
  /** Unique on the host and stable for the socket's life. */
  readonly id: number;
  /** Process name, or '' when no process holds it. */
  readonly process: string;
  /** Descriptor in that process; -1 without one. */
  readonly fd: number;
  readonly kind: SocketKind;
  readonly life: SocketLife;
  /** UDP sockets are 'ESTABLISHED' when connected, else 'CLOSED'. */
  readonly state: TcpState;
  /** Address that packets must have to match, and port; port 0 = holds none. */
  readonly local: EndpointSnapshot;
  /** Set by connect() or accept(). */
  readonly remote: EndpointSnapshot | null;
  /** UDP of AF_INET6: the last peer, :: before the first; IPv6 lookups heed it even after a disconnect. */
  readonly lastPeer: string;
  /** SO_BINDTODEVICE */
  readonly device: string | null;
  /** Owner of the socket: SO_REUSEPORT groups are per user. */
  readonly uid: number;
  readonly reuseAddr: boolean;
  readonly reusePort: boolean;
  /** FreeBSD's SO_REUSEPORT_LB */
  readonly reusePortLb: boolean;
  readonly broadcast: boolean;
  /** IP_MULTICAST_ALL */
  readonly multicastAll: boolean;
  /** IPV6_MULTICAST_ALL */
  readonly multicastAll6: boolean;
  readonly v6Only: boolean;
  readonly memberships: readonly { readonly group: string; readonly device: string }[];
  readonly reusePortGroup: ReusePortMembership | null;
  /** Address and port were named by bind(), not chosen by the stack. */
  readonly boundAddress: boolean;
  readonly boundPort: boolean;
  /** UDP: the four-tuple under which the table of connected sockets has it; a second connect() does not file it anew. */
  readonly filedAs: { readonly local: EndpointSnapshot; readonly remote: EndpointSnapshot } | null;
  /**
   * Moments on one counter of the host that only grows; 0 = never. Bound (UDP: also moved to another address by
   * connect), began to listen, entered the table of connections (connected or accepted).
   */
  readonly order: { readonly bound: number; readonly listening: number; readonly connected: number };
  /** Listeners: the limit, connections waiting for accept(), and half-open ones. Else 0. */
  readonly backlog: number;
  readonly acceptQueue: number;
  readonly synQueue: number;
  /** id of the listener an accepted or queued connection came from; -1 otherwise. */
  readonly listener: number;
}

export interface InterfaceSnapshot {
  readonly name: string;
  readonly loopback: boolean;
  /** With prefix length: `10.0.0.1/24`. IPv4: the primary one first; IPv6: the newest first, from which packets are sent. */
  readonly addresses: readonly string[];
}

export interface HostSnapshot {
  readonly host: string;
  readonly profile: ProfileName;
  readonly interfaces: readonly InterfaceSnapshot[];
  /** In the order they were made. */
  readonly sockets: readonly SocketSnapshot[];
  /** Half-open handshakes: a SYN was answered, the ACK is awaited. */
  readonly handshakes?: readonly HandshakeSnapshot[];
}

export interface HandshakeSnapshot {
  /** id of the listener. */
  readonly listener: number;
  readonly local: EndpointSnapshot;
  readonly remote: EndpointSnapshot;
  readonly device: string | null;
  /** On the same counter as `SocketSnapshot.order`. */
  readonly order: number;
}
