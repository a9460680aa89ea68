/**
 * What a network is made of, as plain data with every unit settled: ns, bits per second, bytes.
 * Scenario files are turned into these; people who write TypeScript may write them by hand.
 */
import type { QueueLimit } from '../link/backlog.ts';
import type { Framing } from '../link/framing.ts';
import type { SysctlValue } from '../network/sysctls.ts';
import type { IpAddress } from '../packet/ip-address.ts';
import type { MacAddress } from '../packet/mac-address.ts';
import type { Prefix } from '../packet/prefix.ts';
import type { Nanos } from '../sim/time.ts';
import type { ProfileName } from '../sockets/profile.ts';

/** One network interface of a host or router. */
export interface InterfaceOptions {
  /** Default: `eth0`, `eth1`, … in the order of declaration. `eth0.10` is VLAN 10 over `eth0`, with its MAC address. */
  readonly name?: string;
  /** Addresses with their prefix lengths; the first is the primary one. Default: none. */
  readonly addresses?: readonly Prefix[];
  /** Default: `02:00:00:00:00:01` and so on, counted over the whole network in the order of declaration. */
  readonly mac?: MacAddress;
  /**
   * IPv6: makes itself a link-local address, looks for routers and makes addresses of what they advertise (RFC 4862).
   * Default: false; an interface speaks IPv6 by its addresses alone.
   */
  readonly slaac?: boolean;
  /** IPv6: asks the link whether somebody has its addresses before it uses them. Default: false: it did so long ago. */
  readonly detectDuplicates?: boolean;
  /** IPv6: answers router solicitations with the networks of its addresses. Default: false. */
  readonly advertise?: boolean;
  /** Largest payload of a frame, bytes; at least 68 (RFC 791). Default: 1500, of a VLAN that of the interface beneath. */
  readonly mtu?: number;
}

/** A static route. The connected networks of the interfaces need none. */
export interface RouteOptions {
  /** `0.0.0.0/0` and `::/0` are the default routes. */
  readonly to: Prefix;
  /** The gateway; null when the destination is on-link at `device`, or for a route that refuses. */
  readonly via: IpAddress | null;
  /** Interface name; needed when `via` is null. Default: the interface whose network holds `via`. */
  readonly device?: string;
  /** Lower is preferred among equal prefixes. Default: 0. */
  readonly metric?: number;
  /** What becomes of packets that match. Default: `unicast`. */
  readonly kind?: 'unicast' | 'blackhole' | 'unreachable' | 'prohibit';
}

/** A host: devices, an IP stack, sockets, and programs that use them. */
export interface HostOptions {
  readonly interfaces: readonly InterfaceOptions[];
  readonly routes?: readonly RouteOptions[];
  /** Kernel parameters that differ from Linux's defaults, by the kernel's names: `net.ipv4.tcp_sack`. */
  readonly sysctls?: Readonly<Record<string, SysctlValue>>;
  /** Whose socket rules it follows. Default: `linux`. */
  readonly profile?: ProfileName;
}

/** A router: forwards packets, and has a stack of its own for its own addresses only. */
export type RouterOptions = Omit<HostOptions, 'profile'>;

/** One port of a switch. */
export interface SwitchPortOptions {
  /** Default: `port1`, `port2`, … */
  readonly name?: string;
  /** The VLAN of untagged frames (1-4094), or null when untagged frames are refused. Default: 1. */
  readonly vlan?: number | null;
  /** VLANs whose frames pass with a tag. Default: none, an access port. */
  readonly tagged?: readonly number[];
  /** Leads to hosts only: with a spanning tree it forwards at once, not after three seconds. Default: false. */
  readonly edge?: boolean;
}

/** A learning switch (IEEE 802.1Q bridge). */
export interface SwitchOptions {
  readonly ports: readonly SwitchPortOptions[];
  /** How long an address stays learned, ns. Default: 300 s, as IEEE 802.1Q recommends. */
  readonly ageing?: Nanos;
  /**
   * Runs the rapid spanning tree protocol, so that loops of switches do no harm; the least `priority` (a multiple of
   * 4096 up to 61440, default 32768) becomes root. Such a network sends hellos for ever. Default: null, it does not.
   */
  readonly spanningTree?: { readonly priority?: number } | null;
}

/** A hub: all that is plugged into it shares one half-duplex segment. */
export interface HubOptions {
  /** Bits per second, up to 100 Mbit/s. Default: 10 Mbit/s. */
  readonly rate?: number;
}

/** One end of a cable. */
export interface CableEnd {
  readonly node: string;
  /** Name of the interface or port; a hub has no names for its ports: anything, or null. */
  readonly device: string | null;
}

/** A cable between two interfaces or ports. Between two devices it is a full-duplex link, into a hub a drop cable. */
export interface CableOptions {
  /** Default: `client.eth0--r1.eth1`. */
  readonly name?: string;
  readonly ends: readonly [CableEnd, CableEnd];
  /** Bits per second; Infinity sends in no time. Default: 1 Gbit/s. A hub has a rate of its own. */
  readonly rate?: number;
  /** Propagation, ns. Default: 1 us. */
  readonly delay?: Nanos;
  /** What computed routes count for it, at least 1. Default: 1. */
  readonly cost?: number;
  /** What waits for the transmitter at each end, at most. Default: 1000 packets, as Linux's txqueuelen. */
  readonly queue?: QueueLimit;
  /** Bytes per frame on the wire. Default: Ethernet header and FCS, at least 64. */
  readonly framing?: Framing;
}
