/**
 * Neighbour discovery between neighbours (RFC 4861 7): whom solicitations ask, who is answered, what advertisements
 * change; and what a message means to an address that is still being checked (RFC 4862 5.4). The order of the rules is
 * Linux's.
 */
import { ETHERTYPE_IPV6, EthernetFrame } from '../link/frame.ts';
import { ANY_V6, type IpAddress } from '../packet/ip-address.ts';
import { type MacAddress, ZERO_MAC } from '../packet/mac-address.ts';
import type { Pdu } from '../packet/pdu.ts';
import type { Interface } from './interface.ts';
import type { InterfaceArrival } from './interface-arrival.ts';
import type { NeighbourConfig } from './interface-config.ts';
import { type IpPacket, PROTOCOL_ICMPV6 } from './ip-packet.ts';
import { Ipv6Packet } from './ipv6.ts';
import type { Ipv6Address } from './ipv6-interface.ts';
import { ALL_NODES, ipv6MulticastMac, solicitedNode } from './ipv6-scope.ts';
import type { Ipv6Tables } from './ipv6-tables.ts';
import { NDP_NEIGHBOUR_ADVERTISEMENT, NDP_NEIGHBOUR_SOLICITATION, NeighbourMessage } from './ndp.ts';
import { type Neighbour, NUD_FAILED, NUD_REACHABLE, NUD_STALE } from './neighbour.ts';
import type { NeighbourProtocol, NeighbourTable } from './neighbour-table.ts';
import { LOCAL_ORIGIN, type PacketOrigin } from './packet-origin.ts';

/** Nobody but a neighbour can send a message of discovery with this hop limit (RFC 4861 3.1). */
export const NDP_HOP_LIMIT = 255;

/** Hears what discovery finds out besides MAC addresses. */
export interface NdpObserver {
  /** A packet's neighbour did not answer. */
  onUnreachable(packet: IpPacket, origin: PacketOrigin): void;
  /** Somebody else has, or wants, an address that is being checked here. */
  onDuplicate(entry: Ipv6Address, iface: Interface): void;
}

export class NdpProtocol implements NeighbourProtocol {
  readonly etherType = ETHERTYPE_IPV6;
  readonly #tables: Ipv6Tables;
  readonly #observer: NdpObserver;

  constructor(tables: Ipv6Tables, observer: NdpObserver) {
    this.#tables = tables;
    this.#observer = observer;
  }

  get gcThresholds(): readonly [number, number, number] {
    return this.#tables.config.gcThresholds;
  }

  configOf(iface: Interface): NeighbourConfig {
    return iface.v6!.neighbourConfig;
  }

  fixedMac(address: IpAddress, iface: Interface): MacAddress | null {
    if (iface.device.isLoopback) return ZERO_MAC;
    return address.isMulticast ? ipv6MulticastMac(address) : null;
  }

  solicit({ iface, address }: Neighbour, to: MacAddress | null, packet: IpPacket | null): void {
    const wanted = packet === null ? null : packet.src;
    const isOurs = wanted !== null && this.#tables.ownerOf(wanted, iface) !== null;
    const source = isOurs ? wanted : this.#tables.selectSource(iface, address);
    if (source === null) return;
    const message = new NeighbourMessage(NDP_NEIGHBOUR_SOLICITATION, address, iface.device.mac);
    sendNdp(iface, source, to === null ? solicitedNode(address) : address, message, to);
  }

  /** Asks whether anybody has an address that is to be ours (RFC 4862 5.4.2). */
  probe(iface: Interface, address: IpAddress): void {
    const message = new NeighbourMessage(NDP_NEIGHBOUR_SOLICITATION, address, null);
    sendNdp(iface, ANY_V6, solicitedNode(address), message, null);
  }

  unreachable(packet: IpPacket, origin: PacketOrigin): void {
    this.#observer.onUnreachable(packet, origin);
  }

  onSolicitation(
    packet: Ipv6Packet,
    message: NeighbourMessage,
    { inbound }: InterfaceArrival,
    neighbours: NeighbourTable,
  ): void {
    const { src, dst } = packet;
    const { target, mac } = message;
    const isProbe = src === ANY_V6;
    if (target.isMulticast || (isProbe && (mac !== null || dst !== solicitedNode(target)))) {
      this.#tables.drops.drop('ndp.bad-solicitation', packet);
      return;
    }
    const entry = this.#tables.entryOf(target, inbound);
    if (entry === null || entry.state === 'duplicate') {
      this.#tables.drops.drop('ndp.not-ours', packet);
      return;
    }
    if (entry.state === 'tentative') {
      if (isProbe) this.#observer.onDuplicate(entry, inbound);
      else this.#tables.drops.drop('ndp.tentative', packet);
      return;
    }
    const isRouter = inbound.v6!.config.forwarding;
    const own = inbound.device.mac;
    if (isProbe) {
      const answer = new NeighbourMessage(NDP_NEIGHBOUR_ADVERTISEMENT, target, own, isRouter, false, true);
      sendNdp(inbound, target, ALL_NODES, answer, null);
      return;
    }
    const asksAll = dst.isMulticast;
    const asker =
      mac === null && asksAll ? neighbours.find(src, inbound) : neighbours.findOrCreate(src, inbound);
    if (asker === null) return;
    if (mac !== null) neighbours.update(asker, mac, NUD_STALE, { override: true });
    const told = asksAll ? own : null;
    const answer = new NeighbourMessage(NDP_NEIGHBOUR_ADVERTISEMENT, target, told, isRouter, true, asksAll);
    sendToNeighbour(inbound, target, src, answer, asker, neighbours);
  }

  onAdvertisement(
    packet: Ipv6Packet,
    message: NeighbourMessage,
    { inbound }: InterfaceArrival,
    neighbours: NeighbourTable,
  ): void {
    const { drops } = this.#tables;
    const { target, isSolicited, overrides, mac } = message;
    if (target.isMulticast || (packet.dst.isMulticast && isSolicited)) {
      drops.drop('ndp.bad-advertisement', packet);
      return;
    }
    if (!isSolicited && inbound.v6!.config.dropUnsolicitedAdvertisements) {
      drops.drop('ndp.unsolicited', packet);
      return;
    }
    const entry = this.#tables.entryOf(target, inbound);
    if (entry !== null) {
      if (entry.state === 'tentative') this.#observer.onDuplicate(entry, inbound);
      else drops.drop('ndp.own-address', packet);
      return;
    }
    const neighbour = neighbours.find(target, inbound);
    if (neighbour === null || neighbour.state === NUD_FAILED) return; // nobody asked
    const state = isSolicited ? NUD_REACHABLE : NUD_STALE;
    neighbours.update(neighbour, mac, state, { override: overrides, castsDoubt: true });
  }
}

/** Sends a message of discovery to one or all neighbours. @param to the MAC of the one; null = the group's */
export function sendNdp(
  { device }: Interface,
  src: IpAddress,
  dst: IpAddress,
  message: Pdu,
  to: MacAddress | null,
): void {
  const packet = new Ipv6Packet(src, dst, PROTOCOL_ICMPV6, NDP_HOP_LIMIT, 0, 0, null, message);
  device.send(new EthernetFrame(to ?? ipv6MulticastMac(dst), device.mac, ETHERTYPE_IPV6, packet));
}

/** Sends a packet to the group that it names, on the link of `iface`. */
export function sendToGroup({ device }: Interface, packet: Ipv6Packet): void {
  device.send(new EthernetFrame(ipv6MulticastMac(packet.dst), device.mac, ETHERTYPE_IPV6, packet));
}

function sendToNeighbour(
  iface: Interface,
  src: IpAddress,
  dst: IpAddress,
  message: Pdu,
  neighbour: Neighbour,
  neighbours: NeighbourTable,
): void {
  if (neighbour.isConnected) {
    sendNdp(iface, src, dst, message, neighbour.mac);
    return;
  }
  const packet = new Ipv6Packet(src, dst, PROTOCOL_ICMPV6, NDP_HOP_LIMIT, 0, 0, null, message);
  neighbours.output(neighbour, packet, LOCAL_ORIGIN);
}
