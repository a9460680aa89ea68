/** Which of its addresses a node takes for the one that a packet was meant for: what it answers from and records. */
import { ANY_V4, type IpAddress } from '../packet/ip-address.ts';
import { SCOPE_LINK, SCOPE_UNIVERSE } from './interface.ts';
import type { IpPacket } from './ip-packet.ts';
import type { OptionsNode } from './ipv4-options.ts';
import type { Ipv4Route } from './ipv4-route.ts';
import type { Ipv4Tables } from './ipv4-tables.ts';
import type { PacketOrigin } from './packet-origin.ts';

/**
 * The destination itself when it is one of ours (RFC 1122 3.2.1.3's specific destination); for a broadcast, a group or
 * a packet in transit the address that we would use towards its source.
 */
export function specificDestination(tables: Ipv4Tables, packet: IpPacket, origin: PacketOrigin): IpAddress {
  if (origin.isForUs && !origin.isGroup) return packet.dst;
  const isFromNowhere = packet.src === ANY_V4;
  if (!isFromNowhere) {
    const back = tables.fib.lookup(packet.src.w3, SCOPE_UNIVERSE, null);
    if (typeof back !== 'number') return tables.sourceFor(back);
  }
  const inbound = origin.inbound ?? tables.interfaces[0]!;
  return tables.selectSource(inbound, packet.src, isFromNowhere ? SCOPE_LINK : SCOPE_UNIVERSE);
}

/** The address that a router records for the interface by which the packet leaves. */
export function outboundAddress(tables: Ipv4Tables, dst: IpAddress, route: Ipv4Route): IpAddress {
  const found = tables.fib.lookup(dst.w3, SCOPE_UNIVERSE, route.iface);
  if (typeof found !== 'number') return tables.sourceFor(found);
  return tables.selectSource(route.iface, route.nextHop, SCOPE_UNIVERSE);
}

export function optionsNodeFor(tables: Ipv4Tables, packet: IpPacket, origin: PacketOrigin): OptionsNode {
  return {
    ownAddress: () => specificDestination(tables, packet, origin),
    isForeignUnicast: (address) => tables.typeOf(address) === 'unicast',
    timestamp: () => tables.timestamp(),
  };
}
