/**
 * The names that scripts use for numbers, with Linux's values on x86-64 (errno.h, socket.h, tcp.h, in.h, poll.h,
 * fcntl.h, epoll.h). A word that is not here is an error at the place where it stands.
 */
import { errnoNumber, isErrnoName } from '../../network/errno.ts';

/** Errnos that this program never returns but that a script may name. */
const FURTHER_ERRNOS = {
  E2BIG: 7,
  ESRCH: 3,
  ENXIO: 6,
  ECHILD: 10,
  EBUSY: 16,
  ENOTDIR: 20,
  EISDIR: 21,
  ERANGE: 34,
  ENOSYS: 38,
  EWOULDBLOCK: 11,
  ENODATA: 61,
  ETIME: 62,
  EBADMSG: 74,
  EILSEQ: 84,
  EUSERS: 87,
  EADDRINUSE: 98,
  ESHUTDOWN: 108,
  ETOOMANYREFS: 109,
  ESTALE: 116,
  ECANCELED: 125,
} as const;

const FAMILIES = { AF_UNSPEC: 0, AF_UNIX: 1, AF_INET: 2, AF_INET6: 10, PF_INET: 2, PF_INET6: 10 } as const;

const SOCKET_TYPES = {
  SOCK_STREAM: 1,
  SOCK_DGRAM: 2,
  SOCK_RAW: 3,
  SOCK_NONBLOCK: 0o4000,
  SOCK_CLOEXEC: 0o2000000,
} as const;

const LEVELS = {
  SOL_IP: 0,
  SOL_SOCKET: 1,
  SOL_TCP: 6,
  SOL_IPV6: 41,
  IPPROTO_IP: 0,
  IPPROTO_ICMP: 1,
  IPPROTO_TCP: 6,
  IPPROTO_UDP: 17,
  IPPROTO_IPV6: 41,
} as const;

/** Socket options by level; the keys without their prefix are the names that the socket API takes. */
export const SOCKET_OPTIONS = {
  SO_DEBUG: 1,
  SO_REUSEADDR: 2,
  SO_TYPE: 3,
  SO_ERROR: 4,
  SO_DONTROUTE: 5,
  SO_BROADCAST: 6,
  SO_SNDBUF: 7,
  SO_RCVBUF: 8,
  SO_KEEPALIVE: 9,
  SO_OOBINLINE: 10,
  SO_PRIORITY: 12,
  SO_LINGER: 13,
  SO_REUSEPORT: 15,
  SO_RCVLOWAT: 18,
  SO_SNDLOWAT: 19,
  SO_RCVTIMEO: 20,
  SO_SNDTIMEO: 21,
  SO_BINDTODEVICE: 25,
  SO_TIMESTAMP: 29,
  SO_ACCEPTCONN: 30,
  SO_SNDBUFFORCE: 32,
  SO_RCVBUFFORCE: 33,
  SO_MARK: 36,
  SO_TIMESTAMPING: 37,
  SO_PROTOCOL: 38,
  SO_DOMAIN: 39,
  SO_BUSY_POLL: 46,
  SO_MAX_PACING_RATE: 47,
  SO_MEMINFO: 55,
  SO_INCOMING_NAPI_ID: 56,
  SO_ZEROCOPY: 60,
  SO_TXTIME: 61,
} as const;

export const TCP_OPTIONS = {
  TCP_NODELAY: 1,
  TCP_MAXSEG: 2,
  TCP_CORK: 3,
  TCP_KEEPIDLE: 4,
  TCP_KEEPINTVL: 5,
  TCP_KEEPCNT: 6,
  TCP_SYNCNT: 7,
  TCP_LINGER2: 8,
  TCP_DEFER_ACCEPT: 9,
  TCP_WINDOW_CLAMP: 10,
  TCP_INFO: 11,
  TCP_QUICKACK: 12,
  TCP_CONGESTION: 13,
  TCP_MD5SIG: 14,
  TCP_THIN_LINEAR_TIMEOUTS: 16,
  TCP_USER_TIMEOUT: 18,
  TCP_FASTOPEN: 23,
  TCP_TIMESTAMP: 24,
  TCP_NOTSENT_LOWAT: 25,
  TCP_CC_INFO: 26,
  TCP_SAVE_SYN: 27,
  TCP_SAVED_SYN: 28,
  TCP_FASTOPEN_CONNECT: 30,
  TCP_ULP: 31,
  TCP_FASTOPEN_KEY: 33,
  TCP_FASTOPEN_NO_COOKIE: 34,
  TCP_ZEROCOPY_RECEIVE: 35,
  TCP_INQ: 36,
  TCP_TX_DELAY: 37,
} as const;

export const IP_OPTIONS = {
  IP_TOS: 1,
  IP_TTL: 2,
  IP_HDRINCL: 3,
  IP_OPTIONS: 4,
  IP_RECVOPTS: 6,
  IP_PKTINFO: 8,
  IP_MTU_DISCOVER: 10,
  IP_RECVERR: 11,
  IP_RECVTTL: 12,
  IP_RECVTOS: 13,
  IP_MTU: 14,
  IP_FREEBIND: 15,
  IP_TRANSPARENT: 19,
  IP_MINTTL: 21,
  IP_BIND_ADDRESS_NO_PORT: 24,
} as const;

export const IPV6_OPTIONS = {
  IPV6_UNICAST_HOPS: 16,
  IPV6_MULTICAST_HOPS: 18,
  IPV6_MTU_DISCOVER: 23,
  IPV6_MTU: 24,
  IPV6_RECVERR: 25,
  IPV6_V6ONLY: 26,
  IPV6_RECVHOPLIMIT: 51,
  IPV6_DONTFRAG: 62,
  IPV6_RECVTCLASS: 66,
  IPV6_TCLASS: 67,
  IPV6_MINHOPCOUNT: 73,
  IPV6_UNICAST_IF: 76,
} as const;

const PMTU_DISCOVERY = {
  IP_PMTUDISC_DONT: 0,
  IP_PMTUDISC_WANT: 1,
  IP_PMTUDISC_DO: 2,
  IP_PMTUDISC_PROBE: 3,
  IP_PMTUDISC_INTERFACE: 4,
  IP_PMTUDISC_OMIT: 5,
  IPV6_PMTUDISC_DONT: 0,
  IPV6_PMTUDISC_WANT: 1,
  IPV6_PMTUDISC_DO: 2,
  IPV6_PMTUDISC_PROBE: 3,
} as const;

export const MESSAGE_FLAGS = {
  MSG_OOB: 0x1,
  MSG_PEEK: 0x2,
  MSG_DONTROUTE: 0x4,
  MSG_CTRUNC: 0x8,
  MSG_TRUNC: 0x20,
  MSG_DONTWAIT: 0x40,
  MSG_EOR: 0x80,
  MSG_WAITALL: 0x100,
  MSG_CONFIRM: 0x800,
  MSG_ERRQUEUE: 0x2000,
  MSG_NOSIGNAL: 0x4000,
  MSG_MORE: 0x8000,
  MSG_ZEROCOPY: 0x4000000,
  MSG_FASTOPEN: 0x20000000,
} as const;

const POLL_EVENTS = {
  POLLIN: 0x001,
  POLLPRI: 0x002,
  POLLOUT: 0x004,
  POLLERR: 0x008,
  POLLHUP: 0x010,
  POLLNVAL: 0x020,
  POLLRDNORM: 0x040,
  POLLRDBAND: 0x080,
  POLLWRNORM: 0x100,
  POLLWRBAND: 0x200,
  POLLRDHUP: 0x2000,
} as const;

export const EPOLL = {
  EPOLL_CTL_ADD: 1,
  EPOLL_CTL_DEL: 2,
  EPOLL_CTL_MOD: 3,
  EPOLLIN: 0x001,
  EPOLLPRI: 0x002,
  EPOLLOUT: 0x004,
  EPOLLERR: 0x008,
  EPOLLHUP: 0x010,
  EPOLLRDNORM: 0x040,
  EPOLLWRNORM: 0x100,
  EPOLLRDHUP: 0x2000,
  EPOLLONESHOT: 0x40000000,
  EPOLLET: 0x80000000,
} as const;

export const FILE_CONTROL = {
  F_GETFL: 3,
  F_SETFL: 4,
  F_GETFD: 1,
  F_SETFD: 2,
  FD_CLOEXEC: 1,
  O_RDONLY: 0,
  O_WRONLY: 1,
  O_RDWR: 2,
  O_APPEND: 0o2000,
  O_NONBLOCK: 0o4000,
} as const;

export const SHUTDOWN_HOW = { SHUT_RD: 0, SHUT_WR: 1, SHUT_RDWR: 2 } as const;

export const IOCTLS = {
  SIOCINQ: 0x541b,
  FIONREAD: 0x541b,
  SIOCOUTQ: 0x5411,
  SIOCOUTQNSD: 0x894b,
  SIOCATMARK: 0x8905,
} as const;

const TABLES: readonly Readonly<Record<string, number>>[] = [
  FURTHER_ERRNOS,
  FAMILIES,
  SOCKET_TYPES,
  LEVELS,
  SOCKET_OPTIONS,
  TCP_OPTIONS,
  IP_OPTIONS,
  IPV6_OPTIONS,
  PMTU_DISCOVERY,
  MESSAGE_FLAGS,
  POLL_EVENTS,
  EPOLL,
  FILE_CONTROL,
  SHUTDOWN_HOW,
  IOCTLS,
  { SOMAXCONN: 4096, NULL: 0 },
];

const VALUES = new Map<string, number>(TABLES.flatMap((table) => Object.entries(table)));

/** The value of a name, or null when there is no such name. */
export function symbolValue(name: string): number | null {
  return VALUES.get(name) ?? errnoValue(name);
}

/** The positive errno called `name`, or null. */
export function errnoValue(name: string): number | null {
  if (isErrnoName(name)) return errnoNumber(name);
  return Object.hasOwn(FURTHER_ERRNOS, name) ? FURTHER_ERRNOS[name as keyof typeof FURTHER_ERRNOS] : null;
}

/** All names, for suggestions. */
export function symbolNames(): Iterable<string> {
  return VALUES.keys();
}

/** The system calls of the language. A script that uses another is refused where it does. */
export const SYSTEM_CALLS = [
  'socket',
  'bind',
  'listen',
  'accept',
  'connect',
  'read',
  'readv',
  'recv',
  'recvfrom',
  'recvmsg',
  'write',
  'writev',
  'send',
  'sendto',
  'sendmsg',
  'fcntl',
  'ioctl',
  'close',
  'shutdown',
  'getsockopt',
  'setsockopt',
  'poll',
  'epoll_create',
  'epoll_ctl',
  'epoll_wait',
] as const;

export type SystemCallName = (typeof SYSTEM_CALLS)[number];

export function isSystemCall(name: string): name is SystemCallName {
  return (SYSTEM_CALLS as readonly string[]).includes(name);
}
