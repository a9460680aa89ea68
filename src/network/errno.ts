/**
 * POSIX error numbers with Linux's values (errno(3)). Inside the engine a failed call returns minus one of these;
 * people see the name.
 */
import { invariant } from '../sim/errors.ts';

export const EPERM = 1;
export const ENOENT = 2;
export const ESRCH = 3;
export const EINTR = 4;
export const EIO = 5;
export const EBADF = 9;
export const EAGAIN = 11;
export const ENOMEM = 12;
export const EACCES = 13;
export const EFAULT = 14;
export const EEXIST = 17;
export const ENODEV = 19;
export const EINVAL = 22;
export const ENFILE = 23;
export const EMFILE = 24;
export const ENOTTY = 25;
export const ENOSPC = 28;
export const ESPIPE = 29;
export const EPIPE = 32;
export const EDOM = 33;
export const EPROTO = 71;
export const ENONET = 64;
export const EOVERFLOW = 75;
export const ENOTSOCK = 88;
export const EDESTADDRREQ = 89;
export const EMSGSIZE = 90;
export const EPROTOTYPE = 91;
export const ENOPROTOOPT = 92;
export const EPROTONOSUPPORT = 93;
export const ESOCKTNOSUPPORT = 94;
export const EOPNOTSUPP = 95;
export const EPFNOSUPPORT = 96;
export const EAFNOSUPPORT = 97;
export const EADDRINUSE = 98;
export const EADDRNOTAVAIL = 99;
export const ENETDOWN = 100;
export const ENETUNREACH = 101;
export const ENETRESET = 102;
export const ECONNABORTED = 103;
export const ECONNRESET = 104;
export const ENOBUFS = 105;
export const EISCONN = 106;
export const ENOTCONN = 107;
export const ETIMEDOUT = 110;
export const ECONNREFUSED = 111;
export const EHOSTDOWN = 112;
export const EHOSTUNREACH = 113;
export const EALREADY = 114;
export const EINPROGRESS = 115;

const NUMBERS = {
  EPERM,
  ENOENT,
  ESRCH,
  EINTR,
  EIO,
  EBADF,
  EAGAIN,
  ENOMEM,
  EACCES,
  EFAULT,
  EEXIST,
  ENODEV,
  EINVAL,
  ENFILE,
  EMFILE,
  ENOTTY,
  ENOSPC,
  ESPIPE,
  EPIPE,
  EDOM,
  EPROTO,
  ENONET,
  EOVERFLOW,
  ENOTSOCK,
  EDESTADDRREQ,
  EMSGSIZE,
  EPROTOTYPE,
  ENOPROTOOPT,
  EPROTONOSUPPORT,
  ESOCKTNOSUPPORT,
  EOPNOTSUPP,
  EPFNOSUPPORT,
  EAFNOSUPPORT,
  EADDRINUSE,
  EADDRNOTAVAIL,
  ENETDOWN,
  ENETUNREACH,
  ENETRESET,
  ECONNABORTED,
  ECONNRESET,
  ENOBUFS,
  EISCONN,
  ENOTCONN,
  ETIMEDOUT,
  ECONNREFUSED,
  EHOSTDOWN,
  EHOSTUNREACH,
  EALREADY,
  EINPROGRESS,
} as const;

export type ErrnoName = keyof typeof NUMBERS;

const NAMES = new Map<number, ErrnoName>(
  Object.entries(NUMBERS).map(([name, number]) => [number, name as ErrnoName]),
);

/** The name of an errno, given as itself or negated: both 98 and -98 are `EADDRINUSE`. */
export function errnoName(errno: number): ErrnoName {
  const name = NAMES.get(Math.abs(errno));
  invariant(name !== undefined, `unknown errno ${errno}`);
  return name;
}

export function isErrnoName(name: string): name is ErrnoName {
  return Object.hasOwn(NUMBERS, name);
}

/** The number of an errno name. */
export function errnoNumber(name: ErrnoName): number {
  return NUMBERS[name];
}
