/**
 * What a program has set on a TCP socket: tcp(7) and the SO_ options that concern TCP. A plain record: a listener's
 * children start with a copy. Zero means "as the host's sysctl says" wherever the kernel means that.
 */
import type { Nanos } from '../../sim/time.ts';
import type { TcpConfig } from './sysctls.ts';

/** The kernel keeps SO_SNDBUF and SO_RCVBUF doubled; these are its least values after doubling. */
export const MIN_SNDBUF = 4608;
export const MIN_RCVBUF = 2304;

export class TcpSettings {
  /** TCP_NODELAY */
  nodelay = false;
  /** TCP_CORK */
  cork = false;
  /** TCP_MAXSEG, bytes; 0 = not set. */
  maxseg = 0;
  /** SO_KEEPALIVE */
  keepalive = false;
  /** TCP_KEEPIDLE; 0 = sysctl. */
  keepIdle: Nanos = 0;
  /** TCP_KEEPINTVL; 0 = sysctl. */
  keepInterval: Nanos = 0;
  /** TCP_KEEPCNT; 0 = sysctl. */
  keepCount = 0;
  /** TCP_SYNCNT; 0 = sysctl. */
  synCount = 0;
  /** TCP_LINGER2; 0 = sysctl tcp_fin_timeout, below 0 = no FIN-WAIT-2 for orphans. */
  linger2: Nanos = 0;
  /** TCP_DEFER_ACCEPT in SYN-ACK retransmissions; 0 = off. */
  deferAccept = 0;
  /** TCP_WINDOW_CLAMP, bytes; 0 = none. */
  windowClamp = 0;
  /** TCP_USER_TIMEOUT; 0 = none. */
  userTimeout: Nanos = 0;
  /** TCP_NOTSENT_LOWAT, bytes; 0 = sysctl. */
  notsentLowat = 0;
  /** TCP_QUICKACK: the value last set; null = never set. */
  quickack: boolean | null = null;
  /** TCP_CONGESTION; '' = sysctl. */
  congestionControl = '';
  /** TCP_FASTOPEN: length of the queue of a listener; 0 = off. */
  fastOpenQueue = 0;
  /** TCP_FASTOPEN_CONNECT */
  fastOpenConnect = false;
  /** TCP_FASTOPEN_NO_COOKIE */
  fastOpenNoCookie = false;
  /** TCP_THIN_LINEAR_TIMEOUTS */
  thinLinear = false;
  /** SO_OOBINLINE */
  oobInline = false;
  /** SO_RCVLOWAT, bytes. */
  rcvLowat = 1;
  /** SO_SNDBUF as the kernel keeps it (doubled); 0 = not set: tcp_wmem and auto-tuning. */
  sndbuf = 0;
  /** SO_RCVBUF as the kernel keeps it (doubled); 0 = not set: tcp_rmem and auto-tuning. */
  rcvbuf = 0;
  /** SO_MAX_PACING_RATE, bytes per second; Infinity = none. */
  maxPacingRate = Number.POSITIVE_INFINITY;
  /** IP_RECVERR and IPV6_RECVERR: soft ICMP errors are reported at once. */
  recverr = false;
  recverr6 = false;

  clone(): TcpSettings {
    return Object.assign(new TcpSettings(), this);
  }

  sndbufOr(config: TcpConfig): number {
    return this.sndbuf > 0 ? this.sndbuf : config.wmemDefault;
  }

  rcvbufOr(config: TcpConfig): number {
    return this.rcvbuf > 0 ? this.rcvbuf : config.rmemDefault;
  }
}
