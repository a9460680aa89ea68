/** Options of level IPPROTO_IP (ip(7)). */
import { EADDRNOTAVAIL, EINVAL, ENOTCONN, EPERM } from '../../network/errno.ts';
import type { PmtuDiscovery } from '../../network/ports.ts';
import type { GroupOnAddress } from '../api.ts';
import type { InetSocket } from '../inet-socket.ts';
import { joinGroup, leaveGroup, setMulticastInterface } from './multicast.ts';
import { flag, integer, type OptionRule, type OptionTable, readOnly } from './rule.ts';

const MAX_TTL = 255;
const PMTU_DISCOVERY: readonly PmtuDiscovery[] = ['dont', 'want', 'do', 'probe', 'interface', 'omit'];

export const IP_OPTIONS: OptionTable<InetSocket> = {
  IP_TTL: {
    get: (socket) => (socket.sendOptions.ttl === 0 ? socket.layer.limits.defaultTtl : socket.sendOptions.ttl),
    set: (socket, value) => {
      if (typeof value !== 'number' || value === 0 || value < -1 || value > MAX_TTL) return -EINVAL;
      socket.sendOptions.ttl = Math.max(0, value); // -1: the host's default again
      return 0;
    },
  },
  IP_TOS: integer(
    (socket) => socket.sendOptions.tos,
    (socket, value) => {
      socket.sendOptions.tos = value & 0xff;
    },
  ),
  IP_MTU_DISCOVER: integer(
    (socket) => PMTU_DISCOVERY.indexOf(socket.sendOptions.pmtuDiscovery),
    (socket, value) => {
      socket.sendOptions.pmtuDiscovery = PMTU_DISCOVERY[value]!;
      socket.onPathOptions();
    },
    0,
    PMTU_DISCOVERY.length - 1,
  ),
  IP_MTU: readOnly((socket) => {
    if (socket.remotePort === 0 || socket.remoteAddress.family === 6) return -ENOTCONN;
    const route = socket.layer.ip.route(socket.remoteAddress, socket.sourceAddress, socket.sendOptions);
    return typeof route === 'number' ? route : route.mtu;
  }),
  IP_RECVERR: flag(
    (socket) => socket.recverr,
    (socket, on) => {
      socket.recverr = on;
    },
  ),
  IP_FREEBIND: flag(
    (socket) => socket.freebind,
    (socket, on) => {
      socket.freebind = on;
    },
  ),
  IP_TRANSPARENT: {
    get: (socket) => (socket.transparent ? 1 : 0),
    set: (socket, value) => {
      if (typeof value !== 'number') return -EINVAL;
      if (value !== 0 && !socket.isPrivileged) return -EPERM;
      socket.transparent = value !== 0;
      socket.sendOptions.foreignSource = socket.transparent;
      socket.v6Options.foreignSource = socket.transparent;
      return 0;
    },
  },
  IP_BIND_ADDRESS_NO_PORT: flag(
    (socket) => socket.bindNoPort,
    (socket, on) => {
      socket.bindNoPort = on;
    },
  ),
  IP_LOCAL_PORT_RANGE: {
    get: (socket) => socket.ownPortRange,
    set: (socket, value) => {
      if (typeof value !== 'number') return -EINVAL;
      const low = value & 0xffff;
      const high = value >>> 16;
      if (low !== 0 && high !== 0 && low > high) return -EINVAL;
      socket.ownPortRange = value >>> 0;
      return 0;
    },
  },
  IP_MULTICAST_TTL: integer(
    (socket) => socket.multicastTtl,
    (socket, value) => {
      socket.multicastTtl = value < 0 ? 1 : value;
    },
    -1,
    MAX_TTL,
  ),
  IP_MULTICAST_LOOP: flag(
    (socket) => socket.sendOptions.multicastLoop,
    (socket, on) => {
      socket.sendOptions.multicastLoop = on;
    },
  ),
  IP_MULTICAST_ALL: integer(
    (socket) => (socket.multicastAll ? 1 : 0),
    (socket, value) => {
      socket.multicastAll = value === 1;
    },
    0,
    1,
  ),
  IP_MULTICAST_IF: {
    set: (socket, value) => {
      if (typeof value === 'object' && 'device' in value) return setMulticastInterface(socket, value.device);
      if (typeof value !== 'number') return -EINVAL;
      const device = socket.layer.ip.deviceByIndex(value);
      if (device === null && value !== 0) return -EADDRNOTAVAIL;
      socket.multicastDevice = device;
      return 0;
    },
    get: (socket) => socket.multicastDevice?.index ?? 0,
  },
  IP_ADD_MEMBERSHIP: membership((socket, { group, device }) => joinGroup(socket, group, device)),
  IP_DROP_MEMBERSHIP: membership((socket, { group, device }) => leaveGroup(socket, group, device)),
};

function membership(set: (socket: InetSocket, value: GroupOnAddress) => number): OptionRule<InetSocket> {
  return {
    set: (socket, value) => (typeof value === 'object' && 'device' in value ? set(socket, value) : -EINVAL),
  };
}
