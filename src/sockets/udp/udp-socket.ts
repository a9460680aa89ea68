/**
 * A UDP socket (udp(7)): a queue of datagrams, an optional peer, one pending error. Kernel: net/ipv4/udp.c,
 * net/ipv4/datagram.c. Rules L25-L36, L40.
 */
import {
  EACCES,
  EAFNOSUPPORT,
  EAGAIN,
  EBADF,
  EDESTADDRREQ,
  EINVAL,
  EMSGSIZE,
  ENOPROTOOPT,
  ENOTCONN,
  ENOTTY,
  EOPNOTSUPP,
  EPIPE,
  errnoNumber,
} from '../../network/errno.ts';
import { flowOfPorts, flowOfSocket } from '../../network/flow-label.ts';
import { PROTOCOL_UDP } from '../../network/ip-packet.ts';
import { socketOrigin, WaitingBytes } from '../../network/packet-origin.ts';
import { ANY_V6, type IpAddress, type IpFamily } from '../../packet/ip-address.ts';
import type { Payload } from '../../packet/payload.ts';
import { UdpDatagram } from '../../transport/udp.ts';
import {
  type Endpoint,
  type ExtendedError,
  MSG_ERRQUEUE,
  MSG_OOB,
  MSG_PEEK,
  MSG_TRUNC,
  type OptionValue,
  POLLERR,
  POLLHUP,
  POLLIN,
  POLLOUT,
  POLLRDHUP,
  type QueueRequest,
  type Received,
  type ShutdownHow,
  type Socket,
} from '../api.ts';
import type { GroupListener } from '../demux/multicast-delivery.ts';
import type { ReusePortGroup } from '../demux/reuseport-group.ts';
import type { UdpSeat } from '../demux/udp-table.ts';
import { InetSocket, SHUT_BOTH, SHUT_READ, SHUT_WRITE } from '../inet-socket.ts';
import { sendTarget6 } from '../inet6.ts';
import { systemHasOption } from '../options/by-system.ts';
import { applyRule, findRule, readRule } from '../options/rule.ts';
import { UDP_OPTIONS } from '../options/udp-level.ts';
import { realDestination, routeToPeer } from '../peer-route.ts';
import type { SocketRules } from '../rules/socket-rules.ts';
import { shutdownBits } from '../shutdown.ts';
import type { SocketLayer } from '../socket-layer.ts';
import { connectBy, disconnectBy, shutdownBy, targetBy } from './other-systems.ts';
import { largestTo, optionsFor, sourceFor } from './outgoing.ts';

const MAX_LENGTH_FIELD = 65535;
/** What the kernel charges to the receive buffer for a datagram beside its bytes: buffer heads and alignment. */
const BOOKKEEPING = 768;

/** A datagram that waits for recv(). */
export interface QueuedDatagram {
  readonly data: Payload;
  readonly from: Endpoint;
}

/** An ICMP error that waits for recv(MSG_ERRQUEUE). */
export interface QueuedError {
  /** What was sent, as far as the error quotes it. */
  readonly data: Payload;
  /** Whom it was sent to. */
  readonly to: Endpoint;
  readonly extended: ExtendedError;
}

/**
 * The target of a connect() that failed while the socket had a peer. Linux keeps the last flow that it looked up beside
 * the cached route: the next send() goes to the peer and caches the route, all further ones go along that route, but
 * with the address that failed. Where no route fits them they are lost.
 */
interface Astray {
  readonly address: IpAddress;
  readonly port: number;
  isCached: boolean;
}

export class UdpSocket extends InetSocket implements GroupListener<UdpSocket> {
  readonly kind: 'udp' | 'udp6';
  seat: UdpSeat<UdpSocket> | null = null;
  group: ReusePortGroup<UdpSocket> | null = null;
  isConnected = false;
  lastPeer: IpAddress = ANY_V6;
  readonly isStream = false;
  keepalive = false;
  /** SO_NO_CHECK */
  noChecksum = false;
  rcvbuf: number;
  sndbuf: number;
  error = 0;
  #queue: QueuedDatagram[] = [];
  #queuedBytes = 0;
  /** Sent, and waiting for a neighbour to be resolved. */
  readonly #waiting = new WaitingBytes(() => this.wake());
  /** How often connect() has given the socket a peer. */
  #peers = 0;
  #errors: QueuedError[] = [];
  /** Where datagrams to the peer really go after a connect() that failed; see {@link Astray}. */
  #astray: Astray | null = null;

  constructor(layer: SocketLayer, uid: number, domain: IpFamily = 4) {
    super(layer, uid, domain);
    this.kind = domain === 6 ? 'udp6' : 'udp';
    this.rcvbuf = layer.limits.rmemDefault;
    this.sndbuf = layer.limits.wmemDefault;
    this.sendOptions.origin = socketOrigin(this.#waiting);
    this.v6Options.origin = this.sendOptions.origin;
  }

  // --- names ---

  get isBusy(): boolean {
    return this.isConnected || this.localPort !== 0;
  }

  protected getPort(port: number): number {
    return this.layer.udp.ports.bind(this, port);
  }

  protected connectEarly(): number | null {
    if (this.layer.rules !== null) return null;
    return this.#autobind() < 0 ? -EAGAIN : null;
  }

  /**
   * Sets the peer, any number of times (L34). The route must exist; a socket that is bound to no address gets the
   * route's source and moves there.
   */
  protected connectTo(remote: Endpoint): number {
    if (this.layer.rules !== null) return connectBy(this.layer.rules, this, remote);
    const asked = remote.address;
    const found = routeToPeer(this, asked, sourceFor(this, asked), optionsFor(this, asked));
    this.#astray = null;
    if (typeof found === 'number') return this.#connectFailed(found, asked, remote.port);
    const { route, address } = found;
    if (route.kind === 'broadcast' && !this.broadcast)
      return this.#connectFailed(-EACCES, address, remote.port);
    this.remoteAddress = address;
    this.lastPeer = address;
    this.remotePort = remote.port;
    if (this.sourceAddress.isUnspecified) this.sourceAddress = route.source;
    if (this.localAddress.isUnspecified) {
      this.localAddress = route.source;
      this.layer.udp.table.rehash(this);
    }
    if (this.group !== null) this.group.hasConnections = true;
    this.isConnected = true;
    this.#peers++;
    this.layer.udp.table.connected(this);
    return 0;
  }

  #connectFailed(errno: number, address: IpAddress, port: number): number {
    // An AF_INET6 socket takes its peer back, and sends to mapped ones as if they were named in the call.
    if (this.isConnected && this.domain === 4) this.#astray = { address, port, isCached: false };
    return errno;
  }

  /** connect(AF_UNSPEC) (L35): no peer, no device; what bind() did not name is given up. */
  disconnect(): number {
    if (this.layer.rules !== null) return disconnectBy(this.layer.rules.profile, this);
    this.isConnected = false;
    this.remoteAddress = this.any;
    this.remotePort = 0;
    this.setDevice(null);
    this.#astray = null;
    if (!this.isAddressBound) {
      this.clearLocalAddress();
      if (this.isPortBound) this.layer.udp.table.rehash(this);
    }
    if (!this.isPortBound) {
      this.layer.udp.table.remove(this);
      this.shownPort = 0;
    }
    return 0;
  }

  override peerName(): Endpoint | number {
    return this.isConnected ? super.peerName() : -ENOTCONN;
  }

  listen(_backlog: number): number {
    return -EOPNOTSUPP;
  }

  accept(): Socket | number {
    const { rules } = this.layer;
    return rules === null ? -EOPNOTSUPP : -errnoNumber(rules.profile.calls.acceptOnUdp);
  }

  get isListening(): boolean {
    return false;
  }

  // --- data ---

  send(data: Payload, flags: number = 0, to: Endpoint | null = null): number {
    const { rules } = this.layer;
    if (rules !== null) return this.#sendBy(rules, data, flags, to);
    if (this.#autobind() < 0) return -EAGAIN;
    const isTooLong = data.size > MAX_LENGTH_FIELD;
    if (isTooLong && this.domain === 4) return -EMSGSIZE;
    if ((flags & MSG_OOB) !== 0) return -EOPNOTSUPP;
    if (to === null && !this.isConnected) return -EDESTADDRREQ;
    const target = to === null ? null : this.#targetOf(to);
    if (typeof target === 'number') return target;
    const asked = target === null ? this.remoteAddress : target.address;
    if (isTooLong && asked.family === 4) return -EMSGSIZE; // udpv6_sendmsg finds out that this is udp_sendmsg's
    if (target !== null && target.port === 0) return -EINVAL;
    const port = target === null ? this.remotePort : target.port;
    const options = optionsFor(this, asked, target?.scopeId);
    const route = this.ip.route(asked, sourceFor(this, asked), options);
    if (typeof route === 'number') return route;
    if (this.isWrongSource(asked)) return -EAFNOSUPPORT;
    const address = asked.family === 6 ? asked : realDestination(asked, route);
    if (route.kind === 'broadcast' && !this.broadcast) return -EACCES;
    if (data.size > largestTo(asked)) return -EMSGSIZE;
    const error = this.takeError();
    if (error !== 0) return -error;
    if ((this.shut & SHUT_WRITE) !== 0) return -EPIPE;
    const source = this.boundSourceTo(address) ?? route.source;
    if (to === null && this.#astray !== null) return this.#sendAfterFailedConnect(this.#astray, data, source);
    if (this.#waiting.bytes >= this.sndbuf) return -EAGAIN;
    const datagram = new UdpDatagram(this.localPort, port, data, !this.noChecksum);
    options.flow = this.#flowTo(port);
    // 0.0.0.0 as it is: it leaves by the loopback interface even where a device is asked for.
    const result = this.ip.send(source, asked, PROTOCOL_UDP, datagram, options);
    return result < 0 ? result : data.size;
  }

  #sendBy(rules: SocketRules, data: Payload, flags: number, to: Endpoint | null): number {
    const target = targetBy(rules, this, data, flags, to);
    if (typeof target === 'number') return target;
    if (this.#waiting.bytes >= this.sndbuf) return -EAGAIN;
    const { address, port } = target;
    const options = optionsFor(this, address);
    const route = this.ip.route(address, sourceFor(this, address), options);
    if (typeof route === 'number') return route;
    const datagram = new UdpDatagram(this.localPort, port, data, !this.noChecksum);
    const source = this.boundSourceTo(address) ?? route.source;
    options.flow = this.#flowTo(port);
    const result = this.ip.send(source, address, PROTOCOL_UDP, datagram, options);
    return result < 0 ? result : data.size;
  }

  /** Another peer on a system that forgets what the last one sent (W2). */
  peerChanged(): void {
    if (this.layer.profile !== 'windows') return;
    this.#queue = [];
    this.#queuedBytes = 0;
  }

  /** A pending error comes before queued datagrams, and once (L40). */
  recv(size: number, flags: number = 0): Received | number {
    if ((flags & MSG_ERRQUEUE) !== 0) return this.layer.rules === null ? this.#recvError() : -EOPNOTSUPP;
    const error = this.takeError();
    if (error !== 0) return -error;
    const next = this.#queue[0];
    if (next === undefined) return -EAGAIN;
    if ((flags & MSG_PEEK) === 0) {
      this.#queue.shift();
      this.#queuedBytes -= next.data.size + BOOKKEEPING;
    }
    const fullSize = next.data.size;
    const data = size < fullSize ? next.data.slice(0, size) : next.data;
    return { data, from: next.from, fullSize: (flags & MSG_TRUNC) !== 0 ? fullSize : data.size };
  }

  /** A datagram has arrived for this socket. @returns false when the receive buffer is full */
  enqueue(data: Payload, from: Endpoint): boolean {
    if (this.#queuedBytes > this.rcvbuf) return false;
    this.#queuedBytes += data.size + BOOKKEEPING;
    this.#queue.push({ data, from });
    this.wake();
    return true;
  }

  override ioctl(request: QueueRequest): number {
    if (this.fd < 0) return -EBADF;
    if (request === 'SIOCINQ') return this.#queue[0]?.data.size ?? 0;
    return request === 'SIOCOUTQ' ? 0 : -ENOTTY;
  }

  /** Datagrams that wait for recv(). */
  get queued(): number {
    return this.#queue.length;
  }

  // --- errors, readiness, life ---

  /** An ICMP error that the lookup gave to this socket. @param queued the entry for the error queue with IP_RECVERR */
  reportError(errno: number, queued: QueuedError | null): void {
    if (queued !== null) this.#errors.push(queued);
    this.error = errno;
    this.wake();
  }

  takeError(): number {
    const { error } = this;
    this.error = 0;
    return error;
  }

  poll(): number {
    let events = this.#waiting.bytes * 2 < this.sndbuf ? POLLOUT : 0;
    if (this.error !== 0 || this.#errors.length > 0) events |= POLLERR;
    if (this.#queue.length > 0) events |= POLLIN;
    if ((this.shut & SHUT_READ) !== 0) events |= POLLIN | POLLRDHUP;
    if (this.shut === SHUT_BOTH) events |= POLLHUP;
    return events;
  }

  /** Notes the wish even on a socket without peer, to which it answers ENOTCONN. */
  shutdown(how: ShutdownHow | number): number {
    const bits = shutdownBits(how);
    if (bits < 0) return bits;
    if (this.layer.rules !== null) return shutdownBy(this.layer.rules.profile, this, bits);
    this.shut |= bits;
    this.wake();
    return this.isConnected ? 0 : -ENOTCONN;
  }

  protected release(): void {
    this.layer.udp.table.remove(this);
    this.#queue = [];
    this.#errors = [];
    this.layer.closed(this);
  }

  deviceChanged(): void {
    if (this.#astray !== null) this.#astray.isCached = false;
    this.layer.udp.table.rehash(this);
  }

  override setOption(name: string, value: OptionValue): number {
    if (!systemHasOption(this.layer.profile, name)) return -ENOPROTOOPT;
    const own = findRule(UDP_OPTIONS, name);
    return own === undefined ? super.setOption(name, value) : applyRule<UdpSocket>(own, this, value);
  }

  override getOption(name: string): OptionValue {
    if (!systemHasOption(this.layer.profile, name)) return -ENOPROTOOPT;
    const own = findRule(UDP_OPTIONS, name);
    if (name.startsWith('TCP_')) return -EOPNOTSUPP; // another protocol's level
    return own === undefined ? super.getOption(name) : readRule<UdpSocket>(own, this);
  }

  /** connect() and send() give an unbound socket a port before they look at anything else. */
  #autobind(): number {
    return this.localPort !== 0 ? 0 : this.takeAnyPort();
  }

  /** bind() to any port at the present address. @returns 0 or minus an errno */
  takeAnyPort(): number {
    const result = this.getPort(0);
    if (result === 0) this.shownPort = this.localPort;
    return result;
  }

  #sendAfterFailedConnect(astray: Astray, data: Payload, source: IpAddress): number {
    const { isCached } = astray;
    const address = isCached ? astray.address : this.remoteAddress;
    const port = isCached ? astray.port : this.remotePort;
    astray.isCached = true;
    const datagram = new UdpDatagram(this.localPort, port, data, !this.noChecksum);
    const result = this.ip.send(source, address, PROTOCOL_UDP, datagram, optionsFor(this, address));
    if (result < 0 && isCached) this.layer.drops.drop('udp.astray', datagram);
    return result < 0 && !isCached ? result : data.size;
  }

  /** Whom sendto() means; mapped addresses are IPv4 ones from here on. */
  #targetOf(to: Endpoint): Endpoint | number {
    if (this.domain === 6) return sendTarget6(this, to);
    return to.address.family === 4 ? to : -EAFNOSUPPORT;
  }

  /** Datagrams of one four-tuple are a flow, until connect() gives the socket one of its own for whatever it sends. */
  #flowTo(port: number): number {
    return this.#peers === 0 ? flowOfPorts(this.localPort, port) : flowOfSocket(this.id, this.#peers);
  }

  #recvError(): Received | number {
    const next = this.#errors.shift();
    if (next === undefined) return -EAGAIN;
    this.error = this.#errors[0]?.extended.errno ?? 0;
    return { data: next.data, from: next.to, fullSize: next.data.size, extended: next.extended };
  }
}
