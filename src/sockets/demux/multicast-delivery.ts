/**
 * Who gets a UDP datagram to a broadcast or multicast address: a copy to every socket that takes it (rule L31).
 * Kernel: __udp4_lib_mcast_deliver, ip_mc_sf_allow.
 */
import type { NetDevice } from '../../link/device.ts';
import type { IpAddress } from '../../packet/ip-address.ts';
import { takesFamily } from './dual-stack.ts';
import type { UdpLookup } from './udp-lookup.ts';
import type { UdpEntry, UdpPort } from './udp-table.ts';

/** A socket's membership: IP_ADD_MEMBERSHIP. */
export interface Membership {
  readonly group: IpAddress;
  readonly device: NetDevice;
}

export interface GroupListener<T extends GroupListener<T>> extends UdpEntry<T> {
  readonly memberships: readonly Membership[];
  /** IP_MULTICAST_ALL: groups that others on the host joined are received, too. */
  readonly multicastAll: boolean;
  /** IPV6_MULTICAST_ALL */
  readonly multicastAll6: boolean;
}

/**
 * Calls `deliver` for every socket that gets a copy, the newest first.
 * @param group the destination, broadcast or multicast @returns the number of copies
 */
export function deliverToMany<T extends GroupListener<T>>(
  port: UdpPort<T>,
  group: IpAddress,
  remote: IpAddress,
  remotePort: number,
  device: NetDevice,
  deliver: (socket: T) => void,
): number {
  let copies = 0;
  for (let node = port.sockets.head; node !== null; ) {
    const socket = node.item;
    node = node.next; // a delivery may wake a program that closes the socket
    if (!takesCopy(socket, group, remote, remotePort, device)) continue;
    copies++;
    deliver(socket);
  }
  return copies;
}

/** Early demultiplexing does not look through more sockets than this. */
const MANY = 10;

/**
 * L32, IPv4 only (udp_v6_early_demux is for unicast): when exactly one socket takes a group's datagram from the wire and
 * that is an unconnected member of a SO_REUSEPORT group, the group chooses - also members that would not have taken it.
 * @returns null when it is not so, and copies are made
 */
export function chosenForOnlyTaker<T extends GroupListener<T>>(
  port: UdpPort<T>,
  packet: { readonly src: IpAddress; readonly dst: IpAddress },
  remotePort: number,
  device: NetDevice,
  lookup: UdpLookup<T>,
): T | null {
  if (port.sockets.size > MANY) return null;
  let only: T | null = null;
  for (let node = port.sockets.head; node !== null; node = node.next) {
    if (!takesCopy(node.item, packet.dst, packet.src, remotePort, device)) continue;
    if (only !== null) return null;
    only = node.item;
  }
  if (only === null || only.isConnected || !only.reusePort || only.group === null) return null;
  return lookup.chooseFrom(only.group, packet.dst, port.number, packet.src, remotePort);
}

/** Local address `*` or the group itself, peer unset or the sender, the device right, and the group wanted. */
export function takesCopy<T extends GroupListener<T>>(
  socket: T,
  group: IpAddress,
  remote: IpAddress,
  remotePort: number,
  device: NetDevice,
): boolean {
  if (!takesFamily(socket, group)) return false;
  if (!socket.localAddress.isUnspecified && socket.localAddress !== group) return false;
  const peer = remote.family === 6 ? socket.lastPeer : socket.remoteAddress;
  if (!peer.isUnspecified && peer !== remote) return false;
  if (socket.remotePort !== 0 && socket.remotePort !== remotePort) return false;
  if (socket.device !== null && socket.device !== device) return false;
  return !group.isMulticast || wantsGroup(socket, group, device);
}

/** A member on that device; a socket that is no member there goes by IP_MULTICAST_ALL. */
function wantsGroup<T extends GroupListener<T>>(socket: T, group: IpAddress, device: NetDevice): boolean {
  for (const membership of socket.memberships) {
    if (membership.group === group && membership.device === device) return true;
  }
  return group.family === 6 ? socket.multicastAll6 : socket.multicastAll;
}
