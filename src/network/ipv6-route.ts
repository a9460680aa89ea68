/** The outcome of routing one IPv6 destination from one point of view, as it is cached. */
import type { NetDevice } from '../link/device.ts';
import type { IpAddress } from '../packet/ip-address.ts';
import type { Nanos } from '../sim/time.ts';
import type { Interface } from './interface.ts';
import type { Ipv6FibRoute } from './ipv6-fib.ts';
import type { Neighbour } from './neighbour.ts';
import type { Route, RouteMetrics } from './ports.ts';

/** `unreachable` stands for every way in which routing refuses a packet that arrived; see {@link Ipv6Route.error}. */
export type Ipv6RouteKind = Exclude<Route['kind'], 'broadcast'> | 'unreachable';

export class Ipv6Route implements Omit<Route, 'kind'> {
  readonly dst: IpAddress;
  /** Of an arriving packet; of a sent one the source that was asked for, or null. */
  readonly src: IpAddress | null;
  readonly kind: Ipv6RouteKind;
  /** Where the packet leaves; of a local route the loopback interface. */
  readonly iface: Interface;
  readonly device: NetDevice;
  readonly nextHop: IpAddress;
  /** Source address for a packet without one. */
  readonly source: IpAddress;
  /** Path MTU, bytes. */
  readonly mtu: number;
  /** The largest packet that is forwarded here: the path beyond is its sender's business. */
  readonly forwardMtu: number;
  readonly hopLimit: number;
  /** Errno (positive) of an `unreachable` route. */
  readonly error: number;
  /** Packets to a joined group also come back to this node. */
  readonly loopsBack: boolean;
  readonly fib: Ipv6FibRoute | null;
  /** When a path MTU or a route that this was made from ends. */
  readonly expires: Nanos;
  readonly version: number;
  /** The neighbour that the last packet was handed to. */
  neighbour: Neighbour | null = null;

  constructor(fields: Ipv6RouteFields) {
    this.dst = fields.dst;
    this.src = fields.src;
    this.kind = fields.kind;
    this.iface = fields.iface;
    this.device = fields.iface.device;
    this.nextHop = fields.nextHop;
    this.source = fields.source;
    this.mtu = fields.mtu;
    this.forwardMtu = fields.forwardMtu;
    this.hopLimit = fields.hopLimit;
    this.error = fields.error;
    this.loopsBack = fields.loopsBack;
    this.fib = fields.fib;
    this.expires = fields.expires;
    this.version = fields.version;
  }

  /** The packet is for this node, whether or not for others, too. */
  get isForUs(): boolean {
    return this.kind === 'local' || this.kind === 'multicast';
  }

  /** Of the route in the table that this was made from. */
  get metrics(): RouteMetrics | null {
    return this.fib === null ? null : this.fib.metrics;
  }

  get isGroup(): boolean {
    return this.kind === 'multicast';
  }
}

/** What an {@link Ipv6Route} is made of. */
export type Ipv6RouteFields = Omit<Ipv6Route, 'device' | 'neighbour' | 'isForUs' | 'isGroup' | 'metrics'>;
