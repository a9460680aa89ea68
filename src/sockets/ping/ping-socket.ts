/**
 * A ping socket (icmp(7)) of either family: sends ICMP echo requests under an identifier of its own and receives the replies. Any user
 * may open one here, as where net.ipv4.ping_group_range lets everybody. Kernel: net/ipv4/ping.c.
 */
import {
  EACCES,
  EADDRINUSE,
  EAFNOSUPPORT,
  EAGAIN,
  EDESTADDRREQ,
  EINVAL,
  EMSGSIZE,
  EOPNOTSUPP,
} from '../../network/errno.ts';
import { ICMP_HEADER_SIZE } from '../../network/icmp.ts';
import type { SendOptions } from '../../network/ports.ts';
import { readU16 } from '../../packet/bytes.ts';
import type { IpAddress, IpFamily } from '../../packet/ip-address.ts';
import type { Payload } from '../../packet/payload.ts';
import {
  type Endpoint,
  type ExtendedError,
  MSG_ERRQUEUE,
  MSG_OOB,
  MSG_PEEK,
  MSG_TRUNC,
  POLLERR,
  POLLIN,
  POLLOUT,
  type Received,
  type Socket,
} from '../api.ts';
import { InetSocket } from '../inet-socket.ts';
import { sendTarget6 } from '../inet6.ts';
import { realDestination } from '../peer-route.ts';
import type { SocketLayer } from '../socket-layer.ts';
import { echoProtocol, echoRequest, echoRequestType } from './echo.ts';

/** The identifier and sequence fields end here. */
const MAX_MESSAGE = 65535;
const BOOKKEEPING = 768;

interface QueuedReply {
  readonly data: Payload;
  readonly from: IpAddress;
  readonly ttl: number;
}

interface QueuedError {
  /** The request, as far as the error quotes it. */
  readonly data: Payload;
  readonly to: Endpoint;
  readonly extended: ExtendedError;
}

export class PingSocket extends InetSocket {
  readonly kind: 'icmp' | 'icmp6';
  readonly isStream = false;
  readonly isListening = false;
  rcvbuf: number;
  sndbuf: number;
  isConnected = false;
  #error = 0;
  #replies: QueuedReply[] = [];
  #queuedBytes = 0;
  #errors: QueuedError[] = [];

  constructor(layer: SocketLayer, uid: number, domain: IpFamily = 4) {
    super(layer, uid, domain);
    this.kind = domain === 6 ? 'icmp6' : 'icmp';
    this.rcvbuf = layer.limits.rmemDefault;
    this.sndbuf = layer.limits.wmemDefault;
  }

  get isBusy(): boolean {
    return this.localPort !== 0;
  }

  protected getPort(port: number): number {
    return this.layer.ping.claim(this, port) ? 0 : -EADDRINUSE;
  }

  protected connectEarly(): number | null {
    return this.#claimAny() ? null : -EAGAIN;
  }

  protected connectTo(remote: Endpoint): number {
    const asked = remote.address;
    if (asked.family !== this.domain) return -EINVAL; // a mapped address
    const route = this.ip.route(asked, this.boundSourceTo(asked), this.optionsTo(asked));
    if (typeof route === 'number') return route;
    this.remoteAddress = this.domain === 6 ? asked : realDestination(asked, route);
    if (this.localAddress.isUnspecified) this.localAddress = route.source;
    this.isConnected = true;
    return 0;
  }

  disconnect(): number {
    this.isConnected = false;
    this.remoteAddress = this.any;
    if (!this.isAddressBound) this.clearLocalAddress();
    return 0;
  }

  listen(): number {
    return -EOPNOTSUPP;
  }

  accept(): Socket | number {
    return -EOPNOTSUPP;
  }

  /**
   * @param data an ICMP echo request: the kernel fills in identifier and checksum
   * @param to its port is not looked at
   */
  send(data: Payload, flags: number = 0, to: Endpoint | null = null): number {
    if (data.size > MAX_MESSAGE) return -EMSGSIZE;
    if ((flags & MSG_OOB) !== 0) return -EOPNOTSUPP;
    if (
      data.size < ICMP_HEADER_SIZE ||
      data.bytes[data.start] !== echoRequestType(this.domain) ||
      data.bytes[data.start + 1] !== 0
    )
      return -EINVAL;
    if (to === null && !this.isConnected) return -EDESTADDRREQ;
    const target = to === null ? null : this.#targetOf(to);
    if (typeof target === 'number') return target;
    const asked = target?.address ?? this.remoteAddress;
    if (asked.family !== this.domain) return -EINVAL;
    if (!this.#claimAny()) return -EAGAIN;
    const options = this.#optionsFor(asked, target?.scopeId ?? 0);
    const route = this.ip.route(asked, this.boundSourceTo(asked), options);
    if (typeof route === 'number') return route;
    const address = this.domain === 6 ? asked : realDestination(asked, route);
    if (route.kind === 'broadcast' && !this.broadcast) return -EACCES;
    const error = this.takeError();
    if (error !== 0) return -error;
    const rest = ((this.localPort << 16) | readU16(data.bytes, data.start + 6)) >>> 0;
    const request = echoRequest(this.domain, rest, data.slice(ICMP_HEADER_SIZE));
    const source = this.sourceAddress.isUnspecified ? route.source : this.sourceAddress;
    const result = this.ip.send(source, address, echoProtocol(this.domain), request, options);
    return result < 0 ? result : data.size;
  }

  recv(size: number, flags: number = 0): Received | number {
    if ((flags & MSG_ERRQUEUE) !== 0) return this.#recvError();
    const error = this.takeError();
    if (error !== 0) return -error;
    const [next] = this.#replies;
    if (next === undefined) return -EAGAIN;
    if ((flags & MSG_PEEK) === 0) {
      this.#replies.shift();
      this.#queuedBytes -= next.data.size + BOOKKEEPING;
    }
    const data = size < next.data.size ? next.data.slice(0, size) : next.data;
    const fullSize = (flags & MSG_TRUNC) !== 0 ? next.data.size : data.size;
    return { data, from: { address: next.from, port: 0 }, fullSize, ttl: next.ttl };
  }

  shutdown(): number {
    return -EOPNOTSUPP;
  }

  poll(): number {
    let events = POLLOUT;
    if (this.#error !== 0 || this.#errors.length > 0) events |= POLLERR;
    if (this.#replies.length > 0) events |= POLLIN;
    return events;
  }

  takeError(): number {
    const error = this.#error;
    this.#error = 0;
    return error;
  }

  deviceChanged(): void {}

  /** A reply has arrived. @returns false when the receive buffer is full */
  enqueue(data: Payload, from: IpAddress, ttl: number): boolean {
    if (this.#queuedBytes > this.rcvbuf) return false;
    this.#queuedBytes += data.size + BOOKKEEPING;
    this.#replies.push({ data, from, ttl });
    this.wake();
    return true;
  }

  /** @param queued the entry for the error queue with IP_RECVERR */
  reportError(errno: number, queued: QueuedError | null): void {
    if (queued !== null) this.#errors.push(queued);
    this.#error = errno;
    this.wake();
  }

  protected release(): void {
    this.layer.ping.release(this);
    this.#replies = [];
    this.#errors = [];
  }

  /** send() and connect() give an unbound socket an identifier. */
  #claimAny(): boolean {
    if (this.localPort !== 0) return true;
    const isClaimed = this.layer.ping.claim(this, 0);
    if (isClaimed) this.shownPort = this.localPort;
    return isClaimed;
  }

  #targetOf(to: Endpoint): Endpoint | number {
    if (this.domain === 6) return sendTarget6(this, to);
    return to.address.family === 4 ? to : -EAFNOSUPPORT;
  }

  /** A scope id names the interface for this request alone. */
  #optionsFor(address: IpAddress, scopeId: number): SendOptions {
    const options = this.optionsTo(address);
    const device = scopeId === 0 ? null : this.ip.deviceByIndex(scopeId);
    return device === null ? options : { ...options, device };
  }

  #recvError(): Received | number {
    const next = this.#errors.shift();
    if (next === undefined) return -EAGAIN;
    this.#error = this.#errors[0]?.extended.errno ?? 0;
    return { data: next.data, from: next.to, fullSize: next.data.size, extended: next.extended };
  }
}
