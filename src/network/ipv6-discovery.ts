/**
 * What becomes of a message of neighbour or listener discovery: the checks that all of them share (RFC 4861 6.1, 7.1;
 * RFC 3810 5.1.14), then to the machine that it concerns. Redirects are ignored, and so is what nobody knows.
 */
import { Payload } from '../packet/payload.ts';
import type { Pdu } from '../packet/pdu.ts';
import type { DiscoveryHandler } from './icmpv6-input.ts';
import type { InterfaceArrival } from './interface-arrival.ts';
import type { Ipv6Packet } from './ipv6.ts';
import { EXTENSION_FRAGMENT } from './ipv6-extension.ts';
import { routerAlertOf } from './ipv6-options.ts';
import type { Ipv6Tables } from './ipv6-tables.ts';
import { MLD_QUERY, MLDV1_DONE, MLDV2_REPORT, MldQuery } from './mld.ts';
import type { MldMembership } from './mld-membership.ts';
import {
  NDP_NEIGHBOUR_ADVERTISEMENT,
  NDP_NEIGHBOUR_SOLICITATION,
  NDP_REDIRECT,
  NDP_ROUTER_ADVERTISEMENT,
  NDP_ROUTER_SOLICITATION,
  NeighbourMessage,
  RouterAdvertisement,
  RouterSolicitation,
} from './ndp.ts';
import { NDP_HOP_LIMIT, type NdpProtocol } from './ndp-protocol.ts';
import type { NeighbourTable } from './neighbour-table.ts';
import type { RouterDiscovery } from './router-discovery.ts';

export class Ipv6Discovery implements DiscoveryHandler {
  readonly #tables: Ipv6Tables;
  readonly #ndp: NdpProtocol;
  readonly #neighbours: NeighbourTable;
  readonly #routers: RouterDiscovery;
  readonly #listeners: MldMembership;

  constructor(
    tables: Ipv6Tables,
    ndp: NdpProtocol,
    neighbours: NeighbourTable,
    routers: RouterDiscovery,
    listeners: MldMembership,
  ) {
    this.#tables = tables;
    this.#ndp = ndp;
    this.#neighbours = neighbours;
    this.#routers = routers;
    this.#listeners = listeners;
  }

  onMessage(type: number, message: Pdu, packet: Ipv6Packet, arrival: InterfaceArrival): void {
    if ((type >= MLD_QUERY && type <= MLDV1_DONE) || type === MLDV2_REPORT) {
      this.#onListenerMessage(message, packet, arrival);
      return;
    }
    if (type < NDP_ROUTER_SOLICITATION || type > NDP_REDIRECT) {
      this.#tables.drops.drop('icmp6.unknown-type', packet);
      return;
    }
    if (!isFromNeighbour(packet, message) || arrival.device.isLoopback) {
      this.#tables.drops.drop('ndp.not-from-neighbour', packet);
      return;
    }
    switch (type) {
      case NDP_ROUTER_SOLICITATION:
        this.#routers.onSolicitation(packet, parsed(message, RouterSolicitation), arrival.inbound);
        break;
      case NDP_ROUTER_ADVERTISEMENT:
        this.#routers.onAdvertisement(packet, parsed(message, RouterAdvertisement), arrival.inbound);
        break;
      case NDP_NEIGHBOUR_SOLICITATION:
        this.#ndp.onSolicitation(packet, parsed(message, NeighbourMessage), arrival, this.#neighbours);
        break;
      case NDP_NEIGHBOUR_ADVERTISEMENT:
        this.#ndp.onAdvertisement(packet, parsed(message, NeighbourMessage), arrival, this.#neighbours);
        break;
      default:
        this.#tables.drops.drop('ndp.ignored', packet);
    }
  }

  /** Reports concern routers only. A query comes from a neighbour and carries a router alert. */
  #onListenerMessage(message: Pdu, packet: Ipv6Packet, { inbound }: InterfaceArrival): void {
    const isQuery =
      message instanceof MldQuery ||
      (message instanceof Payload && message.bytes[message.start] === MLD_QUERY);
    if (!isQuery) return;
    if (!packet.src.isLinkLocal || packet.ttl !== 1 || routerAlertOf(packet.extensions?.[0]) < 0)
      this.#tables.drops.drop('mld.bad-query', packet);
    else this.#listeners.onQuery(parsed(message, MldQuery), inbound);
  }
}

/** Never forwarded, never in pieces (RFC 6980), code 0. */
function isFromNeighbour(packet: Ipv6Packet, message: Pdu): boolean {
  if (packet.ttl !== NDP_HOP_LIMIT) return false;
  if (packet.extensions?.some(({ type }) => type === EXTENSION_FRAGMENT) === true) return false;
  return !(message instanceof Payload) || message.bytes[message.start + 1] === 0;
}

/** A class of messages that can be read from bytes. */
interface MessageClass<M extends Pdu> {
  new (...fields: never[]): M;
  parse(bytes: Payload): M;
}

function parsed<M extends Pdu>(message: Pdu, kind: MessageClass<M>): M {
  return message instanceof kind ? message : kind.parse(message as Payload);
}
