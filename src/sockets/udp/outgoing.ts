/**
 * What a datagram that leaves a UDP socket needs beside its peer: the options that hold for its destination (those of
 * groups are others), the source that the socket insists on, how long it may be (ip(7), ipv6(7)).
 */
import type { SendOptions } from '../../network/ports.ts';
import type { IpAddress } from '../../packet/ip-address.ts';
import type { UdpSocket } from './udp-socket.ts';

/** 65,535 less the IP and UDP headers. */
const MAX_DATAGRAM = 65507;
/** 65,535 less the UDP header. */
const MAX_DATAGRAM_V6 = 65527;

/** How packets to `address` go. */
export function optionsFor(socket: UdpSocket, address: IpAddress, scopeId: number = 0): SendOptions {
  if (address.family === 6) return v6OptionsFor(socket, address, scopeId);
  if (!address.isMulticast) return socket.sendOptions;
  const device = socket.device ?? socket.multicastDevice;
  return { ...socket.sendOptions, ttl: socket.multicastTtl, device };
}

function v6OptionsFor(socket: UdpSocket, address: IpAddress, scopeId: number): SendOptions {
  const named = scopeId === 0 ? null : socket.layer.ip.deviceByIndex(scopeId);
  if (!address.isMulticast) return named === null ? socket.v6Options : { ...socket.v6Options, device: named };
  const device = socket.device ?? named ?? socket.multicastDevice6;
  return { ...socket.v6Options, ttl: socket.multicastHops, device };
}

/** The source that packets to `address` must have; null leaves it to the routes. */
export function sourceFor(socket: UdpSocket, address: IpAddress): IpAddress | null {
  const isV4Group = address.family === 4 && address.isMulticast;
  if (!isV4Group || !socket.sourceAddress.isUnspecified) return socket.boundSourceTo(address);
  return socket.multicastSource.isUnspecified ? null : socket.multicastSource;
}

/** The most data that a datagram to `address` can have, bytes. */
export function largestTo(address: IpAddress): number {
  return address.family === 6 ? MAX_DATAGRAM_V6 : MAX_DATAGRAM;
}
