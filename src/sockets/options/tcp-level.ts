/** Options of level IPPROTO_TCP (tcp(7)) and the SOL_SOCKET ones that only TCP acts on. Spans are in seconds or ms as there. */
import { EINVAL, ENOENT, EOPNOTSUPP, EPROTO } from '../../network/errno.ts';
import { MILLISECOND, SECOND } from '../../sim/time.ts';
import { CONTROLLER_NAMES } from '../../transport/tcp/congestion/select.ts';
import type { TcpSocket } from '../tcp/tcp-socket.ts';
import { flag, integer, type OptionTable } from './rule.ts';

const MAX_KEEPIDLE = 32767;
const MAX_KEEPCNT = 127;
/** TCP_FIN_TIMEOUT_MAX, seconds. */
const MAX_LINGER2 = 120;
/** Half of the smallest receive buffer (SOCK_MIN_RCVBUF). */
const MIN_CLAMP = 1152;
/** The largest RTO, seconds: periods of SYN,ACKs double up to it. */
const MAX_PERIOD = 120;

export const TCP_OPTIONS: OptionTable<TcpSocket> = {
  // A stream has no members: do_ip_setsockopt refuses before it looks at the group.
  IP_ADD_MEMBERSHIP: { set: () => -EPROTO },
  IP_DROP_MEMBERSHIP: { set: () => -EPROTO },
  SO_KEEPALIVE: flag(
    ({ settings }) => settings.keepalive,
    (socket, on) => socket.changeSetting('keepalive', on, (tcp) => tcp.setKeepalive(on)),
  ),
  IP_RECVERR: flag(
    ({ settings }) => settings.recverr,
    (socket, on) => socket.changeSetting('recverr', on),
  ),
  IP_TOS: integer(
    (socket) => socket.sendOptions.tos,
    (socket, value) => {
      socket.sendOptions.tos = (value & 0xfc) | (socket.sendOptions.tos & 3); // the ECN bits are TCP's own
    },
  ),
  SO_OOBINLINE: flag(
    ({ settings }) => settings.oobInline,
    (socket, on) => socket.changeSetting('oobInline', on),
  ),
  SO_RCVLOWAT: integer(
    ({ settings }) => settings.rcvLowat,
    (socket, value) => socket.changeSetting('rcvLowat', value < 0 ? 2147483647 : Math.max(1, value)),
  ),
  TCP_NODELAY: flag(
    ({ settings }) => settings.nodelay,
    (socket, on) => socket.changeSetting('nodelay', on, (tcp) => tcp.setNodelay(on)),
  ),
  TCP_CORK: flag(
    ({ settings }) => settings.cork,
    (socket, on) => socket.changeSetting('cork', on, (tcp) => tcp.setCork(on)),
  ),
  TCP_QUICKACK: flag(
    ({ settings }) => settings.quickack ?? true,
    (socket, on) => socket.changeSetting('quickack', on, (tcp) => tcp.setQuickack(on)),
  ),
  TCP_MAXSEG: integer(
    (socket) => socket.segmentSize,
    // Of a connection it bounds what we announce and expect; what segments carry was agreed on in the handshake.
    (socket, bytes) => socket.changeSetting('maxseg', bytes),
    88,
    32767,
    0,
  ),
  TCP_KEEPIDLE: integer(
    ({ settings, layer }) => (settings.keepIdle || layer.tcpHost.config.keepaliveTime) / SECOND,
    (socket, value) =>
      socket.changeSetting('keepIdle', value * SECOND, (tcp) => tcp.setKeepIdle(value * SECOND)),
    1,
    MAX_KEEPIDLE,
  ),
  TCP_KEEPINTVL: integer(
    ({ settings, layer }) => (settings.keepInterval || layer.tcpHost.config.keepaliveInterval) / SECOND,
    (socket, value) => socket.changeSetting('keepInterval', value * SECOND),
    1,
    MAX_KEEPIDLE,
  ),
  TCP_KEEPCNT: integer(
    ({ settings, layer }) => settings.keepCount || layer.tcpHost.config.keepaliveProbes,
    (socket, value) => socket.changeSetting('keepCount', value),
    1,
    MAX_KEEPCNT,
  ),
  TCP_SYNCNT: integer(
    ({ settings, layer }) => settings.synCount || layer.tcpHost.config.synRetries,
    (socket, value) => socket.changeSetting('synCount', value),
    1,
    MAX_KEEPCNT,
  ),
  TCP_LINGER2: integer(
    ({ settings, layer }) =>
      settings.linger2 < 0 ? -1 : (settings.linger2 || layer.tcpHost.config.finTimeout) / SECOND,
    (socket, value) =>
      socket.changeSetting('linger2', value < 0 ? -1 : Math.min(value, MAX_LINGER2) * SECOND),
  ),
  TCP_DEFER_ACCEPT: integer(
    ({ settings }) => secondsOf(settings.deferAccept),
    (socket, value) => socket.changeSetting('deferAccept', retransmissionsIn(value)),
  ),
  TCP_WINDOW_CLAMP: {
    get: ({ settings, connection }) => connection?.windowClamp ?? settings.windowClamp,
    set: (socket, value) => {
      if (typeof value !== 'number') return -EINVAL;
      if (value <= 0 && socket.state !== 'CLOSED') return -EINVAL;
      const clamp = value <= 0 ? 0 : Math.max(value, MIN_CLAMP);
      socket.changeSetting('windowClamp', clamp, (tcp) => tcp.setWindowClamp(clamp));
      return 0;
    },
  },
  TCP_USER_TIMEOUT: integer(
    ({ settings }) => settings.userTimeout / MILLISECOND,
    (socket, value) => socket.changeSetting('userTimeout', value * MILLISECOND),
    0,
  ),
  TCP_NOTSENT_LOWAT: integer(
    ({ settings }) => settings.notsentLowat,
    (socket, value) => socket.changeSetting('notsentLowat', value),
  ),
  TCP_FASTOPEN: {
    get: ({ settings }) => settings.fastOpenQueue,
    set: (socket, value) => {
      const isOpen = socket.state !== 'CLOSED' && socket.state !== 'LISTEN';
      if (typeof value !== 'number' || value < 0 || isOpen) return -EINVAL;
      socket.changeSetting('fastOpenQueue', value);
      return 0;
    },
  },
  TCP_FASTOPEN_NO_COOKIE: {
    get: ({ settings }) => Number(settings.fastOpenNoCookie),
    set: (socket, value) => {
      const isOpen = socket.state !== 'CLOSED' && socket.state !== 'LISTEN';
      if ((value !== 0 && value !== 1) || isOpen) return -EINVAL;
      socket.changeSetting('fastOpenNoCookie', value === 1);
      return 0;
    },
  },
  TCP_THIN_LINEAR_TIMEOUTS: integer(
    ({ settings }) => Number(settings.thinLinear),
    (socket, value) => socket.changeSetting('thinLinear', value !== 0),
    0,
    1,
  ),
  TCP_FASTOPEN_CONNECT: {
    get: ({ settings }) => Number(settings.fastOpenConnect),
    set: (socket, value) => {
      if (value !== 0 && value !== 1) return -EINVAL;
      if ((socket.layer.tcpHost.config.fastOpen & 1) === 0) return -EOPNOTSUPP; // of a host that is no client of it
      if (socket.state !== 'CLOSED') return -EINVAL;
      socket.changeSetting('fastOpenConnect', value === 1);
      return 0;
    },
  },
  TCP_CONGESTION: {
    get: ({ settings, layer }) => settings.congestionControl || layer.tcpHost.config.congestionControl,
    set: (socket, value) => {
      if (typeof value !== 'string') return -EINVAL;
      if (!CONTROLLER_NAMES.includes(value)) return -ENOENT;
      socket.changeSetting('congestionControl', value);
      return 0;
    },
  },
};

/** Those of an AF_INET6 socket: beside its IPv4 options it has their siblings. */
export const TCP6_OPTIONS: OptionTable<TcpSocket> = {
  ...TCP_OPTIONS,
  IPV6_RECVERR: flag(
    ({ settings }) => settings.recverr6,
    (socket, on) => socket.changeSetting('recverr6', on),
  ),
};

/** How many SYN,ACKs, with doubling periods, fill `seconds` (secs_to_retrans). */
function retransmissionsIn(seconds: number): number {
  let count = 0;
  let period = 1;
  for (let total = 0; total < seconds && count < 255; count++) {
    total += period;
    period = Math.min(period * 2, MAX_PERIOD);
  }
  return count;
}

/** The seconds that `count` doubling periods take. */
function secondsOf(count: number): number {
  let total = 0;
  let period = 1;
  for (let i = 0; i < count; i++) {
    total += period;
    period = Math.min(period * 2, MAX_PERIOD);
  }
  return total;
}
