/**
 * Sending: from a route and a packet to frames. Splits what is larger than the path takes, hands frames to the
 * resolved neighbour, brings broadcasts and joined groups back to this node.
 */
import { ETHERTYPE_IPV4, EthernetFrame } from '../link/frame.ts';
import type { IpAddress } from '../packet/ip-address.ts';
import type { Pdu } from '../packet/pdu.ts';
import type { RandomStream } from '../sim/random.ts';
import type { EventHandler } from '../sim/simulator.ts';
import { EMSGSIZE, ENOBUFS } from './errno.ts';
import { fragment } from './fragment.ts';
import { Identification } from './identification.ts';
import type { Interface } from './interface.ts';
import { FLAG_DF, IPV4_HEADER_SIZE, IPV4_MAX_SIZE, Ipv4Packet } from './ipv4.ts';
import type { ParsedOptions } from './ipv4-options.ts';
import type { Ipv4Route } from './ipv4-route.ts';
import type { Ipv4Tables } from './ipv4-tables.ts';
import { LoopedFrame } from './looped-frame.ts';
import type { NeighbourTable } from './neighbour-table.ts';
import { LOCAL_ORIGIN, type PacketOrigin } from './packet-origin.ts';
import { ignoresPathMtu, mayCutPackets } from './pmtu-discovery.ts';
import type { SendOptions } from './ports.ts';

/** What the header of a packet of this node's own says besides addresses and protocol. `SendOptions` are such. */
export type HeaderFields = Pick<
  SendOptions,
  'ttl' | 'tos' | 'pmtuDiscovery' | 'ipOptions' | 'multicastLoop' | 'origin'
>;

/** A packet of this node's own, on its way back to itself. */
interface LoopedBack {
  readonly iface: Interface;
  readonly packet: Ipv4Packet;
}

const LOOP_BACK = 0;

/** Packets that the network floor itself sends: default TTL, no DF, fragments as need be. */
export function controlFields(tos: number): HeaderFields {
  return { ttl: 0, tos, pmtuDiscovery: 'dont', ipOptions: null, multicastLoop: true };
}

export class Ipv4Output implements EventHandler {
  readonly #tables: Ipv4Tables;
  readonly #neighbours: NeighbourTable;
  readonly #place: number;
  readonly #identification: Identification;
  readonly #onLoopedBack: (iface: Interface, packet: Ipv4Packet) => void;

  /** @param onLoopedBack gets broadcasts and multicasts that this node sent and hears itself */
  constructor(
    tables: Ipv4Tables,
    place: string,
    neighbours: NeighbourTable,
    random: RandomStream,
    onLoopedBack: (iface: Interface, packet: Ipv4Packet) => void,
  ) {
    this.#tables = tables;
    this.#neighbours = neighbours;
    this.#place = tables.simulator.addPlace(place, this);
    this.#identification = new Identification(random);
    this.#onLoopedBack = onLoopedBack;
  }

  /**
   * Makes a packet and sends it.
   * @param dst what the header says; with a source route this is its first hop and `route` leads there
   * @returns 0 or -EMSGSIZE
   */
  originate(
    route: Ipv4Route,
    src: IpAddress,
    dst: IpAddress,
    protocol: number,
    payload: Pdu,
    fields: HeaderFields,
  ): number {
    const { ipOptions, pmtuDiscovery } = fields;
    const size = IPV4_HEADER_SIZE + (ipOptions === null ? 0 : ipOptions.length) + payload.size;
    const largest = ignoresPathMtu(pmtuDiscovery) ? Math.min(route.device.mtu, IPV4_MAX_SIZE) : route.mtu;
    const mayFragment = mayCutPackets(pmtuDiscovery);
    if (size > (mayFragment ? IPV4_MAX_SIZE : largest)) return -EMSGSIZE;
    const df =
      pmtuDiscovery === 'do' ||
      pmtuDiscovery === 'probe' ||
      (pmtuDiscovery === 'want' && size <= largest && !route.isMtuLocked)
        ? FLAG_DF
        : 0;
    const id =
      df === 0 || mayFragment ? this.#identification.next(src, dst, protocol, this.#tables.simulator.now) : 0;
    const ttl = fields.ttl || (route.kind === 'multicast' ? 1 : this.#tables.config.defaultTtl);
    const packet = new Ipv4Packet(src, dst, protocol, ttl, fields.tos, id, df, 0, ipOptions, payload);
    if (route.device.isBlocked === true) {
      this.#tables.drops.drop('link.queue-full', packet);
      return -ENOBUFS;
    }
    if (route.loopsBack && (fields.multicastLoop || route.kind === 'broadcast'))
      this.#loopBack(route.iface, packet);
    this.transmit(route, packet, largest, fields.origin ?? LOCAL_ORIGIN);
    return 0;
  }

  /**
   * Sends an answer with echoed options.
   * @param finalDst where it goes in the end: a source route among the options begins with another hop
   * @returns 0 or minus an errno
   */
  answer(
    route: Ipv4Route,
    src: IpAddress,
    finalDst: IpAddress,
    protocol: number,
    payload: Pdu,
    fields: HeaderFields,
    options: ParsedOptions | null,
  ): number {
    if (options === null) return this.originate(route, src, finalDst, protocol, payload, fields);
    const { ttl, tos, pmtuDiscovery, multicastLoop } = fields;
    const ipOptions = this.#completed(options, src, finalDst);
    const completed: HeaderFields = { ttl, tos, pmtuDiscovery, ipOptions, multicastLoop };
    return this.originate(route, src, options.firstHop ?? finalDst, protocol, payload, completed);
  }

  /** Sends a packet, ready but for the link, in pieces of at most `mtu` bytes. */
  transmit(route: Ipv4Route, packet: Ipv4Packet, mtu: number, origin: PacketOrigin): void {
    if (packet.size <= mtu) this.#toNeighbour(route, packet, origin);
    else for (const piece of fragment(packet, mtu)) this.#toNeighbour(route, piece, origin);
  }

  onEvent(_kind: number, arg: unknown): void {
    const { iface, packet } = arg as LoopedBack;
    this.#onLoopedBack(iface, packet);
  }

  /** Writes into echoed options what only the sender of the answer knows. */
  #completed(options: ParsedOptions, src: IpAddress, finalDst: IpAddress): Uint8Array {
    const { bytes, sourceRoute } = options;
    if (sourceRoute >= 0) finalDst.writeV4(bytes, sourceRoute + bytes[sourceRoute + 1]! - 4);
    if (options.recordNeedsAddress) options.writeRecordedAddress(src);
    if (options.timestampNeedsAddress) options.writeTimestampAddress(src);
    if (options.timestampNeedsTime) options.writeTimestampTime(this.#tables.timestamp());
    return bytes;
  }

  #toNeighbour(route: Ipv4Route, packet: Ipv4Packet, origin: PacketOrigin): void {
    const { device } = route;
    if (device.isLoopback) {
      device.send(new LoopedFrame(ETHERTYPE_IPV4, packet, route));
      return;
    }
    if (packet.ttl === 0 && route.kind === 'multicast') {
      this.#tables.drops.drop('ip.ttl-exceeded', packet);
      return;
    }
    let neighbour = route.neighbour;
    if (neighbour === null || neighbour.isDead) {
      neighbour = this.#neighbours.findOrCreate(route.nextHop, route.iface);
      route.neighbour = neighbour;
      if (neighbour === null) {
        this.#tables.drops.drop('neighbour.table-full', packet);
        return;
      }
    }
    if (neighbour.isConnected)
      device.send(new EthernetFrame(neighbour.mac, device.mac, ETHERTYPE_IPV4, packet));
    else this.#neighbours.output(neighbour, packet, origin);
  }

  #loopBack(iface: Interface, packet: Ipv4Packet): void {
    const looped: LoopedBack = { iface, packet };
    this.#tables.simulator.after(0, this.#place, LOOP_BACK, looped);
  }
}
