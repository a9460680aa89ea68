/**
 * Arriving packets, from the header check on (RFC 1122 3.2.1; Linux's order): route, options, then forward, deliver
 * or refuse. Delivery puts fragments together and gives the payload to raw listeners and to its protocol.
 */
import type { Payload } from '../packet/payload.ts';
import { DecodeError } from '../sim/errors.ts';
import { ICMP_PARAMETER_PROBLEM, ICMP_UNREACHABLE, UNREACHABLE_PROTOCOL } from './icmp.ts';
import type { IcmpErrors } from './icmp-errors.ts';
import type { Interface } from './interface.ts';
import { InterfaceArrival } from './interface-arrival.ts';
import type { IpPacket } from './ip-packet.ts';
import { Ipv4Packet } from './ipv4.ts';
import { forwardPlainly, type Ipv4Forward } from './ipv4-forward.ts';
import { ParsedOptions } from './ipv4-options.ts';
import type { Ipv4Route } from './ipv4-route.ts';
import { routeInput } from './ipv4-route-input.ts';
import type { Ipv4Tables } from './ipv4-tables.ts';
import { optionsNodeFor } from './own-address.ts';
import type { Protocols } from './protocols.ts';
import type { ReassemblyTable } from './reassembly-table.ts';
import { followSourceRoute } from './source-route.ts';

export class Ipv4Input {
  readonly #tables: Ipv4Tables;
  readonly #forward: Ipv4Forward;
  readonly #errors: IcmpErrors;
  readonly #reassembly: ReassemblyTable;
  readonly #protocols: Protocols<Ipv4Packet>;
  #delivering: Ipv4Packet | null = null;
  #deliveringOptions: ParsedOptions | null = null;
  readonly #arrivals = new Map<Interface, InterfaceArrival>();

  constructor(
    tables: Ipv4Tables,
    forward: Ipv4Forward,
    errors: IcmpErrors,
    reassembly: ReassemblyTable,
    protocols: Protocols<Ipv4Packet>,
  ) {
    this.#tables = tables;
    this.#forward = forward;
    this.#errors = errors;
    this.#reassembly = reassembly;
    this.#protocols = protocols;
  }

  /** @param isHostFrame the frame was addressed to this node alone */
  receive(inbound: Interface, isHostFrame: boolean, packet: Ipv4Packet): void {
    const tables = this.#tables;
    const known = inbound.inputRoutes.find(packet.dst, packet.src, tables.version, tables.simulator.now);
    const route = known ?? routeInput(tables, inbound, packet.dst, packet.src);
    if (typeof route === 'string') {
      tables.drops.drop(route, packet);
      return;
    }
    if (route.kind === 'unicast' && isHostFrame && packet.options === null && forwardPlainly(packet, route))
      return;
    const arrival = this.arrivalOf(inbound);
    arrival.begin(isHostFrame, route);
    if (packet.options !== null) this.#withOptions(packet, route, arrival);
    else this.#dispatch(packet, route, arrival);
  }

  /** The bytes of a frame say that they are an IPv4 packet. */
  receiveBytes(inbound: Interface, isHostFrame: boolean, bytes: Payload): void {
    let packet: Ipv4Packet;
    try {
      packet = Ipv4Packet.parse(bytes);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      this.#tables.drops.drop(`ip.${error.reason}`, bytes);
      return;
    }
    this.receive(inbound, isHostFrame, packet);
  }

  /** A broadcast or multicast of this node's own comes back: it is delivered without asking routes again. */
  receiveOwn(iface: Interface, packet: Ipv4Packet): void {
    const arrival = this.arrivalOf(iface);
    arrival.entered = arrival.device;
    arrival.isByLocalRoute = true;
    arrival.isHostFrame = false;
    arrival.isUnicast = false;
    arrival.isForUs = true;
    arrival.isGroup = true;
    arrival.options = null;
    this.deliver(packet, arrival);
  }

  /**
   * A packet of this node comes back through the loopback device: it is this node's by the route it was sent by. On its
   * way to an address of this node it shows itself as having come in where that address is (Linux's inet_iif): a socket
   * that is bound to eth0 hears what is sent to eth0's address.
   */
  receiveLooped(loopback: Interface, packet: Ipv4Packet, route: Ipv4Route): void {
    if (packet.options !== null || (route.kind !== 'local' && route.kind !== 'unicast')) {
      this.receive(loopback, true, packet);
      return;
    }
    const isLocal = route.kind === 'local';
    const arrival = this.arrivalOf(route.arrivesOn ?? loopback);
    arrival.beginLooped(loopback.device, isLocal);
    this.deliver(packet, arrival);
  }

  /** The reused facts about what `iface` is receiving. */
  arrivalOf(iface: Interface): InterfaceArrival {
    let arrival = this.#arrivals.get(iface);
    if (arrival === undefined) {
      arrival = new InterfaceArrival(iface);
      this.#arrivals.set(iface, arrival);
    }
    return arrival;
  }

  /** The options of the packet that is being delivered, for an answer to echo. */
  optionsOf(packet: IpPacket): ParsedOptions | null {
    return packet === this.#delivering ? this.#deliveringOptions : null;
  }

  /** Gives a packet for this node to whom it concerns, once it is whole. */
  deliver(packet: Ipv4Packet, arrival: InterfaceArrival): void {
    let whole = packet;
    if (packet.isFragment) {
      const complete = this.#reassembly.add(packet, arrival);
      if (complete === null) return;
      whole = complete;
    }
    this.#delivering = whole;
    this.#deliveringOptions = arrival.options;
    if (this.#protocols.deliver(whole, arrival)) return;
    this.#tables.drops.drop('ip.unknown-protocol', whole);
    this.#errors.send(whole, arrival, ICMP_UNREACHABLE, UNREACHABLE_PROTOCOL, 0);
  }

  #dispatch(packet: Ipv4Packet, route: Ipv4Route, arrival: InterfaceArrival): void {
    if (!arrival.isHostFrame && !route.isGroup && arrival.inbound.config.dropUnicastInL2Multicast) {
      this.#tables.drops.drop('ip.unicast-in-group-frame', packet);
      return;
    }
    if (route.kind === 'unicast') this.#forward.forward(packet, route, arrival);
    else if (route.kind === 'unreachable') this.#forward.refuse(packet, route, arrival);
    else this.deliver(packet, arrival);
  }

  #withOptions(packet: Ipv4Packet, route: Ipv4Route, arrival: InterfaceArrival): void {
    const tables = this.#tables;
    const options = new ParsedOptions(packet.options!.slice());
    arrival.options = options;
    const mistake = options.compile(optionsNodeFor(tables, packet, arrival));
    // Until somebody sends the packet on, its header checksum is the one that it came with.
    const changed = (): Ipv4Packet =>
      options.isChanged ? packet.withOptions(packet.dst, options.bytes, packet.checksumField()) : packet;
    if (mistake >= 0) {
      tables.drops.drop('ip.bad-options', packet);
      this.#errors.send(changed(), arrival, ICMP_PARAMETER_PROBLEM, 0, (mistake << 24) >>> 0);
      return;
    }
    if (options.sourceRoute < 0) {
      this.#dispatch(changed(), route, arrival);
      return;
    }
    if (!arrival.inbound.config.acceptSourceRoute) {
      tables.drops.drop('ip.source-route', packet);
      return;
    }
    const followed = followSourceRoute(tables, this.#errors, changed(), route, options, arrival);
    if (typeof followed === 'string') {
      tables.drops.drop(followed, packet);
      return;
    }
    arrival.routed(followed.route);
    const next = options.isChanged
      ? packet.withOptions(followed.dst, options.bytes, packet.checksumField())
      : packet;
    this.#dispatch(next, followed.route, arrival);
  }
}
