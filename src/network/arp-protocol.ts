/**
 * ARP (RFC 826, RFC 5227; arp(7)): what is asked, who is answered, what is believed. The order of the rules and the
 * meaning of `arp_ignore`, `arp_announce`, `arp_filter`, `arp_accept` and `proxy_arp` are Linux's.
 */
import { ETHERTYPE_ARP, ETHERTYPE_IPV4, EthernetFrame } from '../link/frame.ts';
import { ANY_V4, type IpAddress } from '../packet/ip-address.ts';
import { BROADCAST_MAC, MacAddress, ZERO_MAC } from '../packet/mac-address.ts';
import type { RandomStream } from '../sim/random.ts';
import type { EventHandler } from '../sim/simulator.ts';
import { ARP_REPLY, ARP_REQUEST, ArpPacket } from './arp.ts';
import { type Interface, SCOPE_HOST, SCOPE_LINK } from './interface.ts';
import type { NeighbourConfig } from './interface-config.ts';
import type { IpPacket } from './ip-packet.ts';
import { routeInput } from './ipv4-route-input.ts';
import { routeOutput, UNCONSTRAINED } from './ipv4-route-output.ts';
import type { Ipv4Tables } from './ipv4-tables.ts';
import { type Neighbour, NUD_REACHABLE, NUD_STALE } from './neighbour.ts';
import type { NeighbourProtocol, NeighbourTable } from './neighbour-table.ts';
import type { PacketOrigin } from './packet-origin.ts';

/** A proxied answer that waits for a random while, so that the true owner comes first. */
interface ProxyAnswer {
  readonly iface: Interface;
  readonly request: ArpPacket;
}

const PROXY_ANSWER = 0;

export class ArpProtocol implements NeighbourProtocol, EventHandler {
  readonly etherType = ETHERTYPE_IPV4;
  readonly #tables: Ipv4Tables;
  readonly #place: number;
  readonly #random: RandomStream;
  readonly #onUnreachable: (packet: IpPacket, origin: PacketOrigin) => void;
  #waiting = 0;

  /** @param onUnreachable hears of packets whose neighbour did not answer */
  constructor(
    tables: Ipv4Tables,
    place: string,
    random: RandomStream,
    onUnreachable: (packet: IpPacket, origin: PacketOrigin) => void,
  ) {
    this.#tables = tables;
    this.#place = tables.simulator.addPlace(place, this);
    this.#random = random;
    this.#onUnreachable = onUnreachable;
  }

  get gcThresholds(): readonly [number, number, number] {
    return this.#tables.config.gcThresholds;
  }

  configOf(iface: Interface): NeighbourConfig {
    return iface.neighbourConfig;
  }

  fixedMac(address: IpAddress, iface: Interface): MacAddress | null {
    if (iface.device.isLoopback) return ZERO_MAC;
    const type = this.#tables.typeOf(address);
    if (type === 'multicast') return multicastMac(address);
    return type === 'broadcast' ? BROADCAST_MAC : null;
  }

  solicit(neighbour: Neighbour, to: MacAddress | null, packet: IpPacket | null): void {
    const { iface, address } = neighbour;
    const source = this.#solicitSource(iface, address, packet?.src ?? null);
    const request = new ArpPacket(ARP_REQUEST, iface.device.mac, source, ZERO_MAC, address);
    send(iface, to ?? BROADCAST_MAC, request);
  }

  unreachable(packet: IpPacket, origin: PacketOrigin): void {
    this.#onUnreachable(packet, origin);
  }

  /** Tells everybody that `address` is ours (RFC 5227 2.3). */
  announce(iface: Interface, address: IpAddress): void {
    send(iface, BROADCAST_MAC, new ArpPacket(ARP_REQUEST, iface.device.mac, address, ZERO_MAC, address));
  }

  /** @param isHostFrame the frame was addressed to this node alone */
  onPacket(iface: Interface, isHostFrame: boolean, arp: ArpPacket, neighbours: NeighbourTable): void {
    const { drops } = this.#tables;
    const { senderIp, targetIp, operation } = arp;
    const { config } = iface;
    if (operation !== ARP_REQUEST && operation !== ARP_REPLY) {
      drops.drop('arp.unknown-operation', arp);
      return;
    }
    if (targetIp.isMulticast || (targetIp.isLoopback && !config.routeLocalnet)) {
      drops.drop('arp.bad-target', arp);
      return;
    }
    if (senderIp === targetIp && config.dropGratuitousArp) {
      drops.drop('arp.gratuitous', arp);
      return;
    }
    if (senderIp === ANY_V4) {
      this.#answerProbe(iface, arp);
      return;
    }
    if (operation === ARP_REQUEST && this.#answer(iface, isHostFrame, arp, neighbours)) return;
    this.#learn(iface, isHostFrame, arp, neighbours);
  }

  onEvent(_kind: number, arg: unknown): void {
    const { iface, request } = arg as ProxyAnswer;
    this.#waiting--;
    reply(iface, request);
  }

  /** Duplicate address detection (RFC 5227 2.1.1): somebody is about to take an address that may be ours. */
  #answerProbe(iface: Interface, arp: ArpPacket): void {
    const isOurs = this.#tables.typeOf(arp.targetIp) === 'local';
    if (arp.operation === ARP_REQUEST && isOurs && !this.#ignores(iface, arp)) reply(iface, arp);
  }

  /** @returns true when the request was for us, or for one for whom we answer */
  #answer(iface: Interface, isHostFrame: boolean, arp: ArpPacket, neighbours: NeighbourTable): boolean {
    const route = routeInput(this.#tables, iface, arp.targetIp, arp.senderIp);
    if (typeof route === 'string' || route.isGroup) return false;
    if (route.kind === 'local') {
      if (!this.#ignores(iface, arp) && !this.#filters(iface, arp)) {
        this.#hear(iface, arp, neighbours);
        reply(iface, arp);
      }
      return true;
    }
    if (!iface.config.forwarding || route.kind !== 'unicast') return false;
    if (route.iface === iface || !iface.config.proxyArp) return false;
    this.#hear(iface, arp, neighbours);
    this.#answerAsProxy(iface, isHostFrame, arp);
    return true;
  }

  #answerAsProxy(iface: Interface, isHostFrame: boolean, request: ArpPacket): void {
    const { proxyDelay, proxyQlen } = iface.neighbourConfig;
    if (isHostFrame || proxyDelay === 0) {
      reply(iface, request);
      return;
    }
    if (this.#waiting >= proxyQlen) {
      this.#tables.drops.drop('arp.proxy-queue-full', request);
      return;
    }
    this.#waiting++;
    const answer: ProxyAnswer = { iface, request };
    this.#tables.simulator.after(this.#random.int(0, proxyDelay), this.#place, PROXY_ANSWER, answer);
  }

  /** Whoever asks for us tells its own MAC. */
  #hear(iface: Interface, { senderIp, senderMac }: ArpPacket, neighbours: NeighbourTable): void {
    const neighbour = neighbours.findOrCreate(senderIp, iface);
    if (neighbour !== null) neighbours.update(neighbour, senderMac, NUD_STALE, { override: true });
  }

  #learn(iface: Interface, isHostFrame: boolean, arp: ArpPacket, neighbours: NeighbourTable): void {
    const { senderIp, senderMac, operation } = arp;
    const accepts = this.#acceptsUnsolicited(iface, senderIp);
    let neighbour = neighbours.find(senderIp, iface);
    if (neighbour === null && !accepts) return;
    const isUnicast = this.#tables.typeOf(senderIp) === 'unicast';
    const isGratuitous = isUnicast && isAnnouncement(arp);
    if (neighbour === null && (isGratuitous || (operation === ARP_REPLY && isUnicast)))
      neighbour = neighbours.findOrCreate(senderIp, iface);
    if (neighbour === null) return;
    const { now } = this.#tables.simulator;
    const override = isGratuitous || now > neighbour.updated + iface.neighbourConfig.locktime;
    // Broadcast replies and requests are no proof that the neighbour hears us.
    const state = operation === ARP_REPLY && isHostFrame ? NUD_REACHABLE : NUD_STALE;
    neighbours.update(neighbour, senderMac, state, { override });
  }

  #acceptsUnsolicited(iface: Interface, sender: IpAddress): boolean {
    const { arpAccept } = iface.config;
    if (arpAccept === 2) return this.#tables.confirms(iface, sender, null, SCOPE_LINK);
    return arpAccept === 1;
  }

  /** `arp_ignore`: for which addresses requests on this interface go unanswered. */
  #ignores(iface: Interface, { senderIp, targetIp }: ArpPacket): boolean {
    const tables = this.#tables;
    switch (iface.config.arpIgnore) {
      case 1:
        return !tables.confirms(iface, null, targetIp, SCOPE_HOST);
      case 2:
        return !tables.confirms(iface, senderIp, targetIp, SCOPE_HOST);
      case 3:
        return !tables.confirms(null, null, targetIp, SCOPE_LINK);
      case 8:
        return true;
      default:
        return false;
    }
  }

  /** `arp_filter`: only the interface answers by which we would reach the asker. */
  #filters(iface: Interface, { senderIp, targetIp }: ArpPacket): boolean {
    if (!iface.config.arpFilter) return false;
    const back = routeOutput(this.#tables, senderIp, targetIp, UNCONSTRAINED);
    return typeof back === 'number' || back.iface !== iface;
  }

  /** `arp_announce`: which of our addresses a request tells. */
  #solicitSource(iface: Interface, target: IpAddress, wanted: IpAddress | null): IpAddress {
    const tables = this.#tables;
    const { arpAnnounce } = iface.config;
    if (wanted !== null && arpAnnounce !== 2 && tables.typeOf(wanted) === 'local') {
      if (arpAnnounce === 0 || tables.isOnLink(iface, target, wanted)) return wanted;
    }
    return tables.selectSource(iface, target, SCOPE_LINK);
  }
}

function reply(iface: Interface, { senderMac, senderIp, targetIp }: ArpPacket): void {
  send(iface, senderMac, new ArpPacket(ARP_REPLY, iface.device.mac, targetIp, senderMac, senderIp));
}

function send(iface: Interface, to: MacAddress, arp: ArpPacket): void {
  const { device } = iface;
  device.send(new EthernetFrame(to, device.mac, ETHERTYPE_ARP, arp));
}

/** Sender and target are the same; a reply must repeat the hardware address, too. */
function isAnnouncement({ operation, senderIp, targetIp, senderMac, targetMac }: ArpPacket): boolean {
  return senderIp === targetIp && (operation !== ARP_REPLY || targetMac === senderMac);
}

/** 01:00:5e and the low 23 bits of the group (RFC 1112 6.4). */
export function multicastMac(group: IpAddress): MacAddress {
  return MacAddress.of(0x0100, (0x5e000000 | (group.w3 & 0x7fffff)) >>> 0);
}
