/**
 * Sending IPv6: from a route and a packet to frames. Only the source of a packet cuts it (RFC 8200 4.5); frames go to
 * the resolved neighbour, and packets to joined groups also come back to this node.
 */
import { ETHERTYPE_IPV6, EthernetFrame } from '../link/frame.ts';
import type { IpAddress } from '../packet/ip-address.ts';
import type { Pdu } from '../packet/pdu.ts';
import type { RandomStream } from '../sim/random.ts';
import type { EventHandler } from '../sim/simulator.ts';
import { EMSGSIZE, ENOBUFS } from './errno.ts';
import { FlowLabels } from './flow-label.ts';
import type { Interface } from './interface.ts';
import { IPV6_HEADER_SIZE, IPV6_MAX_PAYLOAD, Ipv6Packet } from './ipv6.ts';
import type { Ipv6Extension } from './ipv6-extension.ts';
import { fragmentIpv6 } from './ipv6-fragment.ts';
import type { Ipv6Route } from './ipv6-route.ts';
import type { Ipv6Tables } from './ipv6-tables.ts';
import { LoopedFrame } from './looped-frame.ts';
import type { NeighbourTable } from './neighbour-table.ts';
import { LOCAL_ORIGIN, type PacketOrigin } from './packet-origin.ts';
import { ignoresPathMtu, mayCutPackets } from './pmtu-discovery.ts';
import type { SendOptions } from './ports.ts';

/** What the headers of a packet of this node's own say besides addresses and protocol. */
export interface Ipv6HeaderFields
  extends Pick<SendOptions, 'ttl' | 'tos' | 'pmtuDiscovery' | 'multicastLoop' | 'flow' | 'origin'> {
  /** Default: none. */
  readonly extensions?: readonly Ipv6Extension[] | null;
}

/** Packets that the network floor itself sends. @param ttl 0 = the default hop limit */
export function ipv6ControlFields(ttl: number, tos: number = 0): Ipv6HeaderFields {
  return { ttl, tos, pmtuDiscovery: 'want', multicastLoop: false, flow: 0 };
}

/** A packet of this node's own, on its way back to itself. */
interface LoopedBack {
  readonly iface: Interface;
  readonly packet: Ipv6Packet;
}

const LOOP_BACK = 0;

export class Ipv6Output implements EventHandler {
  readonly #tables: Ipv6Tables;
  readonly #neighbours: NeighbourTable;
  readonly #place: number;
  readonly #onLoopedBack: (iface: Interface, packet: Ipv6Packet) => void;
  readonly #labels: FlowLabels;
  #nextId: number;

  /** @param onLoopedBack gets multicasts that this node sent and hears itself */
  constructor(
    tables: Ipv6Tables,
    place: string,
    neighbours: NeighbourTable,
    random: RandomStream,
    onLoopedBack: (iface: Interface, packet: Ipv6Packet) => void,
  ) {
    this.#tables = tables;
    this.#neighbours = neighbours;
    this.#place = tables.simulator.addPlace(place, this);
    this.#onLoopedBack = onLoopedBack;
    this.#nextId = random.int(0, 0x7fffffff);
    this.#labels = new FlowLabels(random);
  }

  /** Makes a packet and sends it. @returns 0, -EMSGSIZE or -ENOBUFS */
  originate(
    route: Ipv6Route,
    src: IpAddress,
    dst: IpAddress,
    protocol: number,
    payload: Pdu,
    fields: Ipv6HeaderFields,
  ): number {
    const { pmtuDiscovery } = fields;
    const extensions = fields.extensions ?? null;
    const ttl = fields.ttl || route.hopLimit;
    const label = this.#tables.config.labelsFlows ? this.#labels.of(src, dst, protocol, fields.flow) : 0;
    const packet = new Ipv6Packet(src, dst, protocol, ttl, fields.tos, label, extensions, payload);
    const largest = ignoresPathMtu(pmtuDiscovery) ? route.iface.v6!.mtu : route.mtu;
    const mayFragment = mayCutPackets(pmtuDiscovery);
    if (packet.size > (mayFragment ? IPV6_HEADER_SIZE + IPV6_MAX_PAYLOAD : largest)) return -EMSGSIZE;
    if (route.device.isBlocked === true) {
      this.#tables.drops.drop('link.queue-full', packet);
      return -ENOBUFS;
    }
    const origin = fields.origin ?? LOCAL_ORIGIN;
    if (route.loopsBack && fields.multicastLoop) this.#loopBack(route.iface, packet);
    if (packet.size <= largest) this.transmit(route, packet, origin);
    else {
      this.#nextId = (this.#nextId + 1) >>> 0;
      for (const piece of fragmentIpv6(packet, largest, this.#nextId)) this.transmit(route, piece, origin);
    }
    return 0;
  }

  /** Sends a packet, ready but for the link, to its next hop. */
  transmit(route: Ipv6Route, packet: Ipv6Packet, origin: PacketOrigin): void {
    const { device } = route;
    if (device.isLoopback) {
      device.send(new LoopedFrame(ETHERTYPE_IPV6, packet, route));
      return;
    }
    if (packet.ttl === 0 && route.kind === 'multicast') {
      this.#tables.drops.drop('ip6.hop-limit-exceeded', packet);
      return;
    }
    let { neighbour } = route;
    if (neighbour === null || neighbour.isDead) {
      neighbour = this.#neighbours.findOrCreate(route.nextHop, route.iface);
      route.neighbour = neighbour;
      if (neighbour === null) {
        this.#tables.drops.drop('neighbour.table-full', packet);
        return;
      }
    }
    if (neighbour.isConnected)
      device.send(new EthernetFrame(neighbour.mac, device.mac, ETHERTYPE_IPV6, packet));
    else this.#neighbours.output(neighbour, packet, origin);
  }

  onEvent(_kind: number, arg: unknown): void {
    const { iface, packet } = arg as LoopedBack;
    this.#onLoopedBack(iface, packet);
  }

  #loopBack(iface: Interface, packet: Ipv6Packet): void {
    const looped: LoopedBack = { iface, packet };
    this.#tables.simulator.after(0, this.#place, LOOP_BACK, looped);
  }
}
