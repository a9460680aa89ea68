/**
 * The ports between the network floor and its users: what a transport protocol gives and gets.
 * Errors are numbers: 0 or more is success, a negative value is minus an errno (see `errno.ts`).
 */
import type { NetDevice } from '../link/device.ts';
import type { IpAddress } from '../packet/ip-address.ts';
import type { Pdu } from '../packet/pdu.ts';
import type { IpPacket } from './ip-packet.ts';
import type { PacketOrigin } from './packet-origin.ts';

/** Facts about the arrival of a packet that is for this node. One object per interface, reused: read, don't keep. */
export interface Arrival {
  /** Where it shows itself as having come in; for what this node sends to an address of its own, the device of that address. */
  readonly device: NetDevice;
  /** The device that it really came through: `lo` for what this node sends to itself. */
  readonly entered: NetDevice;
  /**
   * A local route led here. False for what a socket sent that is bound to the loopback device, to an address that is
   * not that device's: it is delivered, but TCP does not answer it by a reset.
   */
  readonly isByLocalRoute: boolean;
  /** The destination is one of this node's own addresses, not a broadcast or a group. */
  readonly isUnicast: boolean;
  /** The frame was addressed to this node alone; TCP takes no other (RFC 1122 4.2.3.10), nobody is told of errors. */
  readonly isHostFrame: boolean;
}

/** An ICMP error about a packet that this node sent. */
export interface IcmpErrorReport {
  /** Who says so. */
  readonly from: IpAddress;
  readonly type: number;
  readonly code: number;
  /** Next-hop MTU of a fragmentation-needed, pointer of a parameter problem, new gateway of a redirect, else 0. */
  readonly info: number;
  /** Addresses of the quoted packet: `src` is ours. */
  readonly src: IpAddress;
  readonly dst: IpAddress;
  /** The quoted transport header: at least 8 bytes. */
  readonly quoted: Uint8Array;
  /** As {@link Arrival.device} and {@link Arrival.entered} of the message. */
  readonly device: NetDevice;
  readonly entered: NetDevice;
}

/** A transport protocol. Declared here, implemented above, registered with `IpLayer.register`. */
export interface TransportHandler {
  /** A whole packet (reassembled if need be) for this node. */
  onPacket(packet: IpPacket, arrival: Arrival): void;
  /**
   * @returns true when a socket of this node has the flow that the error quotes: only then the network floor believes
   *   it, and lowers the path MTU (fragmentation needed) or changes the route (redirect), as Linux does
   */
  onIcmpError(error: IcmpErrorReport): boolean;
}

/** Gets packets beside the transport protocol: a raw socket, a ping. */
export interface RawListener {
  /** A whole packet for this node. @returns true when somebody took it, so that its protocol counts as known */
  onPacket(packet: IpPacket, arrival: Arrival): boolean;
  /** @returns true when the packet that the error quotes may have been sent through here */
  onIcmpError(error: IcmpErrorReport): boolean;
}

/** IP_MTU_DISCOVER: what to do about packets larger than the path takes (ip(7)). */
export type PmtuDiscovery = 'dont' | 'want' | 'do' | 'probe' | 'interface' | 'omit';

/** What a socket has set for its packets. Kept per socket, read on every send. */
export interface SendOptions {
  /** 1-255; 0 = the host's default (`ip_default_ttl`), or 1 for multicast. */
  ttl: number;
  tos: number;
  pmtuDiscovery: PmtuDiscovery;
  /** SO_BINDTODEVICE, IP_UNICAST_IF or IP_MULTICAST_IF: leave by this device only; null = as routes say. */
  device: NetDevice | null;
  /** SO_DONTROUTE: destinations on a connected network only. */
  dontRoute: boolean;
  /** IP_MULTICAST_LOOP. */
  multicastLoop: boolean;
  /** IP_FREEBIND or IP_TRANSPARENT: the source need not be an address of this node. */
  foreignSource: boolean;
  /** IP_OPTIONS to send with every packet, padded to 4 bytes; null = none. */
  ipOptions: Uint8Array | null;
  /** Tells the sender's flows between two addresses apart (`flow-label.ts`); 0 = they have one. IPv4 does not look. */
  flow: number;
  /** Who is charged for packets while they wait for a neighbour (`socketOrigin`); absent = nobody. */
  origin?: PacketOrigin;
}

/** What routing says about a destination. */
export interface Route {
  readonly device: NetDevice;
  /** The neighbour to hand the packet to: the gateway, or the destination itself when on-link. */
  readonly nextHop: IpAddress;
  /** Source address that an unbound socket gets. */
  readonly source: IpAddress;
  readonly kind: 'unicast' | 'local' | 'broadcast' | 'multicast';
  /** Path MTU as known now, bytes. */
  readonly mtu: number;
  /** What an administrator has set on the route (ip-route(8)); absent or null = nothing. */
  readonly metrics?: RouteMetrics | null;
}

/** Metrics that TCP reads; 0 = not set. */
export interface RouteMetrics {
  /** The MSS to offer, bytes. */
  readonly advmss: number;
  /** Initial windows, segments. */
  readonly initcwnd: number;
  readonly initrwnd: number;
  /** `mtu lock`: no path MTU discovery. */
  readonly isMtuLocked: boolean;
}

/** The network floor of one node, as the transport and socket floors see it. Both IP families. */
export interface IpLayer {
  /** The handler of a protocol. ICMP's gets echo replies (as header objects) and errors about echo requests. */
  register(protocol: number, handler: TransportHandler): void;
  /** Adds someone who listens to a protocol beside its handler; sees every ICMP message. */
  addRaw(protocol: number, listener: RawListener): void;
  removeRaw(protocol: number, listener: RawListener): void;
  /** @param source a bound source address or null @returns the route, or minus an errno (ENETUNREACH, EHOSTUNREACH, EACCES, EINVAL) */
  route(dst: IpAddress, source: IpAddress | null, options: SendOptions): Route | number;
  /** Sends one packet with a payload up to 65,515 bytes, fragmenting as options allow. @returns 0 or minus an errno (EMSGSIZE, ENETUNREACH, ...) */
  send(src: IpAddress, dst: IpAddress, protocol: number, payload: Pdu, options: SendOptions): number;
  /**
   * Answers a received packet without a socket (a TCP reset): from its destination to its source, with its IP
   * options echoed (RFC 1122 3.2.1.8, 4.2.3.8). `options.ipOptions` is ignored. @returns 0 or minus an errno
   */
  reply(packet: IpPacket, protocol: number, payload: Pdu, options: SendOptions): number;
  /** The peer has acknowledged something new: the neighbour on the way to it is alive (RFC 4861 7.3.1). */
  confirm(dst: IpAddress): void;
  /** Does one of this node's interfaces own the address (127/8 included)? */
  isLocal(address: IpAddress): boolean;
  /** Is it 255.255.255.255 or the directed broadcast address of a connected network? */
  isBroadcast(address: IpAddress): boolean;
  /** Joins or leaves a multicast group on an interface; membership is counted. */
  joinGroup(group: IpAddress, device: NetDevice): void;
  leaveGroup(group: IpAddress, device: NetDevice): void;
  deviceByName(name: string): NetDevice | null;
  deviceByIndex(index: number): NetDevice | null;
  /** The device that owns `address`, for IP_ADD_MEMBERSHIP and the like. */
  deviceByAddress(address: IpAddress): NetDevice | null;
  /**
   * Tells the source of a datagram that nobody has its port.
   * @param length of the datagram by its own header; what lies behind is not quoted. Default: the whole payload
   */
  sendPortUnreachable(packet: IpPacket, arrival: Arrival, length?: number): void;
}
