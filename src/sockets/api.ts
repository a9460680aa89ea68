/**
 * The socket API as programs see it: POSIX calls on objects. Every call is non-blocking; blocking calls are
 * generators built on top (`blocking.ts`). A call returns 0 or more, or minus an errno: nothing here throws.
 */
import type { IpAddress } from '../packet/ip-address.ts';
import type { Payload } from '../packet/payload.ts';
import type { TcpInfo } from '../transport/tcp/info.ts';

export interface Endpoint {
  readonly address: IpAddress;
  /** 0-65535 */
  readonly port: number;
  /** The interface that a link-local IPv6 address is on (sin6_scope_id). Default: 0, not said. */
  readonly scopeId?: number;
}

/** A sockaddr_in or sockaddr_in6 as it may really be passed: with any family number and any length in bytes. */
export interface SocketAddress extends Endpoint {
  /** 2 is AF_INET, 10 AF_INET6, 0 AF_UNSPEC */
  readonly family: number;
  readonly length: number;
}

/** AF_INET or AF_INET6 with SOCK_STREAM or SOCK_DGRAM, as `tcp`, `udp`, `tcp6`, `udp6`; `icmp` and `icmp6` are ping sockets. */
export type SocketKind = 'tcp' | 'udp' | 'tcp6' | 'udp6' | 'icmp' | 'icmp6';

/** Readiness bits with Linux's values (poll(2)). */
export const POLLIN = 0x001;
export const POLLPRI = 0x002;
export const POLLOUT = 0x004;
export const POLLERR = 0x008;
export const POLLHUP = 0x010;
export const POLLRDHUP = 0x2000;

/** Flags of send and recv with Linux's values (send(2), recv(2)); the transport floor acts on some of them. */
export {
  MSG_DONTWAIT,
  MSG_EOR,
  MSG_FASTOPEN,
  MSG_MORE,
  MSG_OOB,
  MSG_PEEK,
} from '../transport/message-flags.ts';
export const MSG_TRUNC = 0x20;
/** The next entry of the error queue (IP_RECVERR): the quoted data, and whom it was sent to. */
export const MSG_ERRQUEUE = 0x2000;

export type ShutdownHow = 'rd' | 'wr' | 'rdwr';

/** What the error queue tells beside the datagram (IP_RECVERR, struct sock_extended_err in ip(7)). */
export interface ExtendedError {
  /** Positive. */
  readonly errno: number;
  /** ICMP type and code. */
  readonly type: number;
  readonly code: number;
  /** Who reports: SO_EE_OFFENDER. */
  readonly offender: IpAddress;
}

/** A datagram or a piece of stream as recvfrom() gives it. */
export interface Received {
  readonly data: Payload;
  /** Sender; null for a stream. */
  readonly from: Endpoint | null;
  /** The bytes the datagram had; more than `data.size` when the buffer was too small (MSG_TRUNC). */
  readonly fullSize: number;
  /** TTL of the packet (IP_RECVTTL), where the socket knows it. */
  readonly ttl?: number;
  /** Only from the error queue (MSG_ERRQUEUE). */
  readonly extended?: ExtendedError;
}

/** The value of a socket option: most are integers; LINGER seconds or -1; BINDTODEVICE a name; JOIN two addresses. */
export type OptionValue = number | string | GroupOnAddress | GroupOnInterface;

/** struct ip_mreq: a group, and an address of the interface. */
export interface GroupOnAddress {
  readonly group: IpAddress;
  readonly device: IpAddress;
}

/** struct ipv6_mreq: a group, and the interface's index; 0 leaves the choice to the routes. */
export interface GroupOnInterface {
  readonly group: IpAddress;
  readonly interfaceIndex: number;
}

/**
 * Bytes that wait to be read; bytes not acknowledged by the peer; bytes not sent; 1 when the next byte to read is the
 * urgent one, else 0 (tcp(7), udp(7), sockatmark(3)).
 */
export type QueueRequest = 'SIOCINQ' | 'SIOCOUTQ' | 'SIOCOUTQNSD' | 'SIOCATMARK';

export interface Socket {
  readonly kind: SocketKind;
  /** File descriptor in the owning process; -1 once closed. */
  readonly fd: number;
  bind(local: Endpoint): number;
  listen(backlog: number): number;
  /** A new socket for the oldest completed connection, or -EAGAIN, -EINVAL, ... */
  accept(): Socket | number;
  connect(remote: Endpoint): number;
  /** A blocking connect() that slept has woken up. @returns 0, -EALREADY to sleep on, or why it failed */
  resumeConnect(remote: Endpoint): number;
  /** connect() with AF_UNSPEC. */
  disconnect(): number;
  /** @param to null for the connected peer @returns bytes taken or minus an errno */
  send(data: Payload, flags?: number, to?: Endpoint | null): number;
  /** @param size of the caller's buffer, bytes */
  recv(size: number, flags?: number): Received | number;
  shutdown(how: ShutdownHow): number;
  close(): number;
  /** getsockname(2) */
  localName(): Endpoint;
  /** getpeername(2): or -ENOTCONN */
  peerName(): Endpoint | number;
  setOption(name: string, value: OptionValue): number;
  getOption(name: string): OptionValue;
  /** getsockopt(TCP_INFO), or minus an errno: -ENOPROTOOPT for what is not TCP, -EBADF once closed. */
  tcpInfo(): TcpInfo | number;
  /** ioctl(2) about queued bytes, or minus an errno. */
  ioctl(request: QueueRequest): number;
  /** POLLIN | POLLOUT | ... as poll(2) would report them now. */
  poll(): number;
  /** Calls `wake` once at the next event that may change {@link poll}; a second call adds a second waiter. */
  wait(wake: () => void): void;
}

/** A process on a host: an owner of descriptors, with the credentials that some calls look at. */
export interface Process {
  readonly pid: number;
  readonly name: string;
  /** Effective user id; 0 has every capability. */
  uid: number;
  /** socket(2): a new socket, or -EMFILE, -EAFNOSUPPORT, ... */
  socket(kind: SocketKind): Socket | number;
  /** All open sockets in the order of their descriptors. */
  readonly sockets: readonly Socket[];
  /** Exit or crash: closes every descriptor. */
  exit(): void;
}
