/**
 * What TCP and UDP sockets have in common: identity, owner, options, the pending error and whoever waits.
 *
 * Two local addresses, as in the kernel: `localAddress` is what arriving packets must be sent to, `sourceAddress`
 * what departing ones carry. They differ when the socket is bound to a broadcast or multicast address.
 */
import type { NetDevice } from '../link/device.ts';
import { EAFNOSUPPORT, EBADF, EINVAL, ENOPROTOOPT, ENOTCONN, ENOTTY, EOPNOTSUPP } from '../network/errno.ts';
import type { IpLayer, SendOptions } from '../network/ports.ts';
import { ANY_V4, ANY_V6, type IpAddress, type IpFamily } from '../packet/ip-address.ts';
import type { Payload } from '../packet/payload.ts';
import type { TcpInfo } from '../transport/tcp/info.ts';
import type {
  Endpoint,
  OptionValue,
  QueueRequest,
  Received,
  ShutdownHow,
  Socket,
  SocketAddress,
  SocketKind,
} from './api.ts';
import type { Membership } from './demux/multicast-delivery.ts';
import { connectTarget6, refusesBind6 } from './inet6.ts';
import { IP_OPTIONS } from './options/ip-level.ts';
import { IPV6_OPTIONS } from './options/ipv6-level.ts';
import { leaveAllGroups } from './options/multicast.ts';
import { applyRule, findRule, type OptionRule, readRule } from './options/rule.ts';
import { SOCKET_OPTIONS } from './options/socket-level.ts';
import { refusesBindAddress, refusesBindBy } from './ports/bind-address.ts';
import {
  AF_UNSPEC,
  FAMILY_SIZE,
  refusesBindSockaddr,
  refusesPeerSockaddr,
  SOCKADDR_STORAGE_SIZE,
} from './sockaddr.ts';
import type { SocketLayer } from './socket-layer.ts';
import type { SocketProcess } from './socket-owner.ts';

/** Bits of {@link InetSocket.shut}. */
export const SHUT_READ = 1;
export const SHUT_WRITE = 2;
export const SHUT_BOTH: number = SHUT_READ | SHUT_WRITE;

export abstract class InetSocket implements Socket {
  abstract readonly kind: SocketKind;
  readonly layer: SocketLayer;
  /** AF_INET or AF_INET6. An AF_INET6 socket keeps IPv4 addresses as such, and shows them mapped. */
  readonly domain: IpFamily;
  /** IPV6_V6ONLY; bind() to an IPv6 address sets it, too. */
  v6only: boolean;
  /** Unique on the host; grows. */
  readonly id: number;
  fd = -1;
  /** The process that holds the descriptor; null for queued connections and orphans. */
  owner: SocketProcess | null = null;
  /** Owner as SO_REUSEPORT sees it. */
  uid: number;

  localAddress: IpAddress;
  sourceAddress: IpAddress;
  /** The port that the socket holds; 0 = none. */
  localPort = 0;
  /** The port that getsockname() shows; it outlives a port that the kernel took back. */
  shownPort = 0;
  /** The wildcard when there is no peer. */
  remoteAddress: IpAddress;
  remotePort = 0;
  /** An option has changed what the path takes (IP_MTU_DISCOVER). */
  onPathOptions(): void {}

  /** SO_BINDTODEVICE */
  device: NetDevice | null = null;
  /** bind() named the address; disconnecting keeps it. */
  isAddressBound = false;
  /** bind() named the port; disconnecting keeps it. */
  isPortBound = false;

  reuseAddr = false;
  reusePort = false;
  /** FreeBSD's SO_REUSEPORT_LB */
  reusePortLb = false;
  /** Windows' SO_EXCLUSIVEADDRUSE */
  exclusive = false;
  /** FreeBSD: it holds its port, but no lookup finds it (F13). */
  isHidden = false;
  broadcast = false;
  /** IP_BIND_ADDRESS_NO_PORT: bind(address, 0) leaves the port to connect(). */
  bindNoPort = false;
  /** IP_LOCAL_PORT_RANGE: upper bound in the high 16 bits, lower in the low ones; 0 = not set. */
  ownPortRange = 0;
  freebind = false;
  transparent = false;
  /** IP_RECVERR: every ICMP error is reported and queued. */
  recverr = false;
  /** SO_LINGER in seconds; -1 = off. */
  linger = -1;
  /** IP_MULTICAST_ALL */
  multicastAll = true;
  memberships: Membership[] = [];
  /** IP_MULTICAST_IF */
  multicastDevice: NetDevice | null = null;
  multicastSource: IpAddress = ANY_V4;
  /** IP_MULTICAST_TTL */
  multicastTtl = 1;
  readonly sendOptions: SendOptions = {
    ttl: 0,
    tos: 0,
    pmtuDiscovery: 'want',
    device: null,
    dontRoute: false,
    multicastLoop: true,
    foreignSource: false,
    ipOptions: null,
    flow: 0,
  };
  /** The same for IPv6; with AF_INET no object of its own. */
  readonly v6Options: SendOptions;
  /** IPV6_RECVERR */
  recverr6 = false;
  /** IPV6_MULTICAST_HOPS */
  multicastHops = 1;
  /** IPV6_MULTICAST_ALL */
  multicastAll6 = true;
  /** IPV6_MULTICAST_IF */
  multicastDevice6: NetDevice | null = null;

  /** SHUT_READ | SHUT_WRITE */
  shut = 0;
  #waiter: (() => void) | null = null;
  /** Those behind the first one: seldom do several wait for one socket. */
  #moreWaiters: (() => void)[] | null = null;

  constructor(layer: SocketLayer, uid: number, domain: IpFamily) {
    this.layer = layer;
    this.domain = domain;
    this.v6only = domain === 6 && layer.limits.v6only;
    this.localAddress = this.any;
    this.sourceAddress = this.any;
    this.remoteAddress = this.any;
    this.v6Options = domain === 6 ? { ...this.sendOptions } : this.sendOptions;
    this.id = layer.nextSocketId();
    this.uid = uid;
    if (!layer.limits.discoversMtu) this.sendOptions.pmtuDiscovery = 'dont';
  }

  // --- what the kinds differ in ---

  /** bind() would be refused with EINVAL: a port is held, or a connection is there. */
  abstract get isBusy(): boolean;
  /** Gives the socket a port at its local address; 0 asks for any. @returns 0 or -EADDRINUSE */
  protected abstract getPort(port: number): number;
  protected abstract connectTo(remote: Endpoint): number;
  /** What connect() says before it looks at the address: -EISCONN, -EALREADY, ... @returns null to go on */
  protected abstract connectEarly(): number | null;
  abstract disconnect(): number;
  abstract listen(backlog: number): number;
  abstract accept(): Socket | number;
  abstract send(data: Payload, flags?: number, to?: Endpoint | null): number;
  abstract recv(size: number, flags?: number): Received | number;
  abstract shutdown(how: ShutdownHow | number): number;
  abstract poll(): number;
  /** The last descriptor is gone. */
  protected abstract release(): void;
  /** The pending error as SO_ERROR reads it: positive, then cleared; 0 when there is none. */
  abstract takeError(): number;
  abstract get isListening(): boolean;
  /** TCP */
  abstract readonly isStream: boolean;
  abstract rcvbuf: number;
  abstract sndbuf: number;
  /** SO_BINDTODEVICE was set. */
  abstract deviceChanged(): void;

  // --- names ---

  /**
   * bind(2). Checks in the kernel's order (rule L14): address family, local address, privileged port, state, conflict.
   * @returns 0, -EAFNOSUPPORT, -EADDRNOTAVAIL, -EACCES, -EINVAL or -EADDRINUSE
   */
  bind(local: Endpoint): number {
    if (this.domain === 6) return this.#bind6(local);
    const { address, port } = local;
    if (address.family !== 4) return -EAFNOSUPPORT;
    const { rules } = this.layer;
    const refused =
      rules === null
        ? refusesBindAddress(this, address, port)
        : refusesBindBy(rules.profile, this, this.isBusy, address, port);
    if (refused !== 0) return refused;
    if (this.isBusy) return -EINVAL;
    const isMany = address.isMulticast || this.ip.isBroadcast(address);
    return this.#takeName(address, isMany ? ANY_V4 : address, port);
  }

  /** A mapped address stays the source even when it is a group's, unlike with AF_INET. */
  #bind6(local: Endpoint): number {
    const refused = refusesBind6(this, local);
    if (refused !== 0) return refused;
    const { v6only } = this;
    const address = local.address.unmapped();
    const isIpv6 = address.family === 6;
    if (isIpv6 && !address.isUnspecified) this.v6only = true;
    const result = this.#takeName(address, isIpv6 && address.isMulticast ? ANY_V6 : address, local.port);
    if (result < 0) this.v6only = v6only;
    return result;
  }

  #takeName(address: IpAddress, source: IpAddress, port: number): number {
    this.localAddress = address;
    this.sourceAddress = source;
    if (port !== 0 || !this.bindNoPort) {
      const result = this.getPort(port);
      if (result < 0) {
        this.clearLocalAddress();
        return result;
      }
    }
    if (address !== this.any) this.isAddressBound = true; // ::ffff:0.0.0.0 counts as named
    if (port !== 0) this.isPortBound = true;
    this.shownPort = this.localPort;
    // AF_INET6 does not forget whom TCP once aimed at: inet_diag shows it (__inet6_bind).
    if (this.kind !== 'tcp6') this.remoteAddress = this.any;
    this.remotePort = 0;
    return 0;
  }

  /** bind(2) with a sockaddr as programs may garble it: any family number, any length. */
  bindRaw(sockaddr: SocketAddress): number {
    return refusesBindSockaddr(this, sockaddr) || this.bind(sockaddr);
  }

  connect(remote: Endpoint): number {
    const early = this.connectEarly();
    if (early !== null) return early;
    return this.#connectToAny(remote);
  }

  resumeConnect(remote: Endpoint): number {
    return this.connect(remote);
  }

  /** connect(2) with a sockaddr as programs may garble it. */
  connectRaw(sockaddr: SocketAddress): number {
    const { length } = sockaddr;
    if (length < FAMILY_SIZE || length > SOCKADDR_STORAGE_SIZE) return -EINVAL;
    if (sockaddr.family === AF_UNSPEC) return this.disconnect();
    const early = this.connectEarly();
    if (early !== null) return early;
    return refusesPeerSockaddr(this, sockaddr) || this.#connectToAny(sockaddr);
  }

  #connectToAny(remote: Endpoint): number {
    const target = this.peerMeant(remote);
    return typeof target === 'number' ? target : this.connectTo(target);
  }

  /** Whom the address of a connect() means. @returns minus an errno for nobody */
  peerMeant(remote: Endpoint): Endpoint | number {
    if (this.domain === 6) return connectTarget6(this, remote);
    return remote.address.family === 4 ? remote : -EAFNOSUPPORT;
  }

  /** connect() has looked at the address and goes on to look for a way there. */
  aimAt(_peer: IpAddress): void {}

  localName(): Endpoint {
    const address = this.localAddress.isUnspecified ? this.sourceAddress : this.localAddress;
    return { address: this.shown(address), port: this.shownPort };
  }

  /** An address as this socket's calls give it: IPv4 ones are mapped with AF_INET6. */
  shown(address: IpAddress): IpAddress {
    return this.domain === 6 ? address.mapped() : address;
  }

  peerName(): Endpoint | number {
    if (this.remotePort === 0) return -ENOTCONN;
    return { address: this.shown(this.remoteAddress), port: this.remotePort };
  }

  // --- options ---

  /** setsockopt(2), by the option's POSIX or Linux name: `SO_REUSEADDR`, `IP_TTL`, `TCP_NODELAY`. */
  setOption(name: string, value: OptionValue): number {
    return applyRule<InetSocket>(this.#ruleFor(name), this, value);
  }

  /**
   * getsockopt(2): the value, or minus an errno. A level that the socket's family has not is EOPNOTSUPP to read
   * (ip_getsockopt) and ENOPROTOOPT to set (ip_setsockopt).
   */
  getOption(name: string): OptionValue {
    if (this.domain === 4 && findRule(IPV6_OPTIONS, name) !== undefined) return -EOPNOTSUPP;
    return readRule<InetSocket>(this.#ruleFor(name), this);
  }

  /** Options of level IPPROTO_IP may be set on IPv6 sockets, too: they are for their IPv4 packets. */
  #ruleFor(name: string): OptionRule<InetSocket> | undefined {
    const common = findRule(SOCKET_OPTIONS, name) ?? findRule(IP_OPTIONS, name);
    return common === undefined && this.domain === 6 ? findRule(IPV6_OPTIONS, name) : common;
  }

  tcpInfo(): TcpInfo | number {
    return this.fd < 0 ? -EBADF : -ENOPROTOOPT;
  }

  ioctl(_request: QueueRequest): number {
    return this.fd < 0 ? -EBADF : -ENOTTY;
  }

  /** fchown(2): hands the socket to another user, as far as SO_REUSEPORT looks at owners. */
  chown(uid: number): void {
    this.uid = uid;
  }

  // --- life ---

  /** close(2) of the only descriptor. @returns 0 */
  close(): number {
    if (this.fd < 0) return 0;
    this.owner!.forget(this);
    this.fd = -1;
    this.owner = null;
    leaveAllGroups(this);
    this.release();
    this.wake();
    return 0;
  }

  wait(wake: () => void): void {
    if (this.#waiter === null) this.#waiter = wake;
    else if (this.#moreWaiters === null) this.#moreWaiters = this.#waiter === wake ? null : [wake];
    else if (this.#waiter !== wake && !this.#moreWaiters.includes(wake)) this.#moreWaiters.push(wake);
  }

  /** Tells whoever waits that {@link poll} may say something else now. */
  wake(): void {
    const first = this.#waiter;
    if (first === null) return;
    const more = this.#moreWaiters;
    this.#waiter = null;
    this.#moreWaiters = null;
    first();
    if (more !== null) for (const waiter of more) waiter();
  }

  // --- helpers of the kinds ---

  protected get ip(): IpLayer {
    return this.layer.ip;
  }

  /** The caller has all capabilities. */
  get isPrivileged(): boolean {
    return this.owner === null || this.owner.uid === 0;
  }

  /** The source that packets to `address` must have; null leaves it to the routes. */
  boundSourceTo(address: IpAddress): IpAddress | null {
    const { sourceAddress } = this;
    return sourceAddress.isUnspecified || sourceAddress.family !== address.family ? null : sourceAddress;
  }

  /** Bound to a mapped address the socket cannot talk IPv6; the routes are asked first all the same. */
  isWrongSource(destination: IpAddress): boolean {
    return destination.family === 6 && this.sourceAddress.family === 4;
  }

  /** What the socket has set for packets to `address`. */
  optionsTo(address: IpAddress): SendOptions {
    return address.family === 6 ? this.v6Options : this.sendOptions;
  }

  /** SO_BINDTODEVICE */
  setDevice(device: NetDevice | null): void {
    this.device = device;
    this.sendOptions.device = device;
    this.v6Options.device = device;
  }

  /** The wildcard of the socket's family. */
  get any(): IpAddress {
    return this.domain === 6 ? ANY_V6 : ANY_V4;
  }

  /** Both local addresses back to the wildcard. */
  clearLocalAddress(): void {
    this.localAddress = this.any;
    this.sourceAddress = this.any;
  }
}
