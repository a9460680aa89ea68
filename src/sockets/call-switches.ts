/**
 * The answers of socket calls on which systems differ, one switch each. `null`: the documents behind the profile do not
 * say, and the call is refused. What every system answers alike (EINPROGRESS, EISCONN, EMSGSIZE …) has no switch.
 */
import type { ErrnoName } from '../network/errno.ts';

export interface CallSwitches {
  /** bind() to a port below 1024 without privilege. */
  readonly privilegedPort: ErrnoName | null;
  /** bind() of a TCP socket to a group; of any socket to a broadcast address; of a UDP socket to a group. */
  readonly bindStreamToGroup: 'ok' | ErrnoName | null;
  readonly bindToBroadcast: 'ok' | ErrnoName | null;
  readonly bindDatagramToGroup: 'ok' | ErrnoName | null;
  /** connect() and sendto() to 0.0.0.0: this host, or an errno. */
  readonly toAnyAddress: 'this-host' | ErrnoName | null;
  /** connect() and sendto() to port 0. */
  readonly toPortZero: 'sent' | ErrnoName | null;
  /** TCP connect() to a group, to 255.255.255.255, and to a network's broadcast address. */
  readonly tcpToGroup: ErrnoName | null;
  readonly tcpToLimitedBroadcast: ErrnoName | null;
  readonly tcpToBroadcast: ErrnoName | null;
  /** UDP without SO_BROADCAST: connect() to a broadcast address, and sendto(). */
  readonly udpConnectBroadcast: ErrnoName | null;
  readonly udpSendBroadcast: ErrnoName | null;
  /** connect() on a TCP socket whose attempt to connect has failed, and on one whose connection has ended. */
  readonly connectAfterFailure: 'anew' | ErrnoName | null;
  readonly connectAfterEnd: 'anew' | ErrnoName | null;
  readonly listenConnected: ErrnoName;
  /** listen() on a TCP socket whose connection has ended, or could not be made. */
  readonly listenAfterEnd: 'anew' | ErrnoName | null;
  /** listen() with a negative backlog: as many as there may be, or none. */
  readonly negativeBacklog: 'largest' | 'zero' | null;
  readonly acceptOnUdp: ErrnoName;
  /** accept() comes to a connection that was reset while it waited: it is handed out, or an errno. */
  readonly acceptReset: 'handed-out' | ErrnoName | null;
  /** A SYN, or the end of a handshake, for a listener whose accept queue holds as many as the backlog says. */
  readonly beyondBacklog: 'dropped' | null;
  /** send() on a TCP socket that was never connected. */
  readonly sendUnconnected: ErrnoName;
  /** send() on a UDP socket without a peer. */
  readonly sendWithoutPeer: ErrnoName;
  /** sendto() with an address on a connected UDP socket. */
  readonly sendtoConnected: 'sent' | ErrnoName | null;
  /** connect(AF_UNSPEC) on a TCP socket. */
  readonly tcpDisconnect: 'ok' | ErrnoName | null;
  /** The same on a UDP socket that has no peer; with one, `udpDisconnect` answers. */
  readonly udpDisconnectUnconnected: 'ok' | ErrnoName | null;
  readonly shutdownListener: 'stops' | ErrnoName | null;
  /** shutdown() while the handshake is under way. */
  readonly shutdownConnecting: 'gives-up' | null;
  /** shutdown(SHUT_RD) of a connected UDP socket. */
  readonly udpShutdownRead: 'ok' | null;
  /** What a TCP socket reads after shutdown(SHUT_RD) of bytes that came before or come after. */
  readonly readAfterShutdown: 'bytes' | null;
  /** A RST for a connection that the peer has closed already (CLOSE-WAIT). */
  readonly resetInCloseWait: ErrnoName;
  /** A SYN with a new sequence number for a connection in TIME-WAIT; older ones, too. */
  readonly synInTimeWait: 'linux' | 'freebsd' | 'rfc6191' | null;
}

/** Linux 6.18; the machine has these built in. */
export const LINUX_CALLS: CallSwitches = {
  privilegedPort: 'EACCES',
  bindStreamToGroup: 'ok',
  bindToBroadcast: 'ok',
  bindDatagramToGroup: 'ok',
  toAnyAddress: 'this-host',
  toPortZero: 'sent',
  tcpToGroup: 'ENETUNREACH',
  tcpToLimitedBroadcast: 'ENETUNREACH',
  tcpToBroadcast: 'ENETUNREACH',
  udpConnectBroadcast: 'EACCES',
  udpSendBroadcast: 'EACCES',
  connectAfterFailure: 'anew',
  connectAfterEnd: 'anew',
  listenConnected: 'EINVAL',
  listenAfterEnd: 'anew',
  negativeBacklog: 'largest',
  acceptOnUdp: 'EOPNOTSUPP',
  acceptReset: 'handed-out',
  beyondBacklog: 'dropped',
  sendUnconnected: 'EPIPE',
  sendWithoutPeer: 'EDESTADDRREQ',
  sendtoConnected: 'sent',
  tcpDisconnect: 'ok',
  udpDisconnectUnconnected: 'ok',
  shutdownListener: 'stops',
  shutdownConnecting: 'gives-up',
  udpShutdownRead: 'ok',
  readAfterShutdown: 'bytes',
  resetInCloseWait: 'EPIPE',
  synInTimeWait: 'linux',
};

/** FreeBSD: F7, F8, F12 to F15, and POSIX where its sources do not depart from it. */
export const FREEBSD_CALLS: CallSwitches = {
  privilegedPort: 'EACCES',
  bindStreamToGroup: 'EAFNOSUPPORT',
  bindToBroadcast: 'ok',
  bindDatagramToGroup: 'ok',
  toAnyAddress: null,
  toPortZero: 'EADDRNOTAVAIL',
  tcpToGroup: 'EAFNOSUPPORT',
  tcpToLimitedBroadcast: 'EACCES',
  tcpToBroadcast: null,
  udpConnectBroadcast: null,
  udpSendBroadcast: 'EACCES',
  connectAfterFailure: 'ECONNREFUSED',
  connectAfterEnd: 'ECONNREFUSED',
  listenConnected: 'EINVAL',
  listenAfterEnd: 'EINVAL',
  negativeBacklog: 'largest',
  acceptOnUdp: 'EINVAL',
  acceptReset: 'ECONNABORTED',
  beyondBacklog: null,
  sendUnconnected: 'ENOTCONN',
  sendWithoutPeer: 'EDESTADDRREQ',
  sendtoConnected: 'EISCONN',
  tcpDisconnect: null,
  udpDisconnectUnconnected: 'EAFNOSUPPORT',
  shutdownListener: 'ENOTCONN',
  shutdownConnecting: null,
  udpShutdownRead: null,
  readAfterShutdown: null,
  resetInCloseWait: 'ECONNRESET',
  synInTimeWait: 'freebsd',
};

/** Windows: what Microsoft's pages of the calls say (W2), then netsem's WinXP (N6 to N9), then POSIX. */
export const WINDOWS_CALLS: CallSwitches = {
  privilegedPort: 'EACCES',
  bindStreamToGroup: null,
  bindToBroadcast: null,
  bindDatagramToGroup: null,
  toAnyAddress: 'EADDRNOTAVAIL',
  toPortZero: null,
  tcpToGroup: null,
  tcpToLimitedBroadcast: null,
  tcpToBroadcast: null,
  udpConnectBroadcast: 'EACCES',
  udpSendBroadcast: 'EACCES',
  connectAfterFailure: 'anew',
  connectAfterEnd: null,
  listenConnected: 'EISCONN',
  listenAfterEnd: null,
  negativeBacklog: null,
  acceptOnUdp: 'EOPNOTSUPP',
  acceptReset: 'ECONNRESET',
  beyondBacklog: null,
  sendUnconnected: 'ENOTCONN',
  sendWithoutPeer: 'ENOTCONN',
  sendtoConnected: 'sent',
  tcpDisconnect: null,
  udpDisconnectUnconnected: 'EAFNOSUPPORT',
  shutdownListener: 'ENOTCONN',
  shutdownConnecting: null,
  udpShutdownRead: null,
  readAfterShutdown: null,
  resetInCloseWait: 'ECONNRESET',
  synInTimeWait: null,
};

/** The standards: RFC 9293 and POSIX; where POSIX leaves it to the implementation, nothing. */
export const RFC_CALLS: CallSwitches = {
  privilegedPort: null,
  bindStreamToGroup: null,
  bindToBroadcast: null,
  bindDatagramToGroup: null,
  toAnyAddress: null,
  toPortZero: null,
  tcpToGroup: null,
  tcpToLimitedBroadcast: null,
  tcpToBroadcast: null,
  udpConnectBroadcast: null,
  udpSendBroadcast: null,
  connectAfterFailure: null,
  connectAfterEnd: null,
  listenConnected: 'EINVAL',
  listenAfterEnd: null,
  negativeBacklog: 'zero',
  acceptOnUdp: 'EOPNOTSUPP',
  acceptReset: 'ECONNABORTED',
  beyondBacklog: null,
  sendUnconnected: 'ENOTCONN',
  sendWithoutPeer: 'EDESTADDRREQ',
  sendtoConnected: null,
  tcpDisconnect: null,
  udpDisconnectUnconnected: 'ok',
  shutdownListener: 'ENOTCONN',
  shutdownConnecting: null,
  udpShutdownRead: null,
  readAfterShutdown: null,
  resetInCloseWait: 'ECONNRESET',
  synInTimeWait: 'rfc6191',
};
