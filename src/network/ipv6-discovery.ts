/**
 * What becomes of a message of neighbour discovery: the checks that all of them share (RFC 4861 6.1, 7.1), then to the
 * machine that it concerns. Redirects are ignored, and so is what nobody knows.
 */
import { Payload } from '../packet/payload.ts';
import type { Pdu } from '../packet/pdu.ts';
import type { DiscoveryHandler } from './icmpv6-input.ts';
import type { InterfaceArrival } from './interface-arrival.ts';
import type { Ipv6Packet } from './ipv6.ts';
import { EXTENSION_FRAGMENT } from './ipv6-extension.ts';
import type { Ipv6Tables } from './ipv6-tables.ts';
import {
  NDP_NEIGHBOUR_ADVERTISEMENT,
  NDP_NEIGHBOUR_SOLICITATION,
  NDP_REDIRECT,
  NDP_ROUTER_SOLICITATION,
  NeighbourMessage,
} from './ndp.ts';
import { NDP_HOP_LIMIT, type NdpProtocol } from './ndp-protocol.ts';
import type { NeighbourTable } from './neighbour-table.ts';

export class Ipv6Discovery implements DiscoveryHandler {
  readonly #tables: Ipv6Tables;
  readonly #ndp: NdpProtocol;
  readonly #neighbours: NeighbourTable;

  constructor(tables: Ipv6Tables, ndp: NdpProtocol, neighbours: NeighbourTable) {
    this.#tables = tables;
    this.#ndp = ndp;
    this.#neighbours = neighbours;
  }

  onMessage(type: number, message: Pdu, packet: Ipv6Packet, arrival: InterfaceArrival): void {
    if (type < NDP_ROUTER_SOLICITATION || type > NDP_REDIRECT) {
      this.#tables.drops.drop('icmp6.unknown-type', packet);
      return;
    }
    if (!isFromNeighbour(packet, message) || arrival.device.isLoopback) {
      this.#tables.drops.drop('ndp.not-from-neighbour', packet);
      return;
    }
    switch (type) {
      case NDP_NEIGHBOUR_SOLICITATION:
        this.#ndp.onSolicitation(packet, neighbourMessage(message), arrival, this.#neighbours);
        break;
      case NDP_NEIGHBOUR_ADVERTISEMENT:
        this.#ndp.onAdvertisement(packet, neighbourMessage(message), arrival, this.#neighbours);
        break;
      default:
        this.#tables.drops.drop('ndp.ignored', packet);
    }
  }
}

/** Never forwarded, never in pieces (RFC 6980), code 0. */
function isFromNeighbour(packet: Ipv6Packet, message: Pdu): boolean {
  if (packet.ttl !== NDP_HOP_LIMIT) return false;
  if (packet.extensions?.some(({ type }) => type === EXTENSION_FRAGMENT) === true) return false;
  return !(message instanceof Payload) || message.bytes[message.start + 1] === 0;
}

function neighbourMessage(message: Pdu): NeighbourMessage {
  return message instanceof NeighbourMessage ? message : NeighbourMessage.parse(message as Payload);
}
