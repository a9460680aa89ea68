/**
 * The four profiles' switches. Linux 6.18, FreeBSD of 2025, Windows as Microsoft documents it, and the standards alone
 * (RFC 9293, 1122, 768, POSIX), which leave most of it open.
 */
import { ConfigError } from '../sim/errors.ts';
import { nearest } from '../sim/nearest.ts';
import { FREEBSD_CALLS, LINUX_CALLS, RFC_CALLS, WINDOWS_CALLS } from './call-switches.ts';
import { PROFILE_NAMES, type ProfileName, type SocketProfile } from './profile.ts';

export const LINUX: SocketProfile = {
  name: 'linux',
  calls: LINUX_CALLS,
  title: 'Linux 6.18',
  ephemeral: {
    first: 32768,
    last: 60999,
    parity: true,
    sharedByDestination: true,
    bindExhausted: 'EADDRINUSE',
    connectExhausted: 'EADDRNOTAVAIL',
  },
  reuseAddr: 'both',
  reusePort: 'spread',
  listenChecksAgain: true,
  listenUnbound: 'autobind',
  quadTaken: 'EADDRNOTAVAIL',
  udpQuadTaken: 'newest',
  connectOnListener: 'EISCONN',
  udpReconnect: 'replaces',
  udpDisconnect: 'ok',
  udpIcmp: 'recverr',
  udpTie: 'newest',
};

export const FREEBSD: SocketProfile = {
  name: 'freebsd',
  calls: FREEBSD_CALLS,
  title: 'FreeBSD (main, 2025)',
  ephemeral: {
    first: 10000,
    last: 65535,
    parity: false,
    sharedByDestination: true,
    bindExhausted: 'EADDRNOTAVAIL',
    connectExhausted: 'EADDRNOTAVAIL',
  },
  reuseAddr: 'binder',
  reusePort: 'newest',
  listenChecksAgain: false,
  listenUnbound: 'autobind',
  quadTaken: 'EADDRINUSE',
  udpQuadTaken: 'EADDRINUSE',
  connectOnListener: 'EOPNOTSUPP',
  udpReconnect: 'disconnects',
  udpDisconnect: 'EAFNOSUPPORT',
  udpIcmp: 'connected',
  udpTie: 'newest',
};

/** Windows Server 2003 and later. Microsoft says which binds succeed and what is indeterminate; little else. */
export const WINDOWS: SocketProfile = {
  name: 'windows',
  calls: WINDOWS_CALLS,
  title: 'Windows Server 2003 and later, as documented',
  ephemeral: {
    first: 49152,
    last: 65535,
    parity: false,
    sharedByDestination: false,
    bindExhausted: 'ENOBUFS',
    connectExhausted: 'EADDRNOTAVAIL',
  },
  reuseAddr: 'table',
  reusePort: null,
  listenChecksAgain: false,
  listenUnbound: 'EINVAL',
  quadTaken: 'EADDRINUSE',
  udpQuadTaken: 'allowed',
  connectOnListener: 'EINVAL',
  udpReconnect: 'replaces',
  udpDisconnect: 'ok',
  udpIcmp: 'everyone',
  udpTie: 'any',
};

export const RFC: SocketProfile = {
  name: 'rfc',
  calls: RFC_CALLS,
  title: 'RFC 9293, 1122, 768 and POSIX, nothing else',
  // RFC 6056: the whole range above the system ports, algorithm 1; which errno tells that none is left, nobody says.
  ephemeral: {
    first: 1024,
    last: 65535,
    parity: false,
    sharedByDestination: false,
    bindExhausted: null,
    connectExhausted: null,
  },
  reuseAddr: null,
  reusePort: null,
  listenChecksAgain: false,
  listenUnbound: null,
  quadTaken: 'EADDRINUSE',
  udpQuadTaken: null,
  connectOnListener: null,
  udpReconnect: 'replaces',
  udpDisconnect: 'ok',
  udpIcmp: null,
  udpTie: null,
};

const PROFILES: Readonly<Record<ProfileName, SocketProfile>> = {
  linux: LINUX,
  freebsd: FREEBSD,
  windows: WINDOWS,
  rfc: RFC,
};

/** @throws ConfigError naming the profiles there are */
export function profileByName(name: string): SocketProfile {
  const known = PROFILE_NAMES.find((one) => one === name);
  if (known !== undefined) return PROFILES[known];
  const like = nearest(name, PROFILE_NAMES);
  const hint = like === null ? `one of ${PROFILE_NAMES.join(', ')}` : `did you mean '${like}'?`;
  throw new ConfigError(`unknown profile '${name}'`, [], hint);
}
