/** The outcome of routing one destination from one point of view, as it is cached: where to, by which hop, how large. */
import type { NetDevice } from '../link/device.ts';
import type { IpAddress } from '../packet/ip-address.ts';
import type { Nanos } from '../sim/time.ts';
import type { FibRoute } from './fib.ts';
import type { Interface } from './interface.ts';
import type { Neighbour } from './neighbour.ts';
import type { Route, RouteMetrics } from './ports.ts';

/** `unreachable` stands for every way in which routing refuses a packet that arrived; see {@link Ipv4Route.error}. */
export type Ipv4RouteKind = Route['kind'] | 'unreachable';

export class Ipv4Route {
  readonly dst: IpAddress;
  /** Of an arriving packet; of a sent one the source that was asked for, or null. */
  readonly src: IpAddress | null;
  readonly kind: Ipv4RouteKind;
  /** Where the packet leaves; of a local route the loopback interface. */
  readonly iface: Interface;
  readonly device: NetDevice;
  readonly nextHop: IpAddress;
  /** The next hop is a gateway: a strict source route may not use it. */
  readonly usesGateway: boolean;
  /** Source address for a packet without one. */
  readonly source: IpAddress;
  /** Path MTU, bytes. */
  readonly mtu: number;
  /** The path MTU fell below what this host believes: DF is not set any more. */
  readonly isMtuLocked: boolean;
  /** The largest packet that is forwarded here. */
  readonly forwardMtu: number;
  /** Errno (positive) of an `unreachable` route. */
  readonly error: number;
  /** Packets that leave by broadcast or to a joined group also come back to this node. */
  readonly loopsBack: boolean;
  /** The packet goes back out of the interface it came by, to where its sender could have sent it. */
  readonly deservesRedirect: boolean;
  readonly fib: FibRoute | null;
  /** A local route: the interface that its packets seem to come in by (rt_iif); null = the loopback interface. */
  readonly arrivesOn: Interface | null;
  /** When a path MTU or a redirect that this route used ends. */
  readonly expires: Nanos;
  readonly version: number;
  /** The neighbour that the last packet was handed to. */
  neighbour: Neighbour | null = null;

  constructor(fields: Ipv4RouteFields) {
    this.dst = fields.dst;
    this.src = fields.src;
    this.kind = fields.kind;
    this.iface = fields.iface;
    this.device = fields.iface.device;
    this.nextHop = fields.nextHop;
    this.usesGateway = fields.usesGateway;
    this.source = fields.source;
    this.mtu = fields.mtu;
    this.isMtuLocked = fields.isMtuLocked;
    this.forwardMtu = fields.forwardMtu;
    this.error = fields.error;
    this.loopsBack = fields.loopsBack;
    this.deservesRedirect = fields.deservesRedirect;
    this.fib = fields.fib;
    this.arrivesOn = fields.arrivesOn ?? (fields.kind === 'local' ? (fields.fib?.iface ?? null) : null);
    this.expires = fields.expires;
    this.version = fields.version;
  }

  /** The packet is for this node, whether or not for others, too. */
  get isForUs(): boolean {
    return this.kind !== 'unicast' && this.kind !== 'unreachable';
  }

  /** Of the route in the table that this was made from. */
  get metrics(): RouteMetrics | null {
    return this.fib === null ? null : this.fib.metrics;
  }

  get isGroup(): boolean {
    return this.kind === 'broadcast' || this.kind === 'multicast';
  }
}

/** What an {@link Ipv4Route} is made of. Without `arrivesOn` it is where the address of a local route is. */
export type Ipv4RouteFields = Omit<
  Ipv4Route,
  'arrivesOn' | 'device' | 'neighbour' | 'isForUs' | 'isGroup' | 'metrics'
> & { readonly arrivesOn?: Interface | null };
