/**
 * IPv4 of one node, composed of its machines: ARP and neighbours, routes, input, forwarding, output, reassembly, ICMP,
 * groups. `IpStack` decides which family is meant.
 */
import type { FrameHandler, NetDevice } from '../link/device.ts';
import type { EthernetFrame } from '../link/frame.ts';
import { ANY_V4, type IpAddress } from '../packet/ip-address.ts';
import type { MacAddress } from '../packet/mac-address.ts';
import { Payload } from '../packet/payload.ts';
import { bytesOf, type Pdu } from '../packet/pdu.ts';
import { type Prefix, parsePrefix } from '../packet/prefix.ts';
import { DecodeError } from '../sim/errors.ts';
import { Addressing, type RouteSpec } from './addressing.ts';
import { ArpPacket } from './arp.ts';
import { ArpProtocol } from './arp-protocol.ts';
import { ENODEV, ENOENT } from './errno.ts';
import { ICMP_UNREACHABLE, UNREACHABLE_PORT } from './icmp.ts';
import { IcmpErrors } from './icmp-errors.ts';
import { IcmpInput } from './icmp-input.ts';
import { ALL_HOSTS, IgmpMembership } from './igmp-membership.ts';
import type { Interface } from './interface.ts';
import { InterfacePort } from './interface-port.ts';
import { type IpPacket, PROTOCOL_ICMP, PROTOCOL_IGMP } from './ip-packet.ts';
import { Ipv4Packet } from './ipv4.ts';
import { Ipv4Forward } from './ipv4-forward.ts';
import { Ipv4Input } from './ipv4-input.ts';
import { echoOptions } from './ipv4-options.ts';
import { Ipv4Output } from './ipv4-output.ts';
import type { Ipv4Route } from './ipv4-route.ts';
import { routeOutput } from './ipv4-route-output.ts';
import { Ipv4Tables } from './ipv4-tables.ts';
import { LoopedFrame } from './looped-frame.ts';
import { type NeighbourState, neighbourStateBit } from './neighbour.ts';
import { NeighbourTable } from './neighbour-table.ts';
import { outgoingOptions } from './outgoing-options.ts';
import { optionsNodeFor } from './own-address.ts';
import { LOCAL_ORIGIN, type PacketOrigin } from './packet-origin.ts';
import type { Route, SendOptions } from './ports.ts';
import type { Protocols } from './protocols.ts';
import { ReassemblyTable } from './reassembly-table.ts';
import { Redirects } from './redirects.ts';
import { RouteCache } from './route-cache.ts';
import type { SharedFloor } from './shared-floor.ts';
import { type NeighbourRow, neighbourRows, type RouteRow, routeRows } from './table-rows.ts';

export class Ipv4Stack {
  readonly #floor: SharedFloor;
  readonly #tables: Ipv4Tables;
  readonly #arp: ArpProtocol;
  readonly #neighbours: NeighbourTable;
  readonly #output: Ipv4Output;
  readonly #errors: IcmpErrors;
  readonly #input: Ipv4Input;
  readonly #groups: IgmpMembership;
  readonly #addressing: Addressing;
  /** Routes of sent packets that nothing but their addresses constrains. */
  readonly #routes = new RouteCache<Ipv4Route>();

  constructor(floor: SharedFloor, protocols: Protocols<Ipv4Packet>) {
    const { simulator, name, random, drops, peers } = floor;
    this.#floor = floor;
    const tables = new Ipv4Tables(simulator, floor.ipv4Config, drops);
    const onUnreachable = (packet: IpPacket, origin: PacketOrigin): void => this.#unreachable(packet, origin);
    this.#tables = tables;
    this.#arp = new ArpProtocol(tables, `${name}/arp`, random.stream(`${name} arp`), onUnreachable);
    this.#neighbours = new NeighbourTable(
      simulator,
      `${name}/neighbours`,
      random.stream(`${name} neighbours`),
      drops,
      this.#arp,
    );
    this.#output = new Ipv4Output(
      tables,
      `${name}/ip`,
      this.#neighbours,
      random.stream(`${name} ip`),
      (iface, packet) => this.#input.receiveOwn(iface, packet),
    );
    this.#errors = new IcmpErrors(tables, this.#output, floor.icmpLimits);
    this.#groups = new IgmpMembership(tables, `${name}/igmp`, this.#output, random.stream(`${name} igmp`));
    const forward = new Ipv4Forward(tables, this.#output, this.#errors, peers);
    const reassembly = new ReassemblyTable(tables, `${name}/reassembly`, this.#errors, peers);
    this.#input = new Ipv4Input(tables, forward, this.#errors, reassembly, protocols);
    const redirects = new Redirects(tables, this.#neighbours);
    const icmp = new IcmpInput(tables, this.#output, protocols, redirects);
    protocols.registerOwn(PROTOCOL_ICMP, icmp);
    protocols.registerOwn(PROTOCOL_IGMP, this.#groups);
    this.#addressing = new Addressing(tables);
    floor.sysctls.watch(() => this.#readSysctls());
  }

  // Composition.

  /** @param above what gets the frames that need a closer look @returns who gets the frames of the device first */
  addInterface(iface: Interface, above: FrameHandler): FrameHandler {
    this.#tables.interfaces.push(iface);
    this.#groups.join(ALL_HOSTS, iface);
    if (iface.device.isLoopback) this.addAddress(iface, parsePrefix('127.0.0.1/8'));
    return new InterfacePort(this.#tables, iface, above);
  }

  addAddress(iface: Interface, prefix: Prefix): number {
    const added = this.#addressing.addAddress(iface, prefix);
    if (typeof added === 'number') return added;
    if (iface.config.arpNotify && iface.device.isUp) this.#arp.announce(iface, added.address);
    return 0;
  }

  removeAddress(iface: Interface, address: IpAddress): number {
    return this.#addressing.removeAddress(iface, address);
  }

  addRoute(route: RouteSpec): number {
    return this.#addressing.addRoute(route, (device) => this.#floor.interfaceOf(device));
  }

  removeRoute(route: RouteSpec): number {
    return this.#addressing.removeRoute(route);
  }

  setNeighbour(iface: Interface, address: IpAddress, mac: MacAddress | null, state: NeighbourState): number {
    return this.#neighbours.set(address, iface, mac, neighbourStateBit(state));
  }

  removeNeighbour(iface: Interface, address: IpAddress): number {
    const neighbour = this.#neighbours.find(address, iface);
    if (neighbour === null) return -ENOENT;
    this.#neighbours.remove(neighbour);
    return 0;
  }

  announce(iface: Interface, address: IpAddress): void {
    this.#arp.announce(iface, address);
  }

  neighbours(): NeighbourRow[] {
    return neighbourRows(this.#neighbours.all());
  }

  routes(all: boolean): RouteRow[] {
    const { local, main } = this.#tables.fib;
    return routeRows([...(all ? local.all() : []), ...main.all()]);
  }

  // From the link.

  /** @param isHostFrame the frame was addressed to this node alone */
  receive(iface: Interface, isHostFrame: boolean, frame: EthernetFrame): void {
    const { payload } = frame;
    if (iface.device.isLoopback && frame instanceof LoopedFrame && payload instanceof Ipv4Packet)
      this.#input.receiveLooped(iface, payload, frame.route as Ipv4Route);
    else if (payload instanceof Ipv4Packet) this.#input.receive(iface, isHostFrame, payload);
    else this.#input.receiveBytes(iface, isHostFrame, asBytes(payload));
  }

  receiveArp(iface: Interface, isHostFrame: boolean, payload: Pdu): void {
    if (iface.device.isLoopback) return;
    let arp: ArpPacket;
    try {
      arp = payload instanceof ArpPacket ? payload : ArpPacket.parse(asBytes(payload));
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      this.#tables.drops.drop(`arp.${error.reason}`, payload);
      return;
    }
    this.#arp.onPacket(iface, isHostFrame, arp, this.#neighbours);
  }

  /** @param isSwitched the device was switched on or off; else only its carrier came or went */
  onLinkChange(iface: Interface, isSwitched: boolean): void {
    const { device } = iface;
    if (!device.isUp) this.#neighbours.flush(iface, !device.isEnabled);
    if (isSwitched) {
      this.#addressing.deviceChanged(iface);
      this.#groups.deviceChanged(iface);
    }
    if (device.isUp && iface.config.arpNotify)
      for (const { address } of iface.addresses) this.#arp.announce(iface, address);
  }

  // For the floors above.

  route(dst: IpAddress, source: IpAddress | null, options: SendOptions): Route | number {
    const route = this.#routeFor(dst, source, options);
    return typeof route === 'number' ? route : (route as Route);
  }

  send(src: IpAddress, dst: IpAddress, protocol: number, payload: Pdu, options: SendOptions): number {
    const asked = src.isUnspecified ? null : src;
    if (options.ipOptions !== null) return this.#sendWithOptions(asked, dst, protocol, payload, options);
    const route = this.#routeFor(dst, asked, options);
    if (typeof route === 'number') return route;
    const to = dst === ANY_V4 ? route.nextHop : dst; // 0.0.0.0 means this host
    return this.#output.originate(route, asked ?? route.source, to, protocol, payload, options);
  }

  reply(packet: Ipv4Packet, protocol: number, payload: Pdu, options: SendOptions): number {
    const received = this.#input.optionsOf(packet);
    const echoed =
      received === null
        ? null
        : echoOptions(received, packet.src, optionsNodeFor(this.#tables, packet, LOCAL_ORIGIN));
    if (echoed === 'impossible') return 0;
    const route = this.#routeFor(echoed?.firstHop ?? packet.src, packet.dst, options);
    if (typeof route === 'number') return route;
    return this.#output.answer(route, packet.dst, packet.src, protocol, payload, options, echoed);
  }

  isLocal(address: IpAddress): boolean {
    return this.#tables.typeOf(address) === 'local';
  }

  isBroadcast(address: IpAddress): boolean {
    return this.#tables.isBroadcast(address);
  }

  joinGroup(group: IpAddress, iface: Interface): void {
    this.#groups.join(group, iface);
  }

  leaveGroup(group: IpAddress, iface: Interface): void {
    this.#groups.leave(group, iface);
  }

  /** A transport had an answer from `dst`: the neighbour on the way there is alive (RFC 4861 7.3.1). */
  confirm(dst: IpAddress): void {
    const route = this.#plainRoute(dst, null);
    if (typeof route !== 'number' && route.neighbour !== null) this.#neighbours.confirm(route.neighbour);
  }

  deviceByAddress(address: IpAddress): NetDevice | null {
    return this.#tables.ownerOf(address)?.device ?? null;
  }

  sendPortUnreachable(packet: Ipv4Packet, iface: Interface, length: number): void {
    const origin = this.#input.arrivalOf(iface);
    this.#errors.send(packet, origin, ICMP_UNREACHABLE, UNREACHABLE_PORT, 0, packet.headerSize + length);
  }

  #routeFor(dst: IpAddress, source: IpAddress | null, options: SendOptions): Ipv4Route | number {
    const { device, dontRoute, foreignSource } = options;
    if (device === null && !dontRoute && !foreignSource) return this.#plainRoute(dst, source);
    const out = device === null ? null : this.#floor.interfaceOf(device);
    if (device !== null && out === null) return -ENODEV;
    return routeOutput(this.#tables, dst, source, { out, onLinkOnly: dontRoute, foreignSource });
  }

  #plainRoute(dst: IpAddress, source: IpAddress | null): Ipv4Route | number {
    const tables = this.#tables;
    const known = this.#routes.find(dst, source, tables.version, tables.simulator.now);
    if (known !== null) return known;
    const route = routeOutput(tables, dst, source, { out: null, onLinkOnly: false, foreignSource: false });
    if (typeof route !== 'number') this.#routes.store(route);
    return route;
  }

  /** IP_OPTIONS: a source route goes to its first hop, and names the destination last. */
  #sendWithOptions(
    src: IpAddress | null,
    dst: IpAddress,
    protocol: number,
    payload: Pdu,
    options: SendOptions,
  ): number {
    const outgoing = outgoingOptions(options.ipOptions!);
    if (typeof outgoing === 'number') return outgoing;
    const route = this.#routeFor(outgoing.firstHop ?? dst, src, options);
    if (typeof route === 'number') return route;
    return this.#output.answer(route, src ?? route.source, dst, protocol, payload, options, outgoing);
  }

  #unreachable(packet: IpPacket, origin: PacketOrigin): void {
    if (packet instanceof Ipv4Packet) this.#errors.sendHostUnreachable(packet, origin);
  }

  #readSysctls(): void {
    const { interfaces, config } = this.#tables;
    config.read(interfaces.map(({ device }) => device.name));
    for (const iface of interfaces) iface.readConfig();
    this.#tables.version++;
  }
}

function asBytes(payload: Pdu): Payload {
  return payload instanceof Payload ? payload : new Payload(bytesOf(payload));
}
