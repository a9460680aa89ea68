/** Multicast memberships of sockets: IP_ADD_MEMBERSHIP and its like (ip(7)). Kernel: ip_mc_join_group. */
import type { NetDevice } from '../../link/device.ts';
import { EADDRINUSE, EADDRNOTAVAIL, EINVAL, ENOBUFS, ENODEV } from '../../network/errno.ts';
import type { SendOptions } from '../../network/ports.ts';
import type { IpAddress } from '../../packet/ip-address.ts';
import type { InetSocket } from '../inet-socket.ts';

const BY_ROUTES_ALONE: SendOptions = {
  ttl: 0,
  tos: 0,
  pmtuDiscovery: 'want',
  device: null,
  dontRoute: false,
  multicastLoop: true,
  foreignSource: false,
  ipOptions: null,
  flow: 0,
};

/** @param device an address of the interface; 0.0.0.0 leaves the choice to the routes @returns 0 or minus an errno */
export function joinGroup(socket: InetSocket, group: IpAddress, device: IpAddress): number {
  if (!group.isMulticast) return -EINVAL;
  return join(socket, group, findDevice(socket, group, device));
}

/** IPV6_JOIN_GROUP. @param index of the interface; 0 leaves the choice to the routes @returns 0 or minus an errno */
export function joinGroup6(socket: InetSocket, group: IpAddress, index: number): number {
  if (group.family !== 6 || !group.isMulticast) return -EINVAL;
  return join(socket, group, findDevice6(socket, group, index));
}

function join(socket: InetSocket, group: IpAddress, on: NetDevice | null): number {
  if (on === null) return -ENODEV;
  if (socket.memberships.some((known) => known.group === group && known.device === on)) return -EADDRINUSE;
  if (socket.memberships.length >= socket.layer.limits.maxMemberships) return -ENOBUFS;
  socket.memberships.push({ group, device: on });
  socket.layer.ip.joinGroup(group, on);
  return 0;
}

/** @returns 0, -ENODEV or -EADDRNOTAVAIL when the socket is no member */
export function leaveGroup(socket: InetSocket, group: IpAddress, device: IpAddress): number {
  const on = device.isUnspecified ? null : findDevice(socket, group, device);
  if (on === null && !device.isUnspecified) return -ENODEV;
  const index = socket.memberships.findIndex(
    (known) => known.group === group && (on === null || known.device === on),
  );
  if (index < 0) return -EADDRNOTAVAIL;
  const [left] = socket.memberships.splice(index, 1);
  socket.layer.ip.leaveGroup(group, left!.device);
  return 0;
}

/** IPV6_LEAVE_GROUP. @returns 0, -ENODEV or -EADDRNOTAVAIL when the socket is no member */
export function leaveGroup6(socket: InetSocket, group: IpAddress, index: number): number {
  const at = socket.memberships.findIndex(
    (known) => known.group === group && (index === 0 || known.device.index === index),
  );
  if (at < 0) return index !== 0 && socket.layer.ip.deviceByIndex(index) === null ? -ENODEV : -EADDRNOTAVAIL;
  const [left] = socket.memberships.splice(at, 1);
  socket.layer.ip.leaveGroup(group, left!.device);
  return 0;
}

/** What close() does. */
export function leaveAllGroups(socket: InetSocket): void {
  for (const { group, device } of socket.memberships) socket.layer.ip.leaveGroup(group, device);
  socket.memberships = [];
}

/** IP_MULTICAST_IF. @param device an address of the interface; 0.0.0.0 undoes the choice */
export function setMulticastInterface(socket: InetSocket, device: IpAddress): number {
  if (device.isUnspecified) {
    socket.multicastDevice = null;
    socket.multicastSource = device;
    return 0;
  }
  const on = socket.layer.ip.deviceByAddress(device);
  if (on === null) return -EADDRNOTAVAIL;
  if (socket.device !== null && socket.device !== on) return -EINVAL;
  socket.multicastDevice = on;
  socket.multicastSource = device;
  return 0;
}

function findDevice(socket: InetSocket, group: IpAddress, device: IpAddress): NetDevice | null {
  const { ip } = socket.layer;
  if (!device.isUnspecified) return ip.deviceByAddress(device);
  // The routes are asked without the socket: its SO_BINDTODEVICE does not count (ip_mc_find_dev).
  const route = ip.route(group, null, BY_ROUTES_ALONE);
  return typeof route === 'number' ? null : route.device;
}

function findDevice6(socket: InetSocket, group: IpAddress, index: number): NetDevice | null {
  const { ip } = socket.layer;
  if (index !== 0) return ip.deviceByIndex(index);
  const route = ip.route(group, null, socket.v6Options);
  return typeof route === 'number' ? null : route.device;
}
