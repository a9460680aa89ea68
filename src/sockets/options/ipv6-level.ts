/** Options of level IPPROTO_IPV6 (ipv6(7), RFC 3493 5). Kernel: do_ipv6_setsockopt. */
import { EADDRNOTAVAIL, EINVAL, ENODEV, ENOTCONN } from '../../network/errno.ts';
import type { PmtuDiscovery } from '../../network/ports.ts';
import type { GroupOnInterface } from '../api.ts';
import type { InetSocket } from '../inet-socket.ts';
import { joinGroup6, leaveGroup6 } from './multicast.ts';
import { flag, integer, type OptionRule, type OptionTable, readOnly } from './rule.ts';

const DEFAULT_HOPS = 64;
const MAX_HOPS = 255;
const PMTU_DISCOVERY: readonly PmtuDiscovery[] = ['dont', 'want', 'do', 'probe', 'interface', 'omit'];

export const IPV6_OPTIONS: OptionTable<InetSocket> = {
  /** Once the socket has a port its family cannot change any more (L38). */
  IPV6_V6ONLY: {
    get: (socket) => (socket.v6only ? 1 : 0),
    set: (socket, value) => {
      if (typeof value !== 'number' || socket.localPort !== 0) return -EINVAL;
      socket.v6only = value !== 0;
      return 0;
    },
  },
  IPV6_UNICAST_HOPS: integer(
    ({ v6Options }) => v6Options.ttl || DEFAULT_HOPS,
    ({ v6Options }, value) => {
      v6Options.ttl = Math.max(0, value); // -1: the default again
    },
    -1,
    MAX_HOPS,
  ),
  IPV6_TCLASS: integer(
    ({ v6Options }) => v6Options.tos,
    ({ v6Options }, value) => {
      v6Options.tos = Math.max(0, value);
    },
    -1,
    0xff,
  ),
  IPV6_MTU_DISCOVER: integer(
    ({ v6Options }) => PMTU_DISCOVERY.indexOf(v6Options.pmtuDiscovery),
    (socket, value) => {
      socket.v6Options.pmtuDiscovery = PMTU_DISCOVERY[value]!;
      socket.onPathOptions();
    },
    0,
    PMTU_DISCOVERY.length - 1,
  ),
  IPV6_MTU: readOnly((socket) => {
    if (socket.remotePort === 0) return -ENOTCONN;
    const { remoteAddress } = socket;
    const source = socket.boundSourceTo(remoteAddress);
    const route = socket.layer.ip.route(remoteAddress, source, socket.optionsTo(remoteAddress));
    return typeof route === 'number' ? route : route.mtu;
  }),
  IPV6_RECVERR: flag(
    (socket) => socket.recverr6,
    (socket, on) => {
      socket.recverr6 = on;
    },
  ),
  IPV6_MULTICAST_HOPS: integer(
    (socket) => socket.multicastHops,
    (socket, value) => {
      socket.multicastHops = value < 0 ? 1 : value;
    },
    -1,
    MAX_HOPS,
  ),
  IPV6_MULTICAST_LOOP: integer(
    ({ v6Options }) => (v6Options.multicastLoop ? 1 : 0),
    ({ v6Options }, value) => {
      v6Options.multicastLoop = value === 1;
    },
    0,
    1,
  ),
  IPV6_MULTICAST_ALL: flag(
    (socket) => socket.multicastAll6,
    (socket, on) => {
      socket.multicastAll6 = on;
    },
  ),
  IPV6_MULTICAST_IF: {
    get: (socket) => socket.multicastDevice6?.index ?? 0,
    set: (socket, value) => {
      if (typeof value !== 'number') return -EINVAL;
      const device = value === 0 ? null : socket.layer.ip.deviceByIndex(value);
      if (device === null && value !== 0) return -ENODEV;
      if (device !== null && socket.device !== null && socket.device !== device) return -EINVAL;
      socket.multicastDevice6 = device;
      return 0;
    },
  },
  IPV6_JOIN_GROUP: membership((socket, { group, interfaceIndex }) =>
    joinGroup6(socket, group, interfaceIndex),
  ),
  IPV6_LEAVE_GROUP: membership((socket, { group, interfaceIndex }) =>
    group.isMulticast ? leaveGroup6(socket, group, interfaceIndex) : -EADDRNOTAVAIL,
  ),
};

function membership(set: (socket: InetSocket, value: GroupOnInterface) => number): OptionRule<InetSocket> {
  return {
    set: (socket, value) =>
      typeof value === 'object' && 'interfaceIndex' in value ? set(socket, value) : -EINVAL,
  };
}
