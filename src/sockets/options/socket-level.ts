/** Options of level SOL_SOCKET (socket(7)), with Linux's rules: SO_SNDBUF and SO_RCVBUF are doubled, ENODEV, EPERM. */
import { EINVAL, ENODEV, EPERM } from '../../network/errno.ts';
import { MIN_RCVBUF, MIN_SNDBUF } from '../../transport/tcp/settings.ts';
import type { OptionValue } from '../api.ts';
import type { InetSocket } from '../inet-socket.ts';
import { flag, integer, type OptionTable, readOnly } from './rule.ts';

const SOCK_STREAM = 1;
const SOCK_DGRAM = 2;
const AF_INET = 2;
const AF_INET6 = 10;
const IPPROTO_TCP = 6;
const IPPROTO_UDP = 17;

export const SOCKET_OPTIONS: OptionTable<InetSocket> = {
  SO_REUSEADDR: flag(
    (socket) => socket.reuseAddr,
    (socket, on) => {
      socket.reuseAddr = on;
    },
  ),
  SO_REUSEPORT: flag(
    (socket) => socket.reusePort,
    (socket, on) => {
      socket.reusePort = on;
    },
  ),
  /** FreeBSD's; which system has what says `by-system.ts`. */
  SO_REUSEPORT_LB: flag(
    (socket) => socket.reusePortLb,
    (socket, on) => {
      socket.reusePortLb = on;
    },
  ),
  /** Windows' */
  SO_EXCLUSIVEADDRUSE: flag(
    (socket) => socket.exclusive,
    (socket, on) => {
      socket.exclusive = on;
    },
  ),
  SO_BROADCAST: flag(
    (socket) => socket.broadcast,
    (socket, on) => {
      socket.broadcast = on;
    },
  ),
  SO_DONTROUTE: flag(
    (socket) => socket.sendOptions.dontRoute,
    (socket, on) => {
      socket.sendOptions.dontRoute = on;
      socket.v6Options.dontRoute = on;
    },
  ),
  SO_LINGER: {
    get: (socket) => socket.linger,
    set: (socket, value) => {
      if (typeof value !== 'number') return -EINVAL;
      socket.linger = Math.max(-1, value);
      return 0;
    },
  },
  SO_SNDBUF: integer(
    (socket) => socket.sndbuf,
    (socket, value) => {
      socket.sndbuf = doubled(value, socket.layer.limits.wmemMax, MIN_SNDBUF);
    },
  ),
  SO_RCVBUF: integer(
    (socket) => socket.rcvbuf,
    (socket, value) => {
      socket.rcvbuf = doubled(value, socket.layer.limits.rmemMax, MIN_RCVBUF);
    },
  ),
  SO_SNDBUFFORCE: forced((socket, value) => {
    socket.sndbuf = doubled(value, Number.MAX_SAFE_INTEGER, MIN_SNDBUF);
  }),
  SO_RCVBUFFORCE: forced((socket, value) => {
    socket.rcvbuf = doubled(value, Number.MAX_SAFE_INTEGER, MIN_RCVBUF);
  }),
  SO_BINDTODEVICE: { get: (socket) => socket.device?.name ?? '', set: bindToDevice },
  SO_BINDTOIFINDEX: {
    get: (socket) => socket.device?.index ?? 0,
    set: (socket, value) => {
      if (typeof value !== 'number' || value < 0) return -EINVAL;
      if (value === 0) return bindToDevice(socket, '');
      const device = socket.layer.ip.deviceByIndex(value);
      return device === null ? -ENODEV : bindToDevice(socket, device.name);
    },
  },
  SO_ERROR: readOnly((socket) => socket.takeError()),
  SO_TYPE: readOnly((socket) => (isStream(socket) ? SOCK_STREAM : SOCK_DGRAM)),
  SO_DOMAIN: readOnly((socket) => (socket.domain === 6 ? AF_INET6 : AF_INET)),
  SO_PROTOCOL: readOnly((socket) => (isStream(socket) ? IPPROTO_TCP : IPPROTO_UDP)),
  SO_ACCEPTCONN: readOnly((socket) => (socket.isListening ? 1 : 0)),
};

/** The kernel counts its own bookkeeping in: it keeps twice what was asked for, up to twice the limit. */
function doubled(value: number, limit: number, least: number): number {
  return Math.max(Math.min(value < 0 ? limit : value, limit) * 2, least);
}

function forced(set: (socket: InetSocket, value: number) => void) {
  return {
    set: (socket: InetSocket, value: OptionValue) => {
      if (!socket.isPrivileged) return -EPERM;
      if (typeof value !== 'number') return -EINVAL;
      set(socket, Math.max(0, value));
      return 0;
    },
  };
}

function bindToDevice(socket: InetSocket, value: OptionValue): number {
  if (typeof value !== 'string') return -EINVAL;
  const device = value === '' ? null : socket.layer.ip.deviceByName(value);
  if (device === null && value !== '') return -ENODEV;
  if (socket.device !== null && !socket.isPrivileged) return -EPERM; // a device that was set may not be escaped
  socket.setDevice(device);
  socket.deviceChanged();
  return 0;
}

function isStream(socket: InetSocket): boolean {
  return socket.kind === 'tcp' || socket.kind === 'tcp6';
}
