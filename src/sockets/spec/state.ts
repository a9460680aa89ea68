/**
 * The state of the specification: one host's sockets as immutable plain data. Everything that ever influences which
 * call succeeds and which socket gets a packet is here, and nothing else: no segments, no sequence numbers, no bytes.
 */
import type { ErrnoName } from '../../network/errno.ts';
import type { IpFamily } from '../../packet/ip-address.ts';
import type { TcpState } from '../../transport/tcp/state.ts';
import { ANY_V4, ANY_V6, anyOf, endText, isAny, shownIn } from './address.ts';
import type { SpecHost } from './host.ts';
import type { SocketLife } from './snapshot.ts';

export type Transport = 'tcp' | 'udp';

/** The wildcard address of IPv4. */
export const ANY: string = ANY_V4;

export interface SpecEndpoint {
  readonly address: string;
  readonly port: number;
}

/** Socket options that calls or lookups look at. */
export interface SpecOptions {
  readonly reuseAddr: boolean;
  readonly reusePort: boolean;
  /** FreeBSD's SO_REUSEPORT_LB */
  readonly reusePortLb: boolean;
  /** Windows' SO_EXCLUSIVEADDRUSE */
  readonly exclusive: boolean;
  readonly broadcast: boolean;
  readonly freebind: boolean;
  readonly transparent: boolean;
  readonly bindAddressNoPort: boolean;
  readonly multicastAll: boolean;
  /** IPV6_MULTICAST_ALL */
  readonly multicastAll6: boolean;
  readonly recvErr: boolean;
  /** SO_LINGER in seconds: 0 lets close() reset, more lets it wait. null = off. */
  readonly linger: number | null;
  /** IP_LOCAL_PORT_RANGE, inclusive; null = the host's range. */
  readonly portRange: readonly [number, number] | null;
}

export interface SpecSocket {
  readonly id: number;
  readonly transport: Transport;
  /** AF_INET or AF_INET6. An AF_INET6 socket keeps IPv4 addresses as such, and shows them mapped (L38). */
  readonly family: IpFamily;
  /** IPV6_V6ONLY, set or implied by bind() to an IPv6 address. */
  readonly v6Only: boolean;
  readonly process: string;
  readonly fd: number;
  readonly uid: number;
  readonly life: SocketLife;
  readonly state: TcpState;
  /** What BSD's `struct socket` remembers besides the protocol's state: connect() and listen() ask it. */
  readonly phase: 'unconnected' | 'connecting' | 'connected' | 'disconnecting';
  readonly options: SpecOptions;
  /** SO_BINDTODEVICE */
  readonly device: string | null;
  /** What packets must match; port 0 = holds none. */
  readonly local: SpecEndpoint;
  /** Source address of what it sends; the wildcard lets the route choose (also when bound to a broadcast or group). */
  readonly source: string;
  /** The port that getsockname() shows: Linux forgets to clear it when the port is given back. */
  readonly shownPort: number;
  /** Port 0 after a disconnect; null = never set. */
  readonly remote: SpecEndpoint | null;
  /** UDP of AF_INET6: the last peer, :: before the first; a disconnect leaves it, and IPv6 lookups heed it (L28). */
  readonly lastPeer: string;
  /** UDP: whom a connect() named that failed while there was a peer: what is sent goes there (K49). */
  readonly astray: (SpecEndpoint & { readonly cached: boolean }) | null;
  /** TCP of AF_INET6: the addresses of its last connection over IPv4, to which it sends ever after (K45). */
  readonly mappedFlow: { readonly from: string; readonly to: string } | null;
  /** Which half of the name was given by bind(): a disconnect keeps these. `byConnect`: connect() chose the port. */
  readonly named: { readonly address: boolean; readonly port: boolean; readonly byConnect: boolean };
  readonly shut: { readonly read: boolean; readonly write: boolean };
  /** TCP: the peer's FIN has come: reads end there, whatever happens afterwards. */
  readonly finished: boolean;
  /** Pending error: SO_ERROR. */
  readonly error: ErrnoName | null;
  readonly memberships: readonly { readonly group: string; readonly device: string }[];
  readonly backlog: number;
  /** ids of completed connections waiting for accept(), oldest first. */
  readonly acceptQueue: readonly number[];
  /** id of the listener a child came from; -1 otherwise. */
  readonly listener: number;
  /** The connection negotiated timestamps: its TIME-WAIT may be taken over (L13). */
  readonly timestamps: boolean;
  /** Moments on `SpecState.clock`; 0 = never. */
  readonly order: {
    /** Got its port. */
    readonly bound: number;
    /** Entered its list of same address and port: at bind(), and when connect() or disconnect() changed the address. */
    readonly listed: number;
    readonly listening: number;
    /** Entered the table of connections. */
    readonly connected: number;
  };
  /** Key in `SpecState.groups`; 0 = in no SO_REUSEPORT group. */
  readonly group: number;
  /** UDP: the four-tuple under which the table of connected sockets has it (L27 a); '' = not in it. */
  readonly quadSlot: string;
}

/** Half of a handshake: a SYN was answered, the ACK is awaited. Holds no port, but is found by its four-tuple (L2). */
export interface SpecRequest {
  readonly id: number;
  readonly listener: number;
  /** Of the listener. */
  readonly family: IpFamily;
  readonly local: SpecEndpoint;
  readonly remote: SpecEndpoint;
  readonly device: string | null;
  /** When the SYN came, on `SpecState.clock`. */
  readonly order: number;
}

/** Members in the order of the kernel's array, from which the flow hash selects (L8). */
export interface SpecGroup {
  readonly members: readonly number[];
  /** A member was connected while in the group (L30). */
  readonly hasConnections: boolean;
}

/** A local address, and which packets it means. */
export interface BoundName {
  readonly address: string;
  readonly family: IpFamily;
  readonly v6Only: boolean;
}

/** What Linux's TCP remembers of a local port besides its holders (K6, L21). */
export interface PortCache {
  /** The last one to bind or listen on the port, if it had SO_REUSEPORT. */
  readonly reusePort: (BoundName & { readonly uid: number }) | null;
  /** All holders got the port by connect(): others may share it for other destinations. */
  readonly connectOnly: boolean;
  /** The same for each local address in use on the port. */
  readonly addresses: Readonly<Record<string, boolean>>;
}

export interface SpecState {
  readonly host: SpecHost;
  readonly sockets: readonly SpecSocket[];
  readonly requests: readonly SpecRequest[];
  readonly groups: Readonly<Record<number, SpecGroup>>;
  /** TCP ports in use, Linux only. */
  readonly ports: Readonly<Record<number, PortCache>>;
  /** Counts everything that has an order. */
  readonly clock: number;
  readonly nextId: number;
}

export const NO_OPTIONS: SpecOptions = {
  reuseAddr: false,
  reusePort: false,
  reusePortLb: false,
  exclusive: false,
  broadcast: false,
  freebind: false,
  transparent: false,
  bindAddressNoPort: false,
  multicastAll: true,
  multicastAll6: true,
  recvErr: false,
  linger: null,
  portRange: null,
};

/** A host without sockets. */
export function emptyState(host: SpecHost): SpecState {
  return { host, sockets: [], requests: [], groups: {}, ports: {}, clock: 0, nextId: 1 };
}

/** A socket as socket(2) makes it. */
export function newSocket(id: number, transport: Transport, uid: number, family: IpFamily = 4): SpecSocket {
  return {
    id,
    transport,
    family,
    v6Only: false,
    process: '',
    fd: id,
    uid,
    life: 'open',
    state: 'CLOSED',
    phase: 'unconnected',
    options: NO_OPTIONS,
    device: null,
    local: { address: anyOf(family), port: 0 },
    source: anyOf(family),
    shownPort: 0,
    remote: null,
    lastPeer: ANY_V6,
    astray: null,
    mappedFlow: null,
    named: { address: false, port: false, byConnect: false },
    shut: { read: false, write: false },
    finished: false,
    error: null,
    memberships: [],
    backlog: 0,
    acceptQueue: [],
    listener: -1,
    timestamps: false,
    order: { bound: 0, listed: 0, listening: 0, connected: 0 },
    group: 0,
    quadSlot: '',
  };
}

export function socketById(state: SpecState, id: number): SpecSocket | undefined {
  return state.sockets.find((socket) => socket.id === id);
}

/** The half-open handshake between two ends, the newest; null when there is none. */
export function requestBetween(
  state: SpecState,
  local: SpecEndpoint,
  remote: SpecEndpoint,
): SpecRequest | null {
  const key = quadKey(local, remote);
  return state.requests.findLast((one) => quadKey(one.local, one.remote) === key) ?? null;
}

/** All that hold a local port: bound, listening, connected, accepted, ending and TIME-WAIT (L16). */
export function holdersOf(state: SpecState, transport: Transport, port: number): SpecSocket[] {
  if (port === 0) return []; // that is: none
  return state.sockets.filter((socket) => socket.transport === transport && socket.local.port === port);
}

/** Two local addresses meet: equal, or one of them is the wildcard. */
export function overlap(a: string, b: string): boolean {
  return a === b || isAny(a) || isAny(b);
}

/** Two device bindings can see the same packet. */
export function devicesMeet(a: string | null, b: string | null): boolean {
  return a === null || b === null || a === b;
}

export function quadKey(local: SpecEndpoint, remote: SpecEndpoint): string {
  return `${local.address}:${local.port} ${remote.address}:${remote.port}`;
}

/** `10.0.0.1:5000`, `*:5000` for the wildcard, `[fd00::1]:5000`, `[::]:5000`. */
export function endpointText({ address, port }: SpecEndpoint): string {
  return endText(address === ANY ? '*' : address, port === 0 ? '*' : port);
}

/** An end as the socket's own calls show it: IPv4 mapped with AF_INET6. */
export function shownEnd(
  { family }: { readonly family: IpFamily },
  { address, port }: SpecEndpoint,
): SpecEndpoint {
  return { address: shownIn(family, address), port };
}

export function boundName({ local, family, v6Only }: SpecSocket): BoundName {
  return { address: local.address, family, v6Only };
}
